"""A pair's history in people's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotator.domain.actions import Action
from annotator.domain.effort import Decision
from annotator.models import Review, Verdict
from annotator.models.texts import RAW_LABELS
from annotator.selectors.history import HistoryEntry
from annotator.web import labels, rubric, verdicts
from annotator.web.punctuation import colon, comma
from revision_engine.postprocess import Problem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

ACTIONS: dict[str, StrPromise] = {
    Action.QUEUED: _("went into the queue"),
    Action.EXCLUDED: _("excluded the pair"),
    Action.EXCLUDED_BY_RULE: _("was excluded by a rule"),
    Action.EXCLUSION_OVERRULED: _("brought the pair back"),
    Action.DRAFTING: _("went to the coach"),
    Action.DRAFTED: _("got its draft"),
    Action.DRAFTED_ANEW: _("got a new draft in place of the old one"),
    Action.EARLIER_DRAFT_TAKEN_UP: _("got an earlier draft back"),
    Action.SPARED: _("was spared people: the coach would hardly change it"),
    Action.NEVER_CAME: _("came back without a draft"),
    Action.WITHOUT_DRAFT: _("became ready, without a draft"),
    Action.CLAIMED_FOR_REVIEW: _("opened the pair"),
    Action.CLAIMED_AGAIN: _("opened the pair again"),
    Action.CLAIMED_FOR_QUALITY: _("opened the review"),
    Action.GIVEN_BACK: _("gave the pair back"),
    Action.REVIEW_GIVEN_BACK: _("gave the review back"),
    Action.LAID_DOWN: _("laid the pair down for later"),
    Action.SKIPPED: _("skipped the pair"),
    Action.BACK_TO_THE_QUEUE: _("sent the pair back to the queue"),
    Action.SUBMITTED: _("submitted the review"),
    Action.FIRST_OF_TWO: _("submitted the first of two texts"),
    Action.TWO_AGREE: _("submitted the second text: the two agree"),
    Action.TWO_DIFFER: _("submitted the second text: the two differ"),
    Action.NO_SECOND_PERSON_CAME: _("went on with one text: no second person came"),
    Action.ADJUDICATED: _("chose between the two texts"),
    Action.SUBMIT_UNDONE: _("took the submit back"),
    Action.EXCLUSION_UNDONE: _("took the exclusion back"),
    Action.SKIP_UNDONE: _("took the skip back"),
    Action.GIVING_BACK_UNDONE: _("took the pair again at once"),
    Action.ACCEPTANCE_UNDONE: _("took the acceptance back"),
    Action.RETURN_UNDONE: _("took back that the review was sent back"),
    Action.BULK_UNDONE: _("took the acceptance in bulk back"),
    Action.CHOICE_UNDONE: _("took the choice between the two texts back"),
    Action.LEASE_RAN_OUT: _("the hold on the pair ran out"),
    Action.HOLDER_LEFT: _("its holder left the project, or may do less in it now"),
    Action.ACCEPTED: _("accepted the review"),
    Action.FIXED_AND_ACCEPTED: _("mended the review and accepted it"),
    Action.ACCEPTED_UNSEEN: _("was accepted unseen: not drawn for quality control"),
    Action.ACCEPTED_IN_BULK: _("accepted the review in bulk"),
    Action.SENT_BACK: _("sent the review back"),
    Action.UPDATED_BY_IMPORT: _("got another text from an import with its id"),
    Action.BACK_TO_ITS_IMPORT: _("took a revision that came for the pair"),
    Action.IMPORTED_AS_ACCEPTED: _("came with an accepted revision"),
    Action.TEXT_ALTERED: _("had its raw text altered by rules"),
    Action.TEXT_PUT_BACK: _("put the raw text back as it was"),
    Action.PROPOSAL_TAKEN: _("excluded the pair, as a rule proposed"),
    Action.RULE_WITHDRAWN: _("came back: the run of rules that excluded it is undone"),
    Action.EXPORTED: _("exported the pair for the first time"),
}
if wordless := set(Action) - set(ACTIONS):
    raise LookupError(f"No words for {', '.join(sorted(wordless))}.")
TITLES = {
    "comment": _("said"),
    "offered": _("kept this revision, which came with an import"),
    "typed": _("typed this, and it is not the review"),
}
COMPARED = {
    "": "",
    "before": _("beside what it was"),
    "raw": _("beside the raw pair"),
    "draft": _("beside the draft"),
    "review": _("the reviewer's text beside the author's"),
}


FAILED: dict[str, StrPromise] = {
    Action.DRAFTED: _("became ready as it was imported: the coach could not draft it"),
    Action.DRAFTED_ANEW: _(
        "lost its draft: the new coach could not draft it, and it is ready as imported"
    ),
}
"""Of a draft that is none: the raw pair stands in its place."""
NAMES_A_COACH = {
    Action.DRAFTED,
    Action.DRAFTED_ANEW,
    Action.EARLIER_DRAFT_TAKEN_UP,
    Action.SPARED,
}


def entries(
    timeline: Iterable[HistoryEntry],
    drafts: Mapping[int, int] | None = None,
    *,
    blind: bool = False,
) -> list[dict[str, object]]:
    """The history of a pair in people's words; `blind`: without the coaches' names.

    `drafts` has the number of each draft by its key: of several, each step says which.
    """
    several = drafts if drafts and len(drafts) > 1 else {}
    told = list(timeline)
    return [
        {
            "at": entry.at,
            "kind": entry.kind,
            "who": _("a coach") if blind and entry.kind == "draft" else entry.who,
            "note": "" if blind and entry.what in NAMES_A_COACH else entry.note,
            "title": _title(entry, told[:number], several),
            "details": _details(entry),
            "withdrawn": _is_undone(entry.row),
            "compared": _compared(entry, several),
            "diffs": [
                {"label": RAW_LABELS[d.name], "hunks": d.hunks} for d in entry.diffs
            ],
        }
        for number, entry in enumerate(told)
    ]


def _is_undone(row: object) -> bool:
    marks = ("withdrawn_at", "undone_at", "put_back_at")
    return any(getattr(row, mark, None) for mark in marks)


def _compared(entry: HistoryEntry, several: Mapping[int, int]) -> object:
    number = several.get(getattr(entry.row, "draft_id", None) or 0)
    if entry.compared_with == "draft" and number:
        return gettext("beside draft %d") % number
    return COMPARED[entry.compared_with]


def _title(
    entry: HistoryEntry, before: Sequence[HistoryEntry], several: Mapping[int, int]
) -> object:
    match entry.kind:
        case "draft":
            return _wrote(entry, several)
        case "review":
            what = entry.what
            return labels.DECISIONS[Decision(what)] if what else _("submitted a review")
        case "verdict" if entry.what:
            return Verdict.Reason(entry.what).label
        case "verdict":
            return verdicts.title(entry.row)
        case "rule":
            return gettext("the rule %s altered the raw text") % entry.what
        case _:
            if title := TITLES.get(entry.kind):
                return title
            failed = entry.what in FAILED and _failed(before)
            return (FAILED if failed else ACTIONS).get(entry.what, entry.what)


def _wrote(entry: HistoryEntry, several: Mapping[int, int]) -> object:
    """Which draft a coach wrote, or why it could not."""
    if entry.what:
        return gettext("could not draft: %s") % labels.PROBLEMS[Problem(entry.what)]
    number = several.get(getattr(entry.row, "pk", None) or 0)
    return gettext("wrote draft %d") % number if number else _("wrote a draft")


def _failed(before: Sequence[HistoryEntry]) -> bool:
    """Whether the draft that had just come could not be used."""
    newest = next((e for e in reversed(before) if e.kind == "draft"), None)
    return newest is not None and bool(newest.what)


def _details(entry: HistoryEntry) -> list[str]:
    if isinstance(entry.row, Verdict):
        return verdicts.details(entry.row)
    review = entry.row
    if not isinstance(review, Review):
        return []
    seconds = gettext("%(active)d s active, %(wall)d s by the clock")
    words = [seconds % {"active": review.active_seconds, "wall": review.wall_seconds}]
    if review.withdrawn_at:
        words.append(gettext("taken back"))
    if review.guideline:
        words.append(gettext("guidelines version %d") % review.guideline.version)
    words += [str(rubric.CRITERION_WORDS[t.criterion][0]) for t in review.tags.all()]
    for score in review.scores.all():
        side, moment = rubric.SIDE_NAMES[score.side], rubric.MOMENT_NAMES[score.moment]
        words.append(f"{side}{comma()}{moment}{colon()}{score.score}")
    return words
