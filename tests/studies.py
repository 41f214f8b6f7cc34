"""A model study that is done, for pages: its models answered at once."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

from annotator.domain.model_studies import StudyOrder
from annotator.models import ModelStudy, Project, User
from annotator.services import comparing_datasets, study_documents
from revision_engine.types import PairText
from tests import fake_study
from training.evaluation.tuned import testsets
from training.services import judging

ORDER = StudyOrder.from_dict(
    {"arms": ["raw", "revised", "human"], "seeds": [0, 1, 2], "base_model": "tiny"}
)
SECONDS = 754


def done(project: Project, actor: User) -> ModelStudy:
    """Of made-up pairs, with the document that its folder gives."""
    models = ORDER.models + 1
    return ModelStudy.objects.create(
        project=project,
        asked_by=actor,
        asked=ORDER.as_dict(),
        state=ModelStudy.State.DONE,
        done=models,
        total=models,
        seconds=SECONDS,
        document=json.loads(_made()[0]),
        for_raters=json.loads(_made()[1]),
    )


@cache
def _made() -> tuple[str, str]:
    """Made once: its intervals take seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = comparing_datasets.lay_down(
            folder,
            {arm: [PairText(instruction=arm, response=arm)] for arm in ORDER.arms},
            [
                testsets.item(f"Name the river {n}.", "", f"It is the river {n}.")
                for n in range(24)
            ],
            seeds=ORDER.seeds,
            seen=ORDER.seen,
            config={},
        )
        fake_study.carry_out(folder, judging.embedded())
        papers = {
            "order": ORDER.as_dict(),
            "pairs": made.sizes,
            "held_out": 24,
            "leaked": 1,
            "testset": "",
            "contaminated": made.contaminated,
        }
        document = study_documents.document(folder, papers, SECONDS)
        return json.dumps(document), json.dumps(study_documents.for_raters(folder))
