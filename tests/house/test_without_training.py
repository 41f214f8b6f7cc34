"""Only training needs what requirements/train.txt names."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from annotator import tasks
from annotator.config import packages
from annotator.config.celery import app
from annotator.domain.states import PairState
from annotator.services import drafting
from revision_engine.tasks import generate_drafts
from tests import factories
from tests.second_part import TRAINING

HERE = "tests/house/test_without_training.py"
WORKS = (
    "tests/house/test_house.py::test_each_role_opens_its_screens_and_no_others",
    f"{HERE}::test_each_task_of_the_clock_runs",
    f"{HERE}::test_pairs_are_drafted",
)


@pytest.mark.process
@pytest.mark.timeout(600)
def test_pages_the_clock_and_drafting_do_without():
    parts = urlsplit(settings.DATABASE_URL)
    apart = parts._replace(path=f"{parts.path}_bare_{os.getpid()}").geturl()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.without_training"]

    done = subprocess.run(
        [*command, *WORKS],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": apart},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:]


def test_the_second_part_is_what_is_held_back_there():
    named = {packages.normal(one.name) for one, _ in packages.asked(packages.TRAIN)}

    assert named == TRAINING


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", sorted({e["task"] for e in settings.CELERY_BEAT_SCHEDULE.values()})
)
def test_each_task_of_the_clock_runs(name):
    factories.make_drafted(3)
    app.loader.import_default_modules()
    arguments = ["beat"] if name == "annotator.hear_from" else []

    app.tasks[name](*arguments)


@pytest.mark.django_db
def test_pairs_are_drafted():
    project = factories.make_project()
    factories.make_coach(project)
    factories.import_rows(project, factories.rows(3))

    batch = drafting.take_batch(project)
    requests = [request.as_dict() for request in batch.requests]
    results = generate_drafts(batch.coach.ref.as_dict(), requests)
    tasks.store_drafts(results, coach_id=batch.coach.pk, project_id=project.pk)

    assert factories.states(project) == [PairState.READY] * 3
