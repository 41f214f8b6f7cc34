"""Fit anew which drafts of a coach help, from all that is known of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from revision_engine.types import PairText
from training import adapter_zips
from training.adapter_zips import AdapterRefused
from training.evaluation import estimate_papers
from training.evaluation.helpfulness import (
    VERSION,
    Estimate,
    Example,
    Origin,
    estimate,
    example,
)
from training.manifest import BadManifest
from training.models import (
    CoachVersion,
    CrossFittedDraft,
    EvaluationSample,
    HelpEstimate,
)
from training.selectors import help_estimate, latest_evaluation

MOST = 5_000
"""Cross-fitted drafts that a fit takes."""
NAME = "help_estimate.json"
"""Beside an adapter that comes from elsewhere: `adapter_sha256`, `held_out` (drafts),
and `estimate`."""


def refit(coach: CoachVersion, reviewed: Sequence[Example] = ()) -> HelpEstimate | None:
    """Fit on held-out drafts of the coach, on those that people worked from, and on
    those of its run's cross-fitting.

    The held-out ones are those of its newest evaluation, else those that came with it,
    as do cross-fitted ones. None, and nothing is written, while all together are too
    few to tell.
    """
    held_out = _of_evaluation(coach) or _that_came(coach, Origin.HELD_OUT)
    crossed = _cross_fitted(coach) or _that_came(coach, Origin.CROSS_FITTED)
    found = estimate([*held_out, *crossed, *reviewed])
    if found is None:
        return None
    return HelpEstimate.objects.create(
        coach=coach,
        papers=found.as_dict(),
        held_out=len(held_out),
        cross_fitted=len(crossed),
        reviews=len(reviewed),
    )


def beside(folder: Path, adapter_sha256: str) -> tuple[Estimate, int] | None:
    """The estimate that lies beside an adapter, and the drafts it was fitted on; None
    if there is none. BadManifest if it is another adapter's, or cannot be read."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        papers = json.loads(path.read_text(encoding="utf-8"))
        found = Estimate.from_dict(papers["estimate"])
        theirs, held_out = papers["adapter_sha256"], int(papers["held_out"])
    except (ValueError, KeyError, TypeError) as fault:
        raise BadManifest(f"{NAME} cannot be read: {fault!r}") from None
    if theirs != adapter_sha256:
        raise BadManifest(f"{NAME} is that of another adapter, {theirs[:12]}….")
    return found, held_out


@dataclass(frozen=True, slots=True)
class Came:
    """An estimate that came with an adapter, checked."""

    estimate: Estimate

    def keep(self, coach: CoachVersion) -> HelpEstimate:
        """Make it the coach's newest."""
        counts = Counter(each.origin for each in self.estimate.examples)
        return HelpEstimate.objects.create(
            coach=coach,
            papers=self.estimate.as_dict(),
            held_out=counts[Origin.HELD_OUT],
            cross_fitted=counts[Origin.CROSS_FITTED],
            reviews=counts[Origin.REVIEWED],
        )


def papers_of(coach: CoachVersion) -> str | None:
    """The coach's estimate as a file that goes out with its adapter; None without one.

    It is bound to the weights, and to the engine whose drafts it was fitted on.
    """
    row = help_estimate(coach)
    if row is None:
        return None
    told = {
        "adapter_sha256": coach.adapter_sha256,
        "engine": settings.REVISION_BACKEND,
        "held_out": row.held_out,
        "estimate": row.papers,
    }
    return json.dumps(told, sort_keys=True) + "\n"


def came_with(folder: Path, adapter_sha256: str) -> Came | None:
    """The estimate in an adapter's folder that somebody sent; None if there is none.

    AdapterRefused if it is another adapter's or engine's, or cannot be read.
    """
    path = folder / adapter_zips.ESTIMATE
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise AdapterRefused(
            gettext("%(file)s is no JSON that can be read."), file=adapter_zips.ESTIMATE
        )
    bound = {"adapter_sha256": adapter_sha256, "engine": settings.REVISION_BACKEND}
    for name, mine in bound.items():
        if told.get(name) != mine:
            raise AdapterRefused(
                gettext(
                    "%(file)s: %(name)s is %(theirs)s, and it is %(mine)s here, so it "
                    "says nothing of these drafts. Leave it out."
                ),
                file=adapter_zips.ESTIMATE,
                name=name,
                theirs=str(told.get(name))[:80],
                mine=mine,
            )
    try:
        return Came(estimate_papers.read(told.get("estimate")))
    except estimate_papers.BadEstimate as fault:
        raise AdapterRefused(
            gettext("%(file)s: %(fault)s Leave it out if it was changed since."),
            file=adapter_zips.ESTIMATE,
            fault=fault,
        ) from None


def bring(coach: CoachVersion, folder: Path) -> HelpEstimate | None:
    """Give a coach the estimate that came with its adapter, if one did."""
    came = beside(folder, coach.adapter_sha256)
    if came is None:
        return None
    found, held_out = came
    return HelpEstimate.objects.create(
        coach=coach, papers=found.as_dict(), held_out=held_out, reviews=0
    )


def _of_evaluation(coach: CoachVersion) -> list[Example]:
    evaluation = latest_evaluation(coach)
    if evaluation is None:
        return []
    usable = evaluation.samples.filter(problem="").order_by("pk")
    return [_example(sample) for sample in usable if sample.raw and sample.expert]


def _example(sample: EvaluationSample) -> Example:
    return example(
        key=sample.source_id,
        origin=Origin.HELD_OUT,
        raw=PairText(**sample.raw),
        draft=PairText(
            instruction=sample.instruction,
            input=sample.input,
            response=sample.response,
        ),
        final=PairText(**sample.expert),
        mean_logprob=sample.mean_logprob,
    )


def _cross_fitted(coach: CoachVersion) -> list[Example]:
    """Drafts of its run's pairs by coaches that had not learned them."""
    if coach.run_id is None:
        return []
    rows = CrossFittedDraft.objects.filter(run=coach.run_id, problem="")
    drafts = rows.select_related("example").order_by("pk")[:MOST]
    return [
        example(
            key=draft.example.source_id,
            origin=Origin.CROSS_FITTED,
            raw=draft.example.raw,
            draft=PairText(
                instruction=draft.instruction,
                input=draft.input,
                response=draft.response,
            ),
            final=draft.example.revised,
            mean_logprob=draft.mean_logprob,
        )
        for draft in drafts
    ]


def _that_came(coach: CoachVersion, origin: Origin) -> list[Example]:
    row = help_estimate(coach)
    known = Estimate.from_dict(row.papers) if row else None
    if known is None or known.version != VERSION:
        return []
    return [each for each in known.examples if each.origin == origin]
