"""Model studies whose models answer at once, for tests of services."""

from __future__ import annotations

import io
import json

from annotator.domain.model_studies import StudyOrder
from annotator.models import ModelStudy
from annotator.services import studying
from tests import factories
from training.services import following

ROWS = 130
"""Of which a tenth is held out: enough for a test set."""


def use(monkeypatch):
    """No process of a study tunes anything."""
    monkeypatch.setattr(studying, "MODULE", "tests.fake_study")
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)


def filled():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(ROWS, revised=True))
    return project


def ask(project, ada, upload=None, **given):
    order = StudyOrder.from_dict({"seeds": [1, 2], "seen": 8} | given)
    return studying.request(project=project, actor=ada, order=order, testset=upload)


def carried_out(study):
    studying.carry_out(study.pk)
    study.refresh_from_db()
    return study


def done(study):
    carried_out(study)
    assert study.state == ModelStudy.State.DONE, study.problem
    return study.document


def tuned(study):
    return (studying.folder_of(study) / "tuned.txt").read_text().split()


def own_testset(count, **changed):
    rows = [{"instruction": f"Name the river {n}.", **changed} for n in range(count)]
    return io.BytesIO(json.dumps(rows).encode())
