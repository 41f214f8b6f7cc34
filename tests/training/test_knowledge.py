"""What a coach was trained on is known from its run, or from its papers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as product

from annotator.services.projects import adopt_shipped_coach
from tests import factories
from training.manifest import NAME, WEIGHTS, Manifest
from training.selectors import active_coach, knowledge, shape

pytestmark = pytest.mark.django_db


def test_the_shipped_coachs_papers_name_its_pairs():
    project = factories.make_project()
    adopt_shipped_coach(project)
    own = Manifest.read(Path(product.SHIPPED_COACH)).trained_on[0] + "0" * 48

    known = knowledge(active_coach(project.scope))([own, "f" * 64])

    assert known == {own: None}


@pytest.mark.parametrize("papers", [None, "{", "[1]", '{"config": 3}'])
def test_papers_that_cannot_be_read_tell_no_shape(papers, settings, tmp_path):
    settings.COACH_STORE = tmp_path
    coach = factories.make_coach(factories.make_project())
    (tmp_path / coach.adapter).mkdir()
    if papers is not None:
        (tmp_path / coach.adapter / NAME).write_text(papers)

    assert shape(coach) == {}


def test_papers_tell_the_shape_even_if_the_weights_are_damaged(settings, tmp_path):
    settings.COACH_STORE = tmp_path
    project = factories.make_project()
    adopt_shipped_coach(project)
    coach = active_coach(project.scope)
    (tmp_path / coach.adapter / WEIGHTS).write_bytes(b"damaged")

    assert shape(coach) == {"rank": 16, "lora_alpha": 32, "targets": "all-linear"}


def test_without_run_and_papers_nothing_is_known():
    coach = factories.make_coach(factories.make_project())

    assert knowledge(coach)(["a" * 64]) == {}
