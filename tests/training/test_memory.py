"""What a run needs of memory is counted from files, and refused in words."""

from __future__ import annotations

import json
import math
import types
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.services import hearing, snapshotting
from tests import adapters, factories
from training import memory
from training.config import LoraConfig
from training.models import TrainingRun
from training.services import launching

WIDTH, INNER, WORDS = 8, 16, 32


@pytest.fixture
def base(tmp_path) -> Path:
    """A base of one layer: 8 wide, 16 within, 32 words."""
    folder = tmp_path / "base"
    folder.mkdir()
    shapes = {
        "model.embed_tokens.weight": (WORDS, WIDTH),
        "model.layers.0.self_attn.q_proj.weight": (WIDTH, WIDTH),
        "model.layers.0.mlp.up_proj.weight": (INNER, WIDTH),
        "model.layers.0.input_layernorm.weight": (WIDTH,),
        "lm_head.weight": (WORDS, WIDTH),
    }
    given = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    (folder / "model.safetensors").write_bytes(adapters.safetensors(given))
    told = {
        "hidden_size": WIDTH,
        "intermediate_size": INNER,
        "num_hidden_layers": 1,
        "vocab_size": WORDS,
    }
    (folder / "config.json").write_text(json.dumps(told))
    return folder


def config(base, **more):
    return LoraConfig(base_model=str(base), **more)


def test_weights_adapter_and_passes_are_counted(base):
    found = memory.need(config(base, rank=4, micro_batch_tokens=100))

    weights = 2 * WORDS * WIDTH + WIDTH * WIDTH + INNER * WIDTH + WIDTH
    adapter = 4 * (2 * WIDTH + INNER + WIDTH)
    a_pass = 100 * (2 * (8 * WIDTH + 4 * INNER) + 10 * WORDS)
    assert found.weights == 2 * weights
    assert found.adapter == 16 * adapter
    assert found.passes == a_pass
    assert found.likely == found.least + a_pass


def test_a_model_that_learns_whole_has_moments_of_every_weight(base):
    found = memory.need(config(base, micro_batch_tokens=100), whole=True)

    weights = 2 * WORDS * WIDTH + WIDTH * WIDTH + INNER * WIDTH + WIDTH
    assert found.weights + found.adapter == 16 * weights
    assert found.passes == 100 * (4 * (8 * WIDTH + 4 * INNER) + 10 * WORDS)


def test_a_whole_model_that_cannot_fit_is_refused_in_words(base):
    found = memory.need(config(base), whole=True)

    assert memory.refusal_of_whole("tiny", found, found.least) == ""
    said = memory.refusal_of_whole("tiny", found, found.least - 1)
    assert "tiny whole needs at least 0.5 GB" in said
    assert "choose LoRA" in said


@pytest.mark.parametrize(
    ("precision", "linear", "other"), [("fp32", 4, 4), ("4bit", 4.127 / 8, 2)]
)
def test_how_the_base_is_held_counts(base, precision, linear, other):
    found = memory.need(config(base, precision=precision, micro_batch_tokens=100))

    inside = WIDTH * WIDTH + INNER * WIDTH
    around = 2 * WORDS * WIDTH + WIDTH
    assert found.weights == math.ceil(linear * inside + other * around)
    assert found.passes == 100 * (other * (8 * WIDTH + 4 * INNER) + 10 * WORDS)


def test_layers_that_are_not_there_are_named(base, tmp_path):
    unknown, has = memory.unknown_targets(config(base, targets="q_proj, key"))

    assert (unknown, has) == (["key"], ["q_proj", "up_proj"])
    assert memory.unknown_targets(config(base)) == ([], [])
    assert memory.unknown_targets(config(tmp_path / "x", targets="key")) == ([], [])


