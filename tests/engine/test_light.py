"""The drafting worker needs neither torch nor transformers nor peft."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_model import make_tiny_adapter, make_tiny_model

pytestmark = pytest.mark.model

HEAVY = ("torch", "transformers", "peft", "accelerate", "safetensors")
WORKER = f"""
import json, sys
for name in {HEAVY}:
    sys.modules[name] = None  # to import it is an ImportError
from pathlib import Path
import annotator.config.celery
import django
django.setup()
from django.conf import settings
from django.utils.module_loading import import_string
from revision_engine import base_models, tasks
from revision_engine.pipeline import draft_live, drafts
from revision_engine.types import CoachRef, DraftRequest, PairText

told = json.loads(sys.argv[1])
if told["base_model"] in base_models.PACKAGED:
    base_models.resolve(told["base_model"])
coach = CoachRef(**told)
backend = import_string(settings.REVISION_BACKEND)(coach, Path(sys.argv[2]))
request = DraftRequest(key="1", text=PairText(instruction="Say hi.", response="Hi."))
[draft] = drafts(coach, backend, [request])
live = draft_live(coach, backend, request, seed=3, tell=len)
print(json.dumps([draft.new_tokens, draft.problem, live.new_tokens]))
"""


def draft(coach: dict[str, str], store: Path, models: Path) -> list:
    env = {**os.environ, "COACHLM_MODELS": str(models)}
    done = subprocess.run(
        [sys.executable, "-c", WORKER, json.dumps(coach), str(store)],
        capture_output=True,
        text=True,
        env=env,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_coach_is_converted_and_drafts_without_torch(tmp_path):
    base = make_tiny_model(tmp_path / "base")
    coach = {
        "name": "tiny",
        "base_model": str(base),
        "adapter": "key",
        "adapter_sha256": make_tiny_adapter(base, tmp_path / "key"),
        "prompt": "coachlm-2",
        "wording": "Improve.",
    }

    tokens, _, live = draft(coach, tmp_path, tmp_path / "models")

    assert tokens > 0
    assert live > 0


def test_the_packaged_base_and_the_shipped_coach_draft_without_torch(tmp_path):
    shipped = Path("training/shipped/coachlm-smollm2-135m").absolute()
    papers = json.loads((shipped / "manifest.json").read_text())
    coach = {
        "name": papers["name"],
        "base_model": papers["base_model"],
        "adapter": shipped.name,
        "adapter_sha256": papers["adapter_sha256"],
        "prompt": papers["prompt"],
        "wording": papers["wording"],
    }

    tokens, problem, _ = draft(coach, shipped.parent, tmp_path / "models")

    assert tokens > 3
    assert problem == ""
