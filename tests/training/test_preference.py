"""The second stage on a tiny model: which drafts it prefers, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from peft import set_peft_model_state_dict
from safetensors.torch import load_file

from revision_engine import prompts
from revision_engine.backends.local import LocalBackend
from revision_engine.types import PairText
from tests.tiny_model import make_tiny_model
from training.config import LoraConfig
from training.examples import RevisionExample, edit_distance, write_jsonl
from training.recipes import checkpoints, coach_preference, loading, losses
from training.recipes.coach_preference import PreferenceConfig

pytestmark = pytest.mark.model

RAW = PairText(instruction="Name a colour.", input="", response="Red, maybe.")
NEAR, FAR = "Red is a colour.", "I like the sea and the wind and the rain on it."


def example(number: int) -> RevisionExample:
    raw = replace(RAW, instruction=f"Name colour {number}.")
    revised = replace(raw, response="Red is a warm colour, and so is orange.")
    distance = edit_distance(raw, revised)
    return RevisionExample(
        source_id=str(number), raw=raw, revised=revised, distance=distance
    )


def draft(pair: RevisionExample, response: str) -> dict:
    text = prompts.by_version(prompts.DEFAULT).target(
        replace(pair.raw, response=response)
    )
    return {"text": text, "finished": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    base = make_tiny_model(tmp_path / "base")
    config = LoraConfig(base_model=str(base), wording="Improve.", rank=4)
    (tmp_path / "config.json").write_text(json.dumps(config.as_dict()))
    told = {"least_distance": 5, "least_margin": 5, "learning_rate": 0.01}
    (tmp_path / "preference.json").write_text(json.dumps(told))
    write_jsonl(tmp_path / "train.jsonl", [example(number) for number in range(8)])
    model, _ = loading.load_model(config)
    weights = checkpoints.adapter_of(model)
    checkpoints.save_adapter(tmp_path, model, weights, config.base_model)
    return tmp_path


def offer(folder: Path, *responses: str) -> None:
    rows = [
        {"source_id": one.source_id, "drafts": [draft(one, said) for said in responses]}
        for one in map(example, range(8))
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "candidates.jsonl").write_text(lines)


def lead(folder: Path, adapter: str) -> float:
    """How many nats likelier the nearer draft is than the farther one."""
    config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    model, tokenizer = loading.load_model(config)
    weights = folder / adapter / "adapter_model.safetensors"
    set_peft_model_state_dict(model, load_file(weights))
    one = example(0)
    rows = [
        coach_preference._encoded(one, draft(one, said), tokenizer, config)
        for said in (NEAR, FAR)
    ]
    near, far = (losses.fastest(model)([row]).item() for row in rows)
    return far - near


def test_the_nearer_draft_becomes_likelier_than_the_farther(folder):
    offer(folder, FAR, NEAR)

    coach_preference.main(folder)

    assert lead(folder, "preferred") > lead(folder, "adapter") + 1


def test_drafts_that_hardly_differ_teach_nothing_and_that_is_said(folder):
    offer(folder, NEAR, NEAR + " ")

    with pytest.raises(SystemExit, match="too much alike"):
        coach_preference.main(folder)


def test_an_unusable_draft_is_never_preferred(folder):
    one, config = example(0), LoraConfig(wording="Improve.")
    _, tokenizer = loading.load_model(
        LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    )
    broken = {"text": "no labels at all", "finished": True}

    [choice] = coach_preference.choices(
        one, [broken, draft(one, FAR)], tokenizer, config, PreferenceConfig()
    )

    assert tokenizer.decode(choice.worse.target[:-1]) == "no labels at all"


def test_candidates_are_drawn_once_and_the_same_for_a_seed(folder):
    lora = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    config = PreferenceConfig(candidates=2)
    examples = [example(1), example(2)]

    first = list(coach_preference.draw(folder, examples, lora, config))
    again = list(coach_preference.draw(folder, examples, lora, config))
    backend = LocalBackend(coach_preference._coach(folder, lora), folder)
    anew = coach_preference._drafts(backend, examples, config)

    assert [len(row["drafts"]) for row in first] == [3, 3]
    assert again == first
    assert [[d["text"] for d in row["drafts"]] for row in first] == [
        [d["text"] for d in drafts] for drafts in anew
    ]


@pytest.mark.parametrize("values", [{"pairs": 0}, {"beta": 0.0}, {"unknown": 1}])
def test_settings_that_cannot_be_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        PreferenceConfig.from_dict(values)
