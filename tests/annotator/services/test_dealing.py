"""Pairs are dealt to the arms when they are screened."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from annotator.domain import bands, chance
from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState
from annotator.models import Batch, Pair, Stratum
from annotator.services import dealing, importing, screening
from tests import factories

pytestmark = pytest.mark.django_db


def rows(count):
    """Pairs of two categories and several lengths."""
    return [
        {
            "instruction": f"Explain the word number {number}.",
            "input": "",
            "response": "It is a word. " * (1 + 40 * (number % 3)),
            "category": "coding" if number % 4 else "writing",
        }
        for number in range(count)
    ]


def by_stratum():
    found = defaultdict(list)
    for pair in Pair.objects.order_by("dealt_as"):
        found[pair.length_band, pair.category].append(pair)
    return found


def test_each_stratum_has_its_share_over_all_chunks(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 17)
    project = factories.make_project(control_share=0.3)

    factories.import_rows(project, rows(120))

    strata = by_stratum()
    assert len(strata) == 6
    for pairs in strata.values():
        arms = Counter(pair.arm for pair in pairs)
        assert abs(arms[Arm.CONTROL] - 0.3 * len(pairs)) < 1
        assert [pair.dealt_as for pair in pairs] == list(range(len(pairs)))


def test_anybody_can_recount_the_arms():
    project = factories.make_project(control_share=0.4)
    batch = factories.import_rows(project, rows(40))

    for (band, category), pairs in by_stratum().items():
        recounted = [
            chance.dealt_arm(
                pair.dealt_as,
                batch.control_share,
                dealing.name_of(band, category),
                f"batch-{batch.pk}",
            )
            for pair in pairs
        ]
        places = [
            chance.dealing_place(pair.fingerprint, f"batch-{batch.pk}")
            for pair in pairs
        ]
        assert recounted == [pair.arm for pair in pairs]
        assert places == sorted(places)
        assert Stratum.objects.get(length_band=band, category=category).dealt == len(
            pairs
        )


def test_the_share_is_the_one_of_the_import():
    project = factories.make_project(control_share=0.5)
    batch = factories.import_rows(project, rows(4))
    project.control_share = 0.0
    project.save()

    batch.refresh_from_db()

    assert batch.control_share == 0.5


def test_the_database_knows_the_length_band():
    factories.import_rows(factories.make_project(), rows(9))

    for pair in Pair.objects.all():
        chars = len(pair.instruction) + len(pair.input) + len(pair.response)
        assert pair.length_band == bands.band_of(chars)


def test_the_database_counts_signs_as_the_bands_do():
    project = factories.make_project()
    edges = [n for least in (300, 1000, 3000) for n in (least - 1, least)]
    texts = ["字" * (edge - 20) for edge in edges]

    factories.import_rows(
        project,
        [
            {"instruction": "Tell it, s", "input": f"input {n:04d}", "response": text}
            for n, text in enumerate(texts)
        ],
    )

    pairs = Pair.objects.order_by("row")
    assert [pair.length_band for pair in pairs] == [
        bands.band_of(edge) for edge in edges
    ]


def test_a_pair_excluded_by_rule_is_dealt_when_it_is_overruled():
    project = factories.make_project(control_share=1.0)
    batch = factories.import_rows(
        project,
        [{"instruction": "???", "input": "", "response": "A cat."}],
    )
    pair = Pair.objects.get()
    assert (pair.state, pair.arm, pair.dealt_as) == (PairState.EXCLUDED, "", None)

    screening.overrule(pair=pair, actor=factories.make_member(project, Role.LEAD))

    pair.refresh_from_db()
    assert (pair.arm, pair.dealt_as) == (Arm.CONTROL, 0)
    assert batch.strata.get().dealt == 1


def test_a_pair_of_an_older_batch_is_drawn_as_it_was_then():
    project = factories.make_project(control_share=1.0)
    factories.import_rows(
        project,
        [{"instruction": "???", "input": "", "response": "A cat."}],
    )
    Batch.objects.update(control_share=None)
    pair = Pair.objects.get()

    screening.overrule(pair=pair, actor=factories.make_member(project, Role.LEAD))

    pair.refresh_from_db()
    assert (pair.arm, pair.dealt_as) == (Arm.CONTROL, None)


def test_imported_revisions_take_no_number():
    project = factories.make_project(control_share=0.5)

    factories.import_rows(project, factories.rows(5, revised=True))

    assert not Stratum.objects.exists()
    assert not Pair.objects.exclude(dealt_as=None).exists()


def test_places_that_were_asked_ahead_change_nothing():
    project = factories.make_project(control_share=0.4)
    batch = factories.import_rows(project, rows(40))
    pairs = list(Pair.objects.order_by("pk"))
    told = {pair.pk: (pair.dealt_as, pair.arm) for pair in pairs}
    Stratum.objects.update(dealt=0)

    places = dealing.places_of(batch.pk, [pair.fingerprint for pair in pairs])
    dealt = dealing.deal(batch.pk, reversed(pairs), places)

    assert len(set(places.values())) == 40
    assert told == {
        pair.pk: (pair.dealt_as, arm) for arm, dealt in dealt.items() for pair in dealt
    }
