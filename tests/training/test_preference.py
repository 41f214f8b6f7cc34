"""The second stage on a tiny model: what it prefers, resumes, and refuses."""

from __future__ import annotations

import json
import math
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import set_peft_model_state_dict
from safetensors.torch import load_file

from revision_engine import prompts
from revision_engine.types import PairText
from tests.running import TIMEOUT, curve, lines, start, wait_for_step, weights
from tests.tiny_model import make_tiny_model
from training.causes import Failed
from training.config import LoraConfig
from training.examples import RevisionExample, edit_distance, write_jsonl
from training.manifest import START, digest_file
from training.preferences import NAME, Preference, PreferenceKind, write_preferences
from training.recipes import (
    checkpoints,
    coach_lora,
    coach_preference,
    drawing,
    loading,
    losses,
)
from training.recipes.batches import Encoded

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]

RECIPE = "training.recipes.coach_preference"
NEAR, FAR = "Red is a colour.", "I like the sea and the wind and the rain on it."
HINT = "shorter"


def raw(number: int) -> PairText:
    return PairText(instruction=f"Name colour {number}.", response="Red, maybe.")


def preference(number: int, hint: str = "") -> Preference:
    return Preference(
        source_id=str(number),
        kind=PreferenceKind.FINAL,
        raw=raw(number),
        chosen=replace(raw(number), response=NEAR),
        rejected=replace(raw(number), response=FAR),
        hint=hint,
    )


def example(number: int) -> RevisionExample:
    revised = replace(
        raw(number), response="Red is a warm colour, and so is orange, and brown."
    )
    distance = edit_distance(raw(number), revised)
    return RevisionExample(
        source_id=str(number), raw=raw(number), revised=revised, distance=distance
    )


@pytest.fixture
def one_thread():
    before = torch.get_num_threads(), signal.getsignal(signal.SIGTERM)
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before[0])
    signal.signal(signal.SIGTERM, before[1])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    return run_folder(tmp_path / "run", tiny)


def run_folder(folder: Path, base: Path, hint: str = "", **values) -> Path:
    """A run's folder with the coach that it goes on from."""
    folder.mkdir()
    told = {"base_model": str(base), "wording": "Improve.", "rank": 4, **values}
    told = {"learning_rate": 0.01, "batch_size": 4, "checkpoint_steps": 1, **told}
    fresh = LoraConfig.from_dict({"epochs": 2, "learns": "preferences", **told})
    torch.manual_seed(3)
    model, _ = loading.load_model(fresh)
    made = checkpoints.adapter_of(model)
    checkpoints.save_adapter(folder, model, made, str(base))
    (folder / "adapter").rename(folder / START)
    digest = digest_file(folder / START / "adapter_model.safetensors")
    config = replace(fresh, start_from=digest)
    (folder / "config.json").write_text(json.dumps(config.as_dict()))
    write_jsonl(folder / "train.jsonl", map(example, range(12)))
    write_jsonl(folder / "held_out.jsonl", map(example, range(20, 23)))
    write_preferences(folder / NAME, [preference(n, hint) for n in range(12)])
    return folder


def config_of(folder: Path) -> LoraConfig:
    return LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))


def learn(folder: Path) -> None:
    coach_lora.train(folder, coach_preference.teach)


def lead(folder: Path, adapter: str, hint: str = "", near: str = NEAR) -> float:
    """How many nats likelier the nearer text is than the rejected one."""
    config, one = config_of(folder), preference(0)
    better = replace(one.chosen, response=near)
    model, tokenizer = loading.load_model(config)
    set_peft_model_state_dict(
        model, load_file(folder / adapter / "adapter_model.safetensors")
    )
    prompt = prompts.by_version(config.prompt)
    asked = prompt.render(one.raw, prompts.asking_for(config.wording, hint))
    rows = [
        Encoded(
            prompts.chat_ids(tokenizer, asked),
            prompts.text_ids(tokenizer, prompt.target(text, one.raw)),
        )
        for text in (better, one.rejected)
    ]
    near_nats, far_nats = losses.by_row(losses.fastest(model), rows).tolist()
    return far_nats - near_nats


def test_the_chosen_text_becomes_likelier_than_the_rejected(folder):
    learn(folder)

    assert lead(folder, "adapter") > lead(folder, START) + 1


def test_it_logs_the_curve_that_every_run_has(folder):
    learn(folder)

    steps, held_out = lines(folder, "step"), curve(folder, "held_out")
    assert [one["step"] for one in steps] == list(range(1, 7))
    assert {"epoch", "loss", "rate", "tokens", "targets", "seconds"} <= set(steps[0])
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert sorted(held_out) == [0, 3, 6]
    assert lines(folder, "start")[0]["examples"] == 12


