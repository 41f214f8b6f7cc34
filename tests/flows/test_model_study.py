"""A model study from the request to the document, with the real process and recipe."""

from __future__ import annotations

import io
import json

import pytest

from annotator.domain.model_studies import StudyOrder
from annotator.domain.roles import Role
from annotator.models import ModelStudy
from annotator.services import studying
from tests import factories
from tests.tiny_model import make_tiny_model

pytestmark = [
    pytest.mark.flow,
    pytest.mark.model,
    pytest.mark.process,
    pytest.mark.django_db,
]


def test_two_datasets_are_compared_by_models_tuned_on_them(tmp_path, settings):
    settings.BASE_MODEL = str(make_tiny_model(tmp_path / "model"))
    settings.REVISION_BACKEND = "tests.training.evaluation.tuned.test_study.Echo"
    project = factories.make_project()
    factories.import_rows(project, factories.rows(40, revised=True))
    ada = factories.make_member(project, Role.ADMIN)
    asked = [{"instruction": f"Say {n}.", "output": "Yes."} for n in range(12)]
    study = studying.request(
        project=project,
        actor=ada,
        order=StudyOrder.from_dict({"seeds": [1], "seen": 4, "testset": "say.json"}),
        testset=io.BytesIO(json.dumps(asked).encode()),
    )

    studying.carry_out(study.pk)

    study.refresh_from_db()
    assert study.state == ModelStudy.State.DONE, study.problem
    assert (study.done, study.total) == (3, 3)
    folder = studying.folder_of(study)
    for arm in ("raw", "revised"):
        assert (folder / "runs" / f"{arm}-1" / "adapter").is_dir()
    report = study.document["report"]
    lengths = {row["arm"]: row["characters"] for row in report["arms"]}
    assert lengths == {"base": 1, "raw": 6, "revised": 20}
    assert study.document["manifest"]["order"]["base_model"] == settings.BASE_MODEL
