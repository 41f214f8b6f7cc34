"""An estimate goes out with its adapter and comes back, checked number by number."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.services import exchanging
from revision_engine.types import PairText
from tests import adapters, estimates, factories
from training.adapter_zips import ESTIMATE
from training.evaluation import estimate_papers
from training.evaluation.helpfulness import Estimate
from training.manifest import digest_file
from training.models import CoachVersion, HelpEstimate
from training.selectors import help_estimate, trusted_estimate
from training.services import estimating, packing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def base(settings, tmp_path):
    settings.BASE_MODEL = str(adapters.make_base(tmp_path / "base"))
    return settings.BASE_MODEL


@pytest.fixture
def project():
    project = factories.make_project(wording="Be kind.")
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(60, revised=True))
    return project


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN)


@pytest.fixture
def sha256(base, tmp_path):
    weights = tmp_path / "weights"
    weights.write_bytes(files(base)["adapter_model.safetensors"])
    return digest_file(weights)


def files(base: str) -> dict[str, bytes]:
    return adapters.files(config={"base_model_name_or_path": base})


def told(sha256: str, settings, **changed: Any) -> dict[str, Any]:
    return {
        "adapter_sha256": sha256,
        "engine": settings.REVISION_BACKEND,
        "held_out": 300,
        "estimate": json.loads(json.dumps(estimates.fitted().as_dict())),
        **changed,
    }


def take(project, ada, base, papers: bytes) -> CoachVersion:
    file = adapters.zipped({**files(base), ESTIMATE: papers})
    return exchanging.take_in(project=project, actor=ada, file=file)


def test_it_comes_in_with_its_adapter(project, ada, base, sha256, settings):
    papers = json.dumps(told(sha256, settings)).encode()

    coach = take(project, ada, base, papers)

    row = help_estimate(coach)
    assert (row.held_out, row.cross_fitted, row.reviews) == (300, 0, 0)
    assert trusted_estimate(coach) == estimates.fitted()


def test_what_goes_out_comes_in_the_same(
    project, ada, base, sha256, settings, tmp_path
):
    coach = take(project, ada, base, json.dumps(told(sha256, settings)).encode())
    packing.lay_out(coach, tmp_path)

    came = estimating.came_with(tmp_path, coach.adapter_sha256)

    assert came.estimate == estimates.fitted()


def test_a_coach_without_one_sends_none(project, ada, base, tmp_path):
    file = adapters.zipped(files(base))
    coach = exchanging.take_in(project=project, actor=ada, file=file)

    packing.lay_out(coach, tmp_path)

    assert not (tmp_path / ESTIMATE).exists()
    assert estimating.came_with(tmp_path, coach.adapter_sha256) is None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"adapter_sha256": "0" * 64}, "adapter_sha256 is 0000"),
        ({"engine": "another.Engine"}, "engine is another.Engine"),
        ({"engine": None}, "engine is None"),
        ({"estimate": []}, "estimate cannot be read"),
    ],
)
def test_another_adapters_or_engines_is_refused(
    project, ada, base, sha256, settings, changed, said
):
    papers = json.dumps(told(sha256, settings, **changed)).encode()

    with pytest.raises(Invalid, match=said):
        take(project, ada, base, papers)

    assert not HelpEstimate.objects.exists()
    assert CoachVersion.objects.count() == 1


@pytest.mark.parametrize(
    "papers", [b"", b"[]", b"\x80\x04.", b"[" * 100_000, b'{"a":', b"\xff"]
)
def test_what_is_no_json_object_is_refused(project, ada, base, papers):
    with pytest.raises(Invalid, match="no JSON that can be read"):
        take(project, ada, base, papers)


def paths(value: Any, to: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where each part of the papers lies; of a list the first alone."""
    inner = value.items() if isinstance(value, dict) else list(enumerate(value))[:1]
    return [to] + [
        path
        for name, each in inner
        for path in (
            paths(each, (*to, name)) if isinstance(each, dict | list) else [(*to, name)]
        )
    ]


PAPERS = json.loads(json.dumps(estimates.fitted().as_dict()))
RAW = PairText(instruction="Name it.", response="A thing")
DRAFT = PairText(instruction="Name it.", response="A thing, of course.")
STRANGE = [float("nan"), float("inf"), -1, 1e300, "1", None, [], {}, True, "x" * 1000]


@pytest.mark.parametrize("path", [p for p in paths(PAPERS) if p], ids=str)
def test_no_strange_value_breaks_anything(path):
    for value in STRANGE:
        changed = json.loads(json.dumps(PAPERS))
        place = changed
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        try:
            found = estimate_papers.read(changed)
        except estimate_papers.BadEstimate:
            continue
        assert 0 <= found.probability(RAW, DRAFT, -0.5) <= 1
        assert Estimate.from_dict(json.loads(json.dumps(found.as_dict()))) == found


@pytest.mark.parametrize("name", ["model", "examples", "bins", "auc", "version"])
def test_what_lacks_is_named(name):
    with pytest.raises(estimate_papers.BadEstimate):
        estimate_papers.read({k: v for k, v in PAPERS.items() if k != name})


def test_more_examples_than_any_project_has_are_refused(monkeypatch):
    monkeypatch.setattr(estimate_papers, "MOST_EXAMPLES", 10)
    with pytest.raises(estimate_papers.BadEstimate, match="examples"):
        estimate_papers.read(PAPERS)
