"""What a model study learns from and is asked: arms and test sets, or a refusal."""

from __future__ import annotations

import io
import json

import pytest

from annotator.domain.errors import Invalid
from annotator.domain.model_studies import Dataset
from annotator.domain.roles import Role
from annotator.models import ModelStudy
from annotator.services import snapshotting, study_pairs, studying
from tests import factories
from tests.annotator.services import study_cast
from tests.annotator.services.study_cast import (
    ask,
    carried_out,
    done,
    filled,
    own_testset,
)
from training.services import judging

pytestmark = [pytest.mark.django_db, pytest.mark.process]
State = ModelStudy.State


@pytest.fixture(autouse=True)
def without_models(monkeypatch):
    study_cast.use(monkeypatch)


@pytest.fixture
def project():
    return filled()


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


def test_a_test_set_of_one_s_own_is_asked(project, ada):
    file = own_testset(12)

    document = done(ask(project, ada, file, testset="rivers.json"))

    assert document["report"]["items"] == 12
    assert document["report"]["references"] == 0
    assert document["manifest"]["testset"] == "rivers.json"


def test_what_is_held_out_is_asked_and_never_learned(project, ada):
    study = ask(project, ada)

    document = done(study)

    held = {pair.final.instruction for pair in study_pairs.material(project).held_out}
    folder = studying.folder_of(study)
    learned = (folder / "datasets" / "revised.jsonl").read_text()
    assert held
    assert not [text for text in held if json.dumps(text)[1:-1] in learned]
    assert {sample["instruction"] for sample in document["samples"]} <= held
    assert document["report"]["references"] == document["report"]["items"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (own_testset(3), "rivers.json has 3 different instructions"),
        (own_testset(12, instruction=""), "row 1: has no instruction"),
        (io.BytesIO(b"\xff\xfe"), "rivers.json is not JSON"),
        (io.BytesIO(b" " * (studying.TESTSET_BYTES + 1)), "5,000,000 bytes"),
    ],
)
def test_a_test_set_that_cannot_be_used_is_refused_at_once(project, ada, file, told):
    with pytest.raises(Invalid, match=told):
        ask(project, ada, file, testset="rivers.json")

    assert not ModelStudy.objects.exists()


def test_the_arms_are_versions_of_the_same_pairs(project, ada):
    review = snapshotting.accepted.reviews(
        project, snapshotting.ReviewQuery()
    ).order_by("pk")
    unchanged = [each.pk for each in review[:30]]
    for each in review.filter(pk__in=unchanged).select_related("pair"):
        type(each).objects.filter(pk=each.pk).update(response=each.pair.response)
    found = study_pairs.material(project)
    made = study_pairs.arms(found.pairs, list(Dataset), judging.embedded())

    kept = sum(pair.is_changed for pair in found.pairs)
    assert len(made["raw"]) == len(made["revised"]) == len(found.pairs)
    assert len(made["human"]) == kept < len(found.pairs)
    assert len(found.pairs) / 2 <= len(made["filtered"]) < len(found.pairs)
    assert set(made["filtered"]) < set(made["raw"])


def test_too_few_pairs_are_refused_before_anything_waits(ada, project):
    small = factories.make_project(slug="small")
    factories.import_rows(small, factories.rows(5, revised=True))
    factories.Membership.objects.create(project=small, user=ada, role=Role.ADMIN)

    with pytest.raises(Invalid, match=r"There are 5 accepted pairs; .* at least 20"):
        ask(small, ada)


def test_too_few_test_items_are_told_in_words(project, ada, settings):
    settings.HELD_OUT_SHARE = 0.001

    study = carried_out(ask(project, ada))

    assert study.state == State.FAILED
    assert "0 instructions of accepted pairs are held out" in study.problem


def test_arms_with_the_same_pairs_are_nothing_to_tell_apart(project, ada):
    study = carried_out(ask(project, ada, arms=["revised", "human"]))

    assert study.state == State.FAILED
    assert "The arms revised and human hold the same pairs" in study.problem


def test_items_that_an_arm_holds_are_left_out_and_too_few_are_told(project, ada):
    taken = [pair.raw.instruction for pair in study_pairs.material(project).pairs[:6]]
    rows = [{"instruction": text} for text in taken]
    rows += [{"instruction": f"Name the long river {n}."} for n in range(10)]
    with_ten, with_nine = (
        ask(project, ada, io.BytesIO(json.dumps(few).encode()), testset="mixed.json")
        for few in (rows, rows[:-1])
    )

    document = done(with_ten)
    carried_out(with_nine)

    assert document["manifest"]["contaminated"] == 6
    assert document["report"]["items"] == 10
    assert "6 stand in an arm, and 9 are left" in with_nine.problem
