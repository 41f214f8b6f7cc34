"""What a coach was trained on is known from its run, or from its papers."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as product

from annotator.services.projects import adopt_shipped_coach
from tests import factories
from training.manifest import Manifest
from training.selectors import active_coach, knowledge

pytestmark = pytest.mark.django_db


def test_the_shipped_coachs_papers_name_its_pairs():
    project = factories.make_project()
    adopt_shipped_coach(project)
    own = Manifest.read(Path(product.SHIPPED_COACH)).trained_on[0] + "0" * 48

    known = knowledge(active_coach(project.scope))([own, "f" * 64])

    assert known == {own: None}


def test_without_run_and_papers_nothing_is_known():
    coach = factories.make_coach(factories.make_project())

    assert knowledge(coach)(["a" * 64]) == {}