def test_four_bits_need_a_card_and_bitsandbytes(monkeypatch):
    cases = [(None, None), (None, 8), ("spec", None), ("spec", 8)]
    found = []
    for spec, card in cases:
        monkeypatch.setattr(memory.importlib.util, "find_spec", lambda n, s=spec: s)
        monkeypatch.setattr(memory, "_of_the_card", lambda c=card: c)
        found.append(memory.quantizes())

    assert found == [False, False, False, True]


def test_only_the_layers_that_are_named_get_an_adapter(base):
    found = memory.need(config(base, rank=4, targets="q_proj"))

    assert found.adapter == 16 * 4 * 2 * WIDTH


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_base_that_tells_little_is_counted_by_its_weights(base, text):
    (base / "config.json").write_text(text)

    found = memory.need(config(base))

    assert found.weights > 0
    assert found.passes == 0


def test_of_a_base_that_is_not_here_nothing_is_known(tmp_path):
    assert memory.need(config(tmp_path / "gone")) is None
    assert memory.refusal(config(tmp_path / "gone"), None, 1) == ""


def test_a_refusal_has_what_it_needs_and_what_there_is(base):
    found = memory.Need(weights=14_000_000_000, adapter=600_000_000, passes=0)

    told = memory.refusal(config(base, rank=64), found, 8_000_000_000)

    assert "at rank 64 needs at least 15.1 GB" in told
    assert "14.0 of them the base model" in told
    assert "there are 8.0" in told
    assert memory.refusal(config(base), found, 16_000_000_000) == ""
    assert memory.refusal(config(base), found, None) == ""


def test_the_room_is_the_cards_where_there_is_one(monkeypatch):
    monkeypatch.setattr(memory.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    done = types.SimpleNamespace(stdout="81559\n24564\n")
    monkeypatch.setattr(memory.subprocess, "run", lambda *a, **k: done)

    assert memory.room() == 81559 * 1024**2


def test_without_a_card_it_is_the_machines_or_its_containers(monkeypatch, tmp_path):
    monkeypatch.setattr(memory.shutil, "which", lambda name: None)
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_LIMIT", limit)
    whole = memory.psutil.virtual_memory().total

    assert memory.room() == whole
    limit.write_text("max\n")
    assert memory.room() == whole
    limit.write_text("1000000000\n")
    assert memory.room() == 1_000_000_000


@pytest.fixture
def project(db, base, settings):
    settings.BASE_MODEL = str(base)
    project = factories.make_project()
    factories.import_rows(project, factories.rows(20, revised=True))
    return project


def test_a_run_that_cannot_fit_is_refused_before_it_starts(client, project):
    ada = factories.make_member(project, Role.ADMIN)
    client.force_login(ada)
    hearing.hear("training", 1_000_000)
    plan = snapshotting.plan_for(project)

    with pytest.raises(Invalid, match=r"needs at least 0\.5 GB of memory"):
        snapshotting.start_run(project=project, actor=ada, plan=plan)

    page = client.get("/p/demo/runs/prepare/").content.decode()
    told = client.post(
        "/api/projects/demo/runs/preview/", {}, content_type="application/json"
    ).json()
    assert "needs at least 0.5 GB of memory" in page
    assert "needs at least 0.5 GB" in told["does_not_fit"]
    assert told["memory_bytes"] > 500_000_000
    assert not TrainingRun.objects.exists()


def test_where_it_fits_or_nothing_is_told_it_starts(project):
    ada = factories.make_member(project, Role.ADMIN)
    hearing.hear("training", 8_000_000_000)
    plan = snapshotting.plan_for(project)

    assert snapshotting.start_run(project=project, actor=ada, plan=plan)


def test_the_worker_refuses_what_cannot_fit_there(project, monkeypatch):
    run = snapshotting.start_run(
        project=project, actor=None, plan=snapshotting.plan_for(project)
    )
    monkeypatch.setattr(memory, "room", lambda: 1_000)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.cause) == (TrainingRun.State.FAILED, "memory")
    assert "needs at least 0.5 GB of memory" in run.problem
