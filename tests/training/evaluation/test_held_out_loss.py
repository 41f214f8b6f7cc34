"""The loss of a real, tiny model, against the plain way to compute it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from revision_engine import prompts
from revision_engine.types import PairText
from tests.tiny_model import make_tiny_adapter, make_tiny_model
from training.config import LoraConfig
from training.evaluation import held_out, held_out_loss
from training.evaluation.coaches import coach_of
from training.examples import RevisionExample, write_jsonl

pytestmark = pytest.mark.model


@pytest.fixture
def run(tmp_path: Path) -> Path:
    base = make_tiny_model(tmp_path / "base")
    folder = tmp_path / "run-1"
    make_tiny_adapter(base, folder / "adapter")
    config = LoraConfig(base_model=str(base))
    (folder / "config.json").write_text(json.dumps(config.as_dict()))
    write_jsonl(folder / "held_out.jsonl", map(example, range(6)))
    return folder


def example(number: int) -> RevisionExample:
    raw = PairText(instruction="Name a river.", response="Nile.")
    revised = PairText(instruction="Name a river.", response="The Nile. " * number)
    return RevisionExample(
        source_id=f"row:{number}", raw=raw, revised=revised, distance=5
    )


def lines(run: Path) -> list[dict]:
    text = (run / "losses.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_a_pairs_loss_is_that_of_its_target_tokens_alone(run):
    held_out_loss.measure(run, adapter=None)

    coach, store = coach_of(run / "adapter", run)
    model, tokenizer = held_out_loss.load(coach, store)
    asked = prompts.by_version(coach.prompt).render(example(3).raw, coach.wording)
    prompt = prompts.chat_ids(tokenizer, asked)
    answer = prompts.by_version(coach.prompt).target(example(3).revised)
    target = [*tokenizer(answer)["input_ids"], tokenizer.eos_token_id]
    ids = torch.tensor([prompt + target])
    labels = torch.tensor([[-100] * len(prompt) + target])
    with torch.no_grad():
        mean = float(model(input_ids=ids, labels=labels).loss)
    [row] = [line for line in lines(run) if line["source_id"] == "row:3"]
    assert row["tokens"] == len(target)
    assert row["loss"] / row["tokens"] == pytest.approx(mean, rel=0.02)  # bf16


def test_each_pair_is_measured_once(run):
    held_out_loss.measure(run, adapter=None, limit=2)
    held_out_loss.measure(run, adapter=None)
    held_out_loss.measure(run, adapter=None)

    assert sorted(line["source_id"] for line in lines(run)) == [
        f"row:{number}" for number in range(6)
    ]


def test_a_pair_beyond_the_context_is_left_out(run, monkeypatch):
    held_out_loss.measure(run, adapter=None, limit=1)
    [shortest] = lines(run)
    coach, store = coach_of(run / "adapter", run)
    _, tokenizer = held_out_loss.load(coach, store)
    [row] = held_out_loss.encode([example(0)], tokenizer, coach)
    monkeypatch.setattr(held_out_loss, "CONTEXT_TOKENS", len(row))

    held_out_loss.measure(run, adapter=None)

    assert lines(run) == [shortest]


def test_the_report_has_the_loss_of_both_coaches(run, tmp_path):
    active = tmp_path / "store" / "active"
    make_tiny_adapter(tmp_path / "base", active, seed=9)

    report = held_out.evaluate(run, current=active, limit=2)

    found = {f["side"]: f for f in report["figures"] if f["name"] == "held-out loss"}
    assert set(found) == {"coach", "current", "difference"}
    assert found["difference"]["value"] == pytest.approx(
        found["coach"]["value"] - found["current"]["value"]
    )
    assert report["samples"][0]["tokens"] > 0
    assert report["samples"][0]["current"]["loss"] > 0


def test_the_loss_of_a_coach_that_diverged_is_left_out(run):
    held_out_loss.measure(run, adapter=None, limit=2)
    text = (run / "losses.jsonl").read_text().splitlines()
    broken = json.dumps(json.loads(text[0]) | {"loss": float("nan")})
    (run / "losses.jsonl").write_text(f"{broken}\n{text[1]}\n")

    report = held_out.evaluate(run, limit=2)

    [loss] = [f for f in report["figures"] if f["name"] == "held-out loss"]
    assert loss["n"] == 1
