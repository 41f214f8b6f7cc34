"""An adapter goes out as a folder that plain peft loads, with papers that are true."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from annotator.domain.roles import Role
from annotator.models import Project
from annotator.services import projects, snapshotting
from revision_engine.types import CoachRef
from tests import factories
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from training.evaluation.rule import Rule
from training.manifest import Manifest
from training.models import CoachVersion
from training.selectors import active_coach
from training.services import evaluations, packing, registry

pytestmark = pytest.mark.django_db
FIGURES = [
    {
        "name": "effort saved",
        "side": "",
        "category": "",
        "value": 0.0726,
        "low": 0.0521,
        "high": 0.0942,
        "unit": "of the characters",
        "n": 40,
    },
    {
        "name": "chrF",
        "side": "coach",
        "category": "",
        "value": 50.25,
        "low": 46.5,
        "high": 54.5,
        "unit": "0 to 100",
        "n": 40,
    },
]


@pytest.fixture
def coach():
    """The coach that is shipped, as a new project gets it."""
    project = factories.make_project()
    projects.adopt_shipped_coach(project)
    return active_coach(project.scope)


def packed(coach):
    out = io.BytesIO()
    packing.pack(coach, out)
    return out.getvalue()


def unpacked(coach, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(packed(coach))) as archive:
        archive.extractall(folder)
    return folder / packing.name_of(coach)


def evaluated(coach):
    report = {"figures": FIGURES, "samples": [], "left_out": 0, "seconds": 1.0}
    evaluations.store(
        coach=coach,
        current=None,
        held_out_sha256="d" * 64,
        report=report,
        rule=Rule(),
    )


def test_the_zip_has_one_folder_with_weights_settings_papers_and_card(coach, tmp_path):
    folder = unpacked(coach, tmp_path)

    names = {path.name for path in folder.iterdir()}
    weights = (folder / "adapter_model.safetensors").read_bytes()
    config = json.loads((folder / "adapter_config.json").read_text())
    assert names == {
        *("adapter_model.safetensors", "adapter_config.json"),
        *("manifest.json", "README.md"),
    }
    assert hashlib.sha256(weights).hexdigest() == coach.adapter_sha256
    assert config["base_model_name_or_path"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert config["r"] == 16
    assert Manifest.read(folder).adapter_sha256 == coach.adapter_sha256


def test_the_same_coach_gives_the_same_bytes(coach):
    assert packed(coach) == packed(coach)


def test_the_card_has_the_figures_with_their_intervals(coach, tmp_path, settings):
    settings.ADAPTER_LICENCE = "CC-BY-4.0"
    evaluated(coach)

    card = (unpacked(coach, tmp_path) / "README.md").read_text()

    assert 'license: "cc-by-4.0"' in card
    assert 'base_model: "HuggingFaceTB/SmolLM2-135M-Instruct"' in card
    effort = "| effort saved | – | 0.073 [0.052, 0.094] | of the characters |"
    assert effort in card
    assert "| chrF | 50.250 [46.500, 54.500] | – | 0 to 100 |" in card
    assert "sha256 `" + "d" * 64 in card
    for title in ("Intended use", "Limits", "Data", "Evaluation", "Licence"):
        assert f"\n## {title}\n" in card


def test_the_card_counts_the_snapshot_that_it_learned_from(coach):
    project = Project.objects.get()
    factories.import_rows(project, factories.rows(40, revised=True))
    run = snapshotting.start_run(
        project=project,
        actor=factories.make_member(project, Role.ADMIN),
        plan=snapshotting.plan_for(project),
    )
    coach = registry.register(scope=coach.scope, ref=coach.ref, name="run 1", run=run)

    told = packing.model_cards.card(coach)

    snapshot = coach.run.snapshot
    train = snapshot.items.filter(role="train").count()
    held_out = snapshot.items.filter(role="held_out").count()
    assert f"| {train} | {held_out} |" in told
    assert snapshot.sha256 in told
    assert '"learning_rate"' in told


def test_an_evaluation_that_lacks_and_a_licence_that_lacks_are_said(coach):
    told = packing.model_cards.card(coach)

    assert "It was not evaluated here." in told
    assert "Not stated: ask whoever handed it on" in told
    assert "(Apache-2.0) goes on to hold" in told


def test_a_name_writes_no_table_and_no_html(coach):
    coach.name = "a|b <script> *c*"

    told = packing.model_cards.card(coach)

    assert r"# a\|b \<script\> \*c\*" in told


def test_a_coach_without_weights_here_is_refused_in_words(coach):
    elsewhere = registry.register_elsewhere(scope=coach.scope, model="m")
    gone = CoachVersion.objects.get(pk=coach.pk)
    gone.adapter = "b" * 32

    with pytest.raises(packing.NotPackable, match="weights are not here"):
        packed(elsewhere)
    with pytest.raises(packing.NotPackable, match="not in the store"):
        packed(gone)


def test_damaged_weights_do_not_go_out(coach, settings):
    weights = Path(settings.COACH_STORE) / coach.adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    weights.write_bytes(b"\1" + weights.read_bytes()[1:])

    with pytest.raises(packing.NotPackable, match="changed or damaged"):
        packed(coach)


@pytest.mark.model
def test_plain_peft_loads_it_to_the_same_logits(tmp_path, settings):
    import torch
    from peft import AutoPeftModelForCausalLM, PeftModel
    from transformers import AutoModelForCausalLM

    base = make_tiny_model(tmp_path / "base")
    key = "c" * 32
    made = Path(settings.COACH_STORE) / key
    sha256 = make_tiny_adapter(base, made)
    ref = CoachRef(
        name="tiny",
        base_model=str(base),
        adapter=key,
        adapter_sha256=sha256,
        prompt="coachlm-2",
        wording="Improve.",
    )
    coach = registry.register(scope=uuid4().hex, ref=ref, name="tiny")
    folder = unpacked(coach, tmp_path / "out")
    tokens = torch.arange(5, 25).unsqueeze(0)

    def logits(model):
        with torch.no_grad():
            return model(tokens).logits

    plain = AutoModelForCausalLM.from_pretrained(base)
    raw = logits(plain)
    ours = logits(PeftModel.from_pretrained(plain, made))
    theirs = logits(AutoPeftModelForCausalLM.from_pretrained(folder))

    assert torch.equal(ours, theirs)
    assert not torch.allclose(raw, theirs)