def test_the_first_loss_is_that_of_no_preference(tmp_path, tiny):
    folder = run_folder(tmp_path / "run", tiny, likelihood=0.0)

    learn(folder)

    assert lines(folder, "step")[0]["loss"] == pytest.approx(math.log(2), rel=1e-3)


def test_what_was_asked_for_stands_in_the_prompt(tmp_path, tiny):
    hinted = run_folder(tmp_path / "hinted", tiny, HINT)
    plain = run_folder(tmp_path / "plain", tiny)

    learn(hinted)
    learn(plain)

    assert lead(hinted, "adapter", HINT) > lead(plain, "adapter", HINT) > 0


def test_a_killed_run_goes_on_to_the_same_losses_and_weights(tmp_path, tiny):
    whole = run_folder(tmp_path / "whole", tiny)
    killed = run_folder(tmp_path / "killed", tiny)

    learn(whole)
    process = start(killed, recipe=RECIPE)
    wait_for_step(killed, 2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=TIMEOUT)
    learn(killed)

    assert lines(killed, "start")[1]["step"] >= 1
    assert curve(killed) == curve(whole)
    assert weights(killed) == weights(whole)


def test_what_texts_cost_at_the_start_is_asked_once(tmp_path, tiny):
    folder = run_folder(tmp_path / "run", tiny)
    learn(folder)
    told = (folder / "reference.jsonl").read_text()
    first = weights(folder)

    shutil.rmtree(folder / "adapter")
    (folder / "reference.jsonl").write_text(told + '{"run": "half a li')
    learn(folder)

    assert (folder / "reference.jsonl").read_text() == told
    assert weights(folder) == first


def test_another_seed_takes_another_order(tmp_path, tiny):
    one = run_folder(tmp_path / "one", tiny)
    other = run_folder(tmp_path / "other", tiny, seed=18)

    learn(one)
    learn(other)

    assert weights(one) != weights(other)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_tokens": 20}, "None of the 12 preferences can be learnt from"),
        ({"start_from": ""}, "start_from names none"),
    ],
)
def test_what_cannot_be_learned_is_said_in_a_sentence(folder, values, words):
    told = json.loads((folder / "config.json").read_text()) | values
    (folder / "config.json").write_text(json.dumps(told))

    with pytest.raises(Failed, match=words):
        learn(folder)


def draft(pair: RevisionExample, response: str) -> dict:
    text = prompts.by_version(prompts.DEFAULT).target(
        replace(pair.raw, response=response)
    )
    return {"text": text, "finished": True}


def test_the_coachs_own_drafts_are_ranked_where_that_is_asked_for(tmp_path, tiny):
    folder = run_folder(tmp_path / "run", tiny, draws=8)
    write_preferences(folder / NAME, [])
    near = "Red is a warm colour, and so is orange."
    said = [
        {"source_id": str(n), "drafts": [draft(example(n), r) for r in (FAR, near)]}
        for n in range(12)
    ]
    (folder / "candidates.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in said)
    )

    learn(folder)

    assert lines(folder, "start")[0]["examples"] == 8
    assert lead(folder, "adapter", near=near) > lead(folder, START, near=near)


def test_an_unusable_draft_is_never_preferred(folder):
    _, tokenizer = loading.load_model(config_of(folder))
    broken = {"text": "no labels at all", "finished": True}

    [(_, worse)] = drawing.choices(
        example(0), [broken, draft(example(0), FAR)], tokenizer, config_of(folder)
    )

    assert tokenizer.decode(worse.target[:-1]) == "no labels at all"


def test_drafts_that_hardly_differ_teach_nothing(folder):
    _, tokenizer = loading.load_model(config_of(folder))
    drafts = [draft(example(0), NEAR), draft(example(0), NEAR + " ")]

    assert not list(drawing.choices(example(0), drafts, tokenizer, config_of(folder)))


def test_candidates_are_drawn_once_and_the_same_for_a_seed(folder):
    examples = [example(1), example(2)]

    first = list(drawing.draw(folder, examples, config_of(folder)))
    again = list(drawing.draw(folder, examples, config_of(folder)))
    (folder / "candidates.jsonl").unlink()
    anew = list(drawing.draw(folder, examples, config_of(folder)))

    assert [len(row["drafts"]) for row in first] == [5, 5]
    assert first == again == anew
