"""Pairs before and after, of a project's accepted texts and of rewrites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.domain.states import PairState
from annotator.formats.exports.orders import NO_CATEGORY, Wanted
from annotator.formats.exports.sources import Needs
from annotator.formats.two_sided import Found, TwoSides
from annotator.models import Draft, Pair, Project, Rewrite, RewriteRow
from annotator.selectors import exported
from revision_engine.types import PairText

NOT_ACCEPTED = "not accepted yet"
EXCLUDED = "excluded"
NOT_DONE = "not revised yet"
_RAW = ("instruction", "input", "response")
_REVISED = ("revised_instruction", "revised_input", "revised_response")


def accepted(project: Project, wanted: Wanted, *, most: int) -> Found:
    """Accepted pairs: as they came, and the text that counts. In the import's order."""
    found = exported.accepted(project, wanted)
    ids = exported.review_ids(found)
    _refuse_too_many(len(ids), most)
    made = Found(left_out=_others(project, wanted))
    for chunk in exported.chunks(ids):
        rows = exported.sources(found, chunk, needs=Needs(raw=True), with_origin=False)
        made.pairs += [
            TwoSides(
                number=row.pair, category=row.category, raw=row.raw, revised=row.text
            )
            for row in rows
        ]
    return made


def _others(project: Project, wanted: Wanted) -> Counter[str]:
    """Pairs of the same batch, coach and category that are not accepted, and why."""
    of = Pair.objects.filter(project=project)
    if wanted.batch is not None:
        of = of.filter(batch=wanted.batch)
    if wanted.coach is not None:
        drafted = Draft.objects.filter(coach=wanted.coach, pair__project=project)
        of = of.filter(pk__in=drafted.values("pair"))
    if wanted.category:
        name = "" if wanted.category == NO_CATEGORY else wanted.category
        of = of.filter(category=name)
    excluded = of.filter(state=PairState.EXCLUDED).count()
    ended = (PairState.EXCLUDED, PairState.ACCEPTED)
    waiting = of.exclude(state__in=ended).count()
    return +Counter({EXCLUDED: excluded, NOT_ACCEPTED: waiting})


def rewritten(rewrite: Rewrite, *, most: int) -> Found:
    """The rows that are done, whoever's text stands in them."""
    done = rewrite.rows.filter(state=RewriteRow.State.DONE).order_by("position")
    _refuse_too_many(done.count(), most)
    rows = done.values_list("position", *_RAW, *_REVISED)
    pairs = [
        TwoSides(number=position, raw=_text(texts[:3]), revised=_text(texts[3:]))
        for position, *texts in rows.iterator(chunk_size=exported.CHUNK)
    ]
    left = rewrite.rows.exclude(state=RewriteRow.State.DONE).count()
    return Found(pairs=pairs, left_out=+Counter({NOT_DONE: left}))


def raw_texts(project: Project, ids: Sequence[int]) -> dict[int, PairText]:
    """How some of the project's pairs came."""
    rows = Pair.objects.filter(project=project, pk__in=ids).values_list("pk", *_RAW)
    return {pk: _text(texts) for pk, *texts in rows}


def _text(texts: Sequence[str]) -> PairText:
    instruction, input_, response = texts
    return PairText(instruction=instruction, input=input_, response=response)


def _refuse_too_many(count: int, most: int) -> None:
    if count > most:
        raise Invalid(
            gettext(
                "There are %(count)s pairs; a report is made of at most %(most)s. "
                "Choose a batch or a category."
            )
            % {"count": f"{count:,}", "most": f"{most:,}"}
        )
