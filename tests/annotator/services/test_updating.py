"""A row whose id is here with another text: added, left out, or taken in place."""

from __future__ import annotations

import io
import json

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import AuditEvent, Batch, Draft, Pair
from annotator.services import importing
from annotator.services.receiving import Way
from tests import factories

pytestmark = pytest.mark.django_db
SameId = Batch.SameId


def row(number, response="Old.", **more):
    text = {"instruction": f"Explain the word number {number}.", "output": response}
    return {"id": number, **text, **more}


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, [row(n) for n in range(3)])
    return project


def send(project, rows, same_id, **more):
    return importing.import_pairs(
        project=project,
        actor=None,
        file=io.BytesIO(json.dumps(rows).encode()),
        name="again.json",
        way=Way(same_id=same_id),
        **more,
    )


def remarks(batch):
    return [remark.message for remark in batch.remarks.all()]


def test_by_default_it_is_a_new_pair(project):
    batch = send(project, [row(0, "New.")], SameId.ADD)

    assert (batch.imported, batch.duplicates) == (1, 0)
    assert Pair.objects.filter(external_id="0").count() == 2


def test_it_is_left_out_with_a_remark(project):
    batch = send(project, [row(0, "New."), row(9), row(1)], SameId.KEEP)

    assert (batch.imported, batch.updated, batch.duplicates) == (1, 0, 2)
    assert Pair.objects.get(external_id="0").response == "Old."
    (remark,) = remarks(batch)
    assert "is here with this id, and is kept: the row is left out" in remark


def test_an_untouched_pair_is_updated_in_place_and_its_draft_discarded(project):
    factories.draft_all(project)
    before = Pair.objects.get(external_id="0")

    batch = send(project, [row(0, "New.", lang="en"), row(1)], SameId.UPDATE)

    pair = Pair.objects.get(external_id="0")
    assert (batch.imported, batch.updated, batch.duplicates) == (0, 1, 1)
    assert (pair.pk, pair.response, pair.extra["lang"]) == (before.pk, "New.", "en")
    assert (pair.state, pair.draft, pair.arm) == (PairState.QUEUED, None, before.arm)
    assert not Draft.objects.filter(pair=pair).exists()
    assert Draft.objects.count() == 2
    event = AuditEvent.objects.get(pair=pair, action="updated by an import")
    assert "again.json, row 1" in event.note
    assert "Old." in event.note


def test_it_is_drafted_anew_and_known_by_its_new_text(project):
    factories.draft_all(project)
    send(project, [row(0, "New.")], SameId.UPDATE)
    factories.draft_all(project)

    again = send(project, [row(0, "New.")], SameId.UPDATE)

    pair = Pair.objects.get(external_id="0")
    assert (again.updated, again.duplicates) == (0, 1)
    assert pair.draft.response.startswith("New.")


def test_what_somebody_has_touched_is_not_altered(project):
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR)
    review = factories.review(project, anna)
    number = int(review.pair.external_id)

    batch = send(project, [row(number, "New.")], SameId.UPDATE)

    review.pair.refresh_from_db()
    assert review.pair.response == "Old."
    assert (batch.updated, batch.imported, batch.duplicates) == (0, 0, 1)
    assert "has been touched or is under way" in remarks(batch)[0]


def test_a_rule_may_take_the_new_text(project):
    send(project, [{"id": 0, "instruction": "asdf", "output": "b"}], SameId.UPDATE)

    assert Pair.objects.get(external_id="0").state == PairState.EXCLUDED


@pytest.mark.parametrize("chunk", [1, 5_000])
def test_of_two_rows_with_one_id_the_first_counts(project, monkeypatch, chunk):
    monkeypatch.setattr(importing, "CHUNK", chunk)

    batch = send(project, [row(7, "First."), row(7, "Second.")], SameId.KEEP)

    assert (batch.imported, batch.duplicates) == (1, 1)
    assert Pair.objects.get(external_id="7").response == "First."


def test_rows_without_an_id_are_all_new(project):
    rows = [{"instruction": f"Name {n}.", "output": "b"} for n in range(3)]

    assert send(project, rows, SameId.UPDATE).imported == 3


def test_a_revision_of_a_row_that_is_left_out_is_not_offered(project):
    revised = {"Revised Instruction": "Say it.", "Revised Response": "Better."}

    batch = send(project, [row(0, "New.", **revised)], SameId.KEEP)

    assert not batch.offers.exists()


def test_a_revision_of_an_updated_pair_is_offered(project):
    revised = {"Revised Instruction": "Say it.", "Revised Response": "Better."}

    batch = send(project, [row(0, "New.", **revised)], SameId.UPDATE)

    assert batch.offers.get().pair == Pair.objects.get(external_id="0")


def test_it_asks_as_often_for_many_rows_as_for_few(
    project, django_assert_max_num_queries
):
    factories.import_rows(project, [row(n) for n in range(100, 200)])

    with django_assert_max_num_queries(60):
        send(project, [row(n, "New.") for n in range(100, 200)], SameId.UPDATE)


def test_a_text_of_another_stratum_gives_its_number_up(project):
    """Or two pairs of one stratum would have one number."""
    long = "A much longer answer, word for word. " * 60
    factories.import_rows(project, [{**row(50), "output": long}])

    before = [pair.dealt_as for pair in Pair.objects.order_by("pk")]

    batch = send(project, [row(0, long), row(1, long), row(2, "Short.")], SameId.UPDATE)

    assert batch.updated == 3
    after = [pair.dealt_as for pair in Pair.objects.order_by("pk")]
    assert after == [None, None, *before[2:]]
