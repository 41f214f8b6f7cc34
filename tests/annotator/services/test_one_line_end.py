"""`0015_one_line_end`: what was stored before has newlines, too."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from annotator.domain.hunks import Outcome
from annotator.domain.roles import Role
from annotator.models import Autosave, Draft, HunkDecision, Pair, Review, RewriteRow
from annotator.services import autosaving, rewriting
from revision_engine.types import PairText
from tests import factories
from training.examples import RevisionExample, edit_distance, fingerprint
from training.models import SnapshotItem
from training.selection import Selection
from training.services import snapshots

pytestmark = pytest.mark.django_db


@pytest.fixture
def old():
    """A reviewed pair and its texts, as they were stored with Windows line ends."""
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(
        project, [{"instruction": "Tell.", "output": "ze cat\nsat\nhere"}]
    )
    factories.draft_all(project)
    person = factories.make_member(project, Role.ANNOTATOR)
    final = PairText(
        instruction="Tell.", input="", response="the cat\nsat\nhere It has"
    )
    review = factories.review(project, person, final)
    windows = {"response": "ze cat\r\nsat\r\nhere"}
    Pair.objects.update(
        **windows,
        fingerprint=fingerprint(PairText(instruction="Tell.", input="", **windows)),
    )
    Draft.objects.update(
        response="ze cat\r\nsat\r\nhere It has a history, too.", edit_chars=99
    )
    Review.objects.update(
        response="the cat\r\nsat\nhere It has",
        distance_raw_final=77,
        distance_draft_final=77,
        distance_raw_draft=77,
        distance_response=77,
    )
    HunkDecision.objects.filter(review=review).delete()
    decided = [
        ("ze", "ze", "the", Outcome.OWN),
        ("\r\n", "\r\n", "\n", Outcome.OWN),
        ("a\r\n", "b\n", "b\r\n", Outcome.EDITED),
        ("a\r\n", "b\n", "a\n", Outcome.EDITED),
    ]
    for number, (before, after, now, outcome) in enumerate(decided, 1):
        HunkDecision.objects.create(
            review=review,
            field="response",
            number=number,
            outcome=outcome,
            before=before,
            after=after,
            final=now,
        )
    return Review.objects.get()


def migrate():
    module = import_module("annotator.migrations.0015_one_line_end")
    module.forwards(apps, None)


def test_texts_fingerprints_and_distances_are_those_of_newlines(old):
    migrate()

    pair, draft, review = (
        Pair.objects.get(),
        Draft.objects.get(),
        Review.objects.get(),
    )
    assert pair.response == "ze cat\nsat\nhere"
    assert pair.fingerprint == fingerprint(pair.text)
    assert draft.edit_chars == edit_distance(pair.text, draft.text)
    assert review.response == "the cat\nsat\nhere It has"
    assert review.distance_raw_final == edit_distance(pair.text, review.text)
    assert review.distance_draft_final == edit_distance(draft.text, review.text)
    assert review.distance_raw_draft == edit_distance(pair.text, draft.text)
    assert review.distance_response is None


def test_a_change_of_line_ends_is_no_decision_any_more(old):
    migrate()

    decided = old.hunks.order_by("number").values_list("number", "outcome")
    assert list(decided) == [
        (1, Outcome.OWN),
        (3, Outcome.ACCEPTED),
        (4, Outcome.REJECTED),
    ]


def test_what_people_have_typed_loses_only_its_returns(old):
    text = PairText(instruction="a\r\nb", input="c\r", response="d")
    lease = old.lease
    autosaving.keep_text(token=lease.token, person=old.author, text=text)
    autosaving.set_aside(old.pair, old.author, text, "why")

    migrate()

    kept = PairText(instruction="a\nb", input="c\n", response="d")
    assert Autosave.objects.get().text == kept
    assert old.pair.kept_texts.get().text == kept


def test_two_pairs_that_differ_in_line_ends_alone_stay_two(old):
    twin = Pair.objects.get()
    twin.pk, twin.response = None, "ze cat\nsat\nhere"
    twin.fingerprint, twin.dealt_as = fingerprint(twin.text), None
    twin.save()
    before = Pair.objects.exclude(pk=twin.pk).get().fingerprint

    migrate()

    first, second = Pair.objects.order_by("pk")
    assert first.text == second.text
    assert (first.fingerprint, second.fingerprint) == (before, twin.fingerprint)


def test_a_pair_that_falls_into_another_band_gives_up_its_number():
    project = factories.make_project()
    long = "x" + "\n" * 150 + "x"
    factories.import_rows(
        project,
        [{"instruction": "a", "output": long}, {"instruction": "b", "output": "c"}],
    )
    first, other = Pair.objects.order_by("pk")
    Pair.objects.filter(pk=first.pk).update(
        response=long.replace("\n", "\r\n"), dealt_as=0
    )
    Pair.objects.filter(pk=other.pk).update(dealt_as=0)
    first.refresh_from_db()
    assert first.length_band == "medium"

    migrate()

    first.refresh_from_db()
    assert (first.length_band, first.dealt_as) == ("short", None)


def test_a_dataset_row_is_the_same_pair_as_in_the_project(old):
    coach = factories.make_coach(old.pair.project, "second")
    admin = factories.make_member(old.pair.project, Role.ADMIN)
    rewriting.start(
        project=old.pair.project,
        actor=admin,
        coach=coach,
        name="a",
        rows=rewriting.rows_of_batch(old.pair.batch),
    )

    migrate()

    row, pair = RewriteRow.objects.get(), Pair.objects.get()
    assert row.text == pair.text
    assert row.fingerprint == pair.fingerprint


def test_a_frozen_snapshot_keeps_its_texts_and_digest(old):
    frozen = snapshots.freeze(
        scope="s",
        examples=[
            RevisionExample(
                source_id="review:1",
                raw=Pair.objects.get().text,
                revised=old.text,
                distance=3,
            )
        ],
        selection=Selection.from_dict({"kind": "all"}),
        query={},
        actor=None,
    )

    migrate()

    item = SnapshotItem.objects.get()
    assert item.raw.response == "ze cat\r\nsat\r\nhere"
    assert item.fingerprint == Pair.objects.get().fingerprint
    again = snapshots.examples_of(frozen, item.role)
    assert snapshots._digest([(item.role, again[0])], []) == frozen.sha256
