"""Which base models a run may name, and whether it can work where runs are trained."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from annotator.selectors import parts
from revision_engine.base_models import PACKAGED, Place, is_on_hub, place
from training import memory
from training.config import LoraConfig

TRAINING = "training"


def base_models() -> list[str]:
    """Those that runs and adapters may name."""
    return sorted({*PACKAGED, settings.BASE_MODEL, *settings.BASE_MODELS})


def offered() -> list[tuple[str, Place]]:
    """Those of them that are here or can be had, and the installation's own."""
    places = [(name, place(name)) for name in base_models()]
    return [
        (name, where)
        for name, where in places
        if where != Place.NOWHERE or name == settings.BASE_MODEL
    ]


def check_base_model(name: object) -> None:
    """A run reads whatever its base model names: only what the settings allow."""
    if name not in (allowed := base_models()):
        raise ValueError(
            gettext(
                "base_model may be %(allowed)s, got %(name)r: the setting "
                "COACHLM_BASE_MODELS allows more."
            )
            % {"allowed": ", ".join(allowed), "name": name}
        )


def check_base(name: str, revision: str = "") -> None:
    """ValueError unless a base model can be had, at its revision.

    The installation's own may lie where runs are trained, and not here."""
    if revision and not is_on_hub(name):
        raise ValueError(
            gettext(
                "base_revision is a commit of a model on a hub: of %(name)s, which is "
                "on this machine, there is one alone. Leave it empty."
            )
            % {"name": name}
        )
    if name != settings.BASE_MODEL and place(name, revision) == Place.NOWHERE:
        raise ValueError(
            gettext(
                "base_model: %(name)s is not on this machine, and no hub can be asked "
                "for it. Choose another one, or bring its files here."
            )
            % {"name": name}
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """What is known of a run before it starts."""

    likely: int | None
    """Bytes that it likely takes; None: the base model's files are not here."""
    why_not: str
    """Why it cannot work where runs are trained; empty: it may."""


def fit(config: LoraConfig) -> Fit:
    """Told from the base model's files and from what the training worker has said."""
    found = memory.need(config)
    likely = found.likely if found else None
    if config.precision == "4bit" and parts.quantizes(TRAINING) is False:
        return Fit(
            likely,
            gettext(
                "precision: 4-bit needs a CUDA GPU and the package bitsandbytes where "
                "runs are trained, and they are not there. Choose bf16 or fp32."
            ),
        )
    unknown, has = memory.unknown_targets(config)
    if unknown:
        return Fit(
            likely,
            gettext(
                "targets: the base model has no linear layer named %(unknown)s; it has "
                "%(has)s."
            )
            % {"unknown": ", ".join(unknown), "has": ", ".join(has)},
        )
    return Fit(likely, memory.refusal(config, found, parts.memory_of(TRAINING)))


def fit_whole(base_model: str) -> Fit:
    """The same of a model all of whose weights learn."""
    found = memory.need(LoraConfig(base_model=base_model), whole=True)
    why = memory.refusal_of_whole(base_model, found, parts.memory_of(TRAINING))
    return Fit(found.likely if found else None, why)
