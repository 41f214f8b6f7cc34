"""A pair's history in people's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotator.domain.effort import Decision
from annotator.models import Review, Verdict
from annotator.selectors.history import Entry
from annotator.web import labels, verdicts
from revision_engine.postprocess import Problem

ACTIONS = {
    "queued": _("went into the queue"),
    "excluded": _("set the pair aside"),
    "excluded by rule": _("was set aside by a rule"),
    "exclusion overruled": _("brought the pair back"),
    "drafting": _("went to the coach"),
    "drafted": _("got its draft"),
    "drafted anew": _("got a new draft in place of the old one"),
    "earlier draft taken up": _("got an earlier draft back"),
    "spared": _("was spared people: the coach would hardly change it"),
    "draft never came": _("came back without a draft"),
    "ready without a draft": _("became ready, without a draft"),
    "claimed for review": _("opened the pair"),
    "claimed again": _("opened the pair again"),
    "claimed for quality": _("opened the review"),
    "given back": _("gave the pair back"),
    "review given back": _("gave the review back"),
    "laid down": _("laid the pair down for later"),
    "skipped": _("skipped the pair"),
    "back to the queue": _("sent the pair back to the queue"),
    "submitted": _("submitted the review"),
    "submitted, a second follows": _("submitted the first of two texts"),
    "submitted, the two agree": _("submitted the second text: the two agree"),
    "submitted, the two differ": _("submitted the second text: the two differ"),
    "no second person came": _("went on with one text: no second person came"),
    "adjudicated": _("chose between the two texts"),
    "submit undone": _("took the submit back"),
    "exclusion undone": _("took the exclusion back"),
    "skip undone": _("took the skip back"),
    "giving back undone": _("took the pair again at once"),
    "acceptance undone": _("took the acceptance back"),
    "return undone": _("took back that the review was sent back"),
    "acceptance in bulk undone": _("took the acceptance in bulk back"),
    "choice undone": _("took the choice between the two texts back"),
    "lease ran out": _("the hold on the pair ran out"),
    "holder left": _("its holder left the project, or may do less in it now"),
    "accepted": _("accepted the review"),
    "fixed and accepted": _("mended the review and accepted it"),
    "accepted unseen": _("was accepted unseen: not drawn for quality control"),
    "accepted in bulk": _("accepted the review in bulk"),
    "sent back": _("sent the review back"),
    "back to its import": _("took a revision that came for the pair"),
    "imported as accepted": _("came with an accepted revision"),
    "exported": _("exported the pair for the first time"),
}
TITLES = {
    "comment": _("said"),
    "offered": _("kept this revision, which came with an import"),
    "typed": _("typed this, and it is not the review"),
}
COMPARED = {
    "": "",
    "raw": _("beside the raw pair"),
    "draft": _("beside the draft"),
    "review": _("the reviewer's text beside the author's"),
}


FAILED = {
    "drafted": _("became ready as it was imported: the coach could not draft it"),
    "drafted anew": _(
        "lost its draft: the new coach could not draft it, and it is ready as imported"
    ),
}
"""Of a draft that is none: the raw pair stands in its place."""
NAMES_A_COACH = {"drafted", "drafted anew", "earlier draft taken up", "spared"}


def entries(
    timeline: Iterable[Entry], *, blind: bool = False
) -> list[dict[str, object]]:
    """The history of a pair in people's words; `blind`: without the coaches' names."""
    told = list(timeline)
    return [
        {
            "at": entry.at,
            "kind": entry.kind,
            "who": _("a coach") if blind and entry.kind == "draft" else entry.who,
            "note": "" if blind and entry.what in NAMES_A_COACH else entry.note,
            "title": _title(entry, told[:number]),
            "details": _details(entry),
            "withdrawn": _is_undone(entry.row),
            "compared": COMPARED[entry.compared_with],
            "diffs": [
                {"label": labels.FIELDS[d.name], "hunks": d.hunks} for d in entry.diffs
            ],
        }
        for number, entry in enumerate(told)
    ]


def _is_undone(row: object) -> bool:
    marks = ("withdrawn_at", "undone_at")
    return any(getattr(row, mark, None) for mark in marks)


def _title(entry: Entry, before: Sequence[Entry]) -> object:
    match entry.kind:
        case "draft" if entry.what:
            return gettext("could not draft: %s") % labels.PROBLEMS[Problem(entry.what)]
        case "draft":
            return _("wrote a draft")
        case "review":
            what = entry.what
            return labels.DECISIONS[Decision(what)] if what else _("sent a review in")
        case "verdict" if entry.what:
            return Verdict.Reason(entry.what).label
        case "verdict":
            return verdicts.title(entry.row)
        case _:
            if title := TITLES.get(entry.kind):
                return title
            failed = entry.what in FAILED and _failed(before)
            return (FAILED if failed else ACTIONS).get(entry.what, entry.what)


def _failed(before: Sequence[Entry]) -> bool:
    """Whether the draft that had just come could not be used."""
    newest = next((e for e in reversed(before) if e.kind == "draft"), None)
    return newest is not None and bool(newest.what)


def _details(entry: Entry) -> list[str]:
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
    words += [str(labels.CRITERION_WORDS[t.criterion][0]) for t in review.tags.all()]
    for score in review.scores.all():
        side, moment = labels.SIDE_NAMES[score.side], labels.MOMENT_NAMES[score.moment]
        words.append(f"{side}, {moment}: {score.score}")
    return words
