"""A project whose accepted pairs came about in every way there is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from annotator.domain.roles import Role
from annotator.formats.exports.orders import ExportOrder
from annotator.models import Comment, Export, Pair, Project, Review, User, Verdict
from annotator.services import exporting, quality
from revision_engine.types import PairText
from tests import factories

TURNS = [
    {"role": "system", "content": "You are kind."},
    {"role": "user", "content": "Hello?"},
    {"role": "assistant", "content": "Good day."},
]
ODD = {
    "id": 7,
    "category": "nature",
    "source": "forest",
    "tags": ["b", {"z": 1, "a": 1.50}],
    "odd": "a\0b\ud800",
    "provenance": {"from": "elsewhere"},
}


def make() -> tuple[Project, User]:
    """A project and its lead; eight pairs, five of them accepted."""
    project = factories.make_drafted(3)
    lead = factories.make_member(project, Role.LEAD, "lena")
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    _mended(project, anna, rosa)
    _corrected(project, anna, rosa)
    _unseen(project, anna)
    _imported(project)
    return project, lead


def _mended(project: Project, anna: User, rosa: User) -> None:
    review = factories.review(project, anna)
    quality.fix_and_accept(
        token=_judge(project, rosa), person=rosa, text=longer(review.text, " Rosa.")
    )
    Comment.objects.create(pair=review.pair, author=rosa, body="Look at this.")


def _corrected(project: Project, anna: User, rosa: User) -> None:
    factories.review(project, anna)
    quality.send_back(
        token=_judge(project, rosa), person=rosa, reason="style", note="Warmer."
    )
    factories.review(project, anna, _raw(project))
    quality.accept(token=_judge(project, rosa), person=rosa)


def _raw(project: Project) -> PairText:
    pair = Pair.objects.filter(project=project, state="ready").earliest("pk")
    return longer(pair.text, " Is it not?")


def _unseen(project: Project, anna: User) -> None:
    review = factories.review(project, anna)
    Verdict.objects.create(review=review, accepted=True, kind=Verdict.Kind.UNSAMPLED)
    Pair.objects.filter(pk=review.pair_id).update(state="accepted")


def _imported(project: Project) -> None:
    revised, plain = factories.rows(5, revised=True)[3:], factories.rows(8)[5:]
    revised[0] |= ODD
    revised[1] |= {"Raw Input": 'a, "b"\n=c', "Revised Input": 'a, "b"\n=c'}
    factories.import_rows(project, [*revised, *plain])
    first = Pair.objects.filter(project=project, external_id="7")
    first.update(context=TURNS)


def longer(text: PairText, more: str) -> PairText:
    return PairText(
        instruction=text.instruction, input=text.input, response=text.response + more
    )


def _judge(project: Project, rosa: User) -> Any:
    lease = quality.claim(project=project, person=rosa)
    assert lease is not None
    return lease.token


def reviews(project: Project) -> list[Review]:
    """The accepted texts as the ORM's models hold them, in the order of the import."""
    found = Review.objects.filter(
        pair__project=project, pair__state="accepted", verdict__accepted=True
    )
    joined = found.select_related(
        *("pair__batch", "draft__coach", "author", "verdict__fix", "verdict__judge")
    )
    return list(joined.order_by("pair__batch_id", "pair__row"))


def written(project: Project, lead: User, **asked: Any) -> tuple[Export, Path]:
    """An export that was asked for and written, and its file."""
    order = ExportOrder.from_dict(asked)
    export = exporting.request(project=project, actor=lead, order=order)
    exporting.write(export.pk)
    export.refresh_from_db()
    assert export.state == Export.State.DONE, export.problem
    return export, exporting.file_of(export)


def lines(project: Project, lead: User, **asked: Any) -> list[dict[str, Any]]:
    """The rows of an export as JSON lines."""
    _, path = written(project, lead, **asked)
    return [json.loads(line) for line in path.read_text().splitlines()]
