"""The judges of this installation, as its settings say."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from django.conf import settings

from revision_engine.saying import gettext
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.endpoint import EndpointJudge, EndpointOptions
from training.evaluation.judges.judge import Judge
from training.evaluation.judges.preference_model import PreferenceModel, UnfitModel


class Kind(StrEnum):
    """The judges that there are."""

    EMBEDDED = "embedded"
    """A preference model; needs no network."""
    ENDPOINT = "endpoint"
    """A language model behind JUDGE_BASE_URL."""


class NoJudge(Exception):
    """It cannot be had here; the message names the setting."""


def judge(kind: Kind) -> Judge:
    """Ready to be asked; NoJudge says what is missing."""
    return endpoint() if kind is Kind.ENDPOINT else embedded()


def available() -> list[Kind]:
    """Those that can be asked with these settings."""
    is_set = settings.JUDGE_BASE_URL and settings.JUDGE_MODEL
    return [Kind.EMBEDDED, *([Kind.ENDPOINT] if is_set else [])]


def embedded() -> EmbeddedJudge:
    """The one of JUDGE_MODEL_FILE."""
    try:
        return EmbeddedJudge(PreferenceModel.read(Path(settings.JUDGE_MODEL_FILE)))
    except UnfitModel as fault:
        raise NoJudge(f"JUDGE_MODEL_FILE: {fault}") from None


def endpoint() -> EndpointJudge:
    """The one behind JUDGE_BASE_URL; nothing is asked yet."""
    for name in ("JUDGE_BASE_URL", "JUDGE_MODEL"):
        if not getattr(settings, name):
            raise NoJudge(
                gettext("%(name)s is not set: there is no model that judges.")
                % {"name": name}
            )
    return EndpointJudge(
        EndpointOptions(
            base_url=settings.JUDGE_BASE_URL.rstrip("/"),
            model=settings.JUDGE_MODEL,
            api_key=settings.JUDGE_API_KEY,
            answers=Path(settings.JUDGE_ANSWERS),
            concurrency=settings.JUDGE_CONCURRENCY,
            timeout=settings.JUDGE_TIMEOUT_SECONDS,
            tries=settings.JUDGE_TRIES,
            max_new_tokens=settings.JUDGE_MAX_NEW_TOKENS,
            prompt_price=settings.JUDGE_PROMPT_PRICE,
            completion_price=settings.JUDGE_COMPLETION_PRICE,
        )
    )
