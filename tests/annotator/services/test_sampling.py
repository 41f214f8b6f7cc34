"""What is drawn for quality control, and what becomes of the rest."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from annotator.domain import chance, quality_sampling
from annotator.domain.errors import TooLate
from annotator.domain.states import PairState, Stage
from annotator.models import Fix, KeptText, Pair, Review, Verdict, VerdictTag
from annotator.selectors import quality_records
from annotator.services import quality, queueing, sampling
from tests import factories

pytestmark = pytest.mark.django_db
PAIRS = 30


@pytest.fixture
def project():
    return factories.make_drafted(
        PAIRS, quality_full=3, quality_floor=0.0, quality_slip=0.9, drafts_ahead=100
    )


def prove(project, anna, rosa, count: int = 3) -> None:
    """Reviews of anna that rosa accepts."""
    for _ in range(count):
        factories.review(project, anna)
        lease = factories.claim(project, rosa, Stage.QUALITY)
        quality.accept(token=lease.token, person=rosa)


def test_everything_of_a_new_person_is_judged(project, anna):
    reviews = [factories.review(project, anna) for _ in range(3)]

    assert [review.quality_rate for review in reviews] == [1.0] * 3
    assert sampling.accept_unsampled() == 0
    assert set(factories.states(project)[:3]) == {PairState.REVIEWED}


def test_rate_and_place_are_stored_and_the_draw_follows_from_them(project, anna, rosa):
    prove(project, anna, rosa)
    project.quality_slip = 0.4
    project.save()
    expected = quality_sampling.rate(
        quality_records.of_person(anna, project), project.sampling_rule
    )

    reviews = [factories.review(project, anna) for _ in range(10)]

    for review in reviews:
        review.pair.refresh_from_db()
        place = chance.quality_place(review.pair.fingerprint, anna.pk)
        assert (review.quality_rate, review.quality_draw) == (expected, place)
        assert review.pair.to_judge == (place < expected)
        assert review.pair.reviewed_by == anna
    assert 0.3 < expected < 0.5


def test_what_is_not_drawn_is_accepted_unseen_and_says_so(project, anna, rosa):
    prove(project, anna, rosa)
    project.quality_slip = 1.0
    project.save()
    reviews = [factories.review(project, anna) for _ in range(4)]

    assert queueing.claim(project=project, person=rosa, stage=Stage.QUALITY) is None
    assert sampling.accept_unsampled() == 4

    verdicts = Verdict.objects.filter(review__in=reviews)
    assert {(v.kind, v.judge, v.accepted) for v in verdicts} == {
        ("unsampled", None, True)
    }
    events = [r.pair.events.get(action="accepted unseen") for r in reviews]
    assert {(e.old_state, e.new_state, e.actor) for e in events} == {
        ("reviewed", "accepted", None)
    }
    # nobody looked, so it says nothing about her work
    assert quality_records.of_person(anna, project).judged == 3


def test_nothing_is_accepted_unseen_while_it_can_be_taken_back(
    project, anna, rosa, settings
):
    prove(project, anna, rosa)
    project.quality_slip = 1.0
    project.save()
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna)

    assert sampling.accept_unsampled() == 0
    factories.take_back(review)
    settings.UNDO_SECONDS = 0
    assert sampling.accept_unsampled() == 0

    assert Pair.objects.get(pk=review.pair_id).state == PairState.IN_REVIEW
    with pytest.raises(TooLate):
        factories.take_back(review)


def test_the_correction_of_a_return_is_always_judged_and_is_no_sample(
    project, anna, rosa
):
    prove(project, anna, rosa)
    project.quality_slip, project.quality_mode = 1.0, "all"
    project.save()
    review = factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    project.quality_mode = "adaptive"
    project.save()

    again = factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.accept(token=lease.token, person=rosa)

    assert again.pair_id == review.pair_id == lease.pair_id
    assert (again.quality_rate, again.quality_draw) == (1.0, None)
    record = quality_records.of_person(anna, project)
    assert (record.passed, record.returned) == (3, 1)


def test_everything_is_judged_if_the_project_says_so(project, anna, rosa):
    prove(project, anna, rosa)
    project.quality_mode = "all"
    project.save()

    assert factories.review(project, anna).quality_rate == 1.0


def test_only_the_newest_judged_reviews_count(project, anna, rosa, monkeypatch):
    project.quality_mode = "all"
    project.save()
    factories.review(project, anna)
    lease = factories.claim(project, rosa, Stage.QUALITY)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    prove(project, anna, rosa, 4)  # the first of them corrects the return

    before = quality_records.of_person(anna, project).failed
    monkeypatch.setattr(quality_sampling, "WINDOW", 3)

    assert before == 1
    assert quality_records.of_person(anna, project).failed == 0


def test_the_leads_table_is_one_query_and_agrees_with_the_submits(
    project, anna, rosa, django_assert_num_queries
):
    prove(project, anna, rosa)

    with django_assert_num_queries(1):
        lines = quality_records.of_project(project)

    by_name = {line.membership.user.username: line for line in lines}
    assert by_name["anna"].record == quality_records.of_person(anna, project)
    assert by_name["anna"].rate == factories.review(project, anna).quality_rate
    assert by_name["rosa"].rate == 1.0


def test_imported_revisions_are_accepted_as_before_and_say_nothing(project, anna):
    other = factories.make_project(slug="other")
    factories.import_rows(other, factories.rows(2, revised=True))

    kinds = Verdict.objects.filter(review__pair__project=other)
    assert {verdict.kind for verdict in kinds} == {"imported"}


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "unsampled", "accepted": False, "reason": "style"},
        {"kind": "bulk", "accepted": True},
    ],
)
def test_the_database_refuses_verdicts_that_cannot_be(project, anna, values):
    review = factories.review(project, anna)

    with pytest.raises(IntegrityError):
        Verdict.objects.create(review=review, **values)


def test_the_migration_carries_reasons_kinds_and_fixes_both_ways(project, anna, rosa):
    """The statements alone: the tables have their new columns either way."""
    migration = import_module("annotator.migrations.0008_units_and_sampling")
    schema_editor = SimpleNamespace(connection=connection)
    review = factories.review(project, anna)
    verdict = Verdict.objects.create(
        review=review, accepted=False, reason="style", judge=rosa, note="Shorter."
    )
    factories.import_rows(project, [
        {**row, "Raw Instruction": f"Old {n}.", "Revised Instruction": f"Old {n}!"}
        for n, row in enumerate(factories.rows(1, revised=True))
    ])  # fmt: skip
    Verdict.objects.filter(judge=None).update(kind="judged")
    waiting = factories.review(project, anna)
    Pair.objects.update(reviewed_by=None)

    migration.forwards(None, schema_editor)
    tags = list(VerdictTag.objects.values_list("verdict", "reason"))
    VerdictTag.objects.create(verdict=verdict, reason="unsafe")
    Fix.objects.create(
        verdict=verdict, instruction="a", response="b", distance=1, distance_raw=1
    )
    migration.backwards(None, schema_editor)

    assert tags == [(verdict.pk, "style")]
    imported = Review.objects.get(is_imported=True)
    assert imported.verdict.kind == "imported"
    waiting.pair.refresh_from_db()
    assert waiting.pair.reviewed_by == anna
    verdict.refresh_from_db()
    assert (verdict.reason, verdict.note) == ("style", "Shorter.\nAlso: unsafe.")
    kept = KeptText.objects.get()
    assert (kept.author, kept.response) == (rosa, "b")
