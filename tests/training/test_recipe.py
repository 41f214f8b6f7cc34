"""The recipe on a tiny model: what it learns from, resumes, and refuses."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from peft import LoraConfig as PeftLora
from peft import get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from revision_engine.types import PairText
from tests.running import TIMEOUT, curve, lines, start, wait_for_step, weights
from tests.tiny_model import make_tiny_model
from training.causes import Cause, Failed
from training.config import LoraConfig
from training.examples import RevisionExample, write_jsonl
from training.recipes import batches, coach_lora, losses, packed, watching


def example(number: int, **values) -> RevisionExample:
    raw = PairText(instruction=f"Say {number}.", input="", response="No.")
    said = " and ".join(["yes"] * (1 + number % 5))
    revised = replace(raw, response=f"{number}: {said}.")
    return RevisionExample(
        source_id=str(number), raw=raw, revised=revised, distance=9, **values
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    return run_folder(tmp_path / "run", tiny)


def run_folder(
    folder: Path, base: Path, *, examples=range(24), held_out=range(30, 36), **values
) -> Path:
    folder.mkdir()
    told = {
        "base_model": str(base),
        "wording": "Improve.",
        "rank": 4,
        "epochs": 2,
        "batch_size": 4,
        "micro_batch_tokens": 256,
        "checkpoint_steps": 2,
        **values,
    }
    config = LoraConfig.from_dict(told)
    (folder / "config.json").write_text(json.dumps(config.as_dict()))
    for name, numbers in (("train", examples), ("held_out", held_out)):
        made = [n if isinstance(n, RevisionExample) else example(n) for n in numbers]
        write_jsonl(folder / f"{name}.jsonl", made)
    return folder


@pytest.fixture
def one_thread():
    before = torch.get_num_threads(), signal.getsignal(signal.SIGTERM)
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before[0])
    signal.signal(signal.SIGTERM, before[1])


pytestmark = [pytest.mark.model, pytest.mark.usefixtures("one_thread")]


# The loss


def adapted(base, targets="all-linear"):
    torch.manual_seed(1)
    lora = PeftLora(r=4, target_modules=targets, task_type="CAUSAL_LM")
    model = get_peft_model(base, lora)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    return model


def encoded(tiny: Path, count: int = 5) -> list[batches.Encoded]:
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    some = [example(n, weight=1 + n / 3) for n in range(count)]
    return batches.encode(some, tokenizer, LoraConfig(wording="Improve."))


def loss_and_gradients(model, loss, rows):
    model.zero_grad()
    value = loss(rows)
    value.backward()
    found = {n: p.grad for n, p in model.named_parameters() if p.requires_grad}
    return value.item(), found


def assert_same_loss_and_gradients(model, rows) -> None:
    theirs = loss_and_gradients(model, losses.PaddedLoss(model), rows)
    ours = loss_and_gradients(model, losses.PackedLoss(model), rows)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    for name, gradient in theirs[1].items():
        scale = gradient.abs().max().item()
        assert torch.allclose(ours[1][name], gradient, atol=1e-4 * scale), name


@pytest.mark.parametrize("targets", ["all-linear", ["q_proj", "v_proj", "up_proj"]])
def test_packed_rows_have_the_loss_and_gradients_of_padded_ones(tiny, targets):
    model = adapted(AutoModelForCausalLM.from_pretrained(tiny), targets)

    assert_same_loss_and_gradients(model, encoded(tiny))


def test_packed_rows_may_have_biases_and_attention_too_long_to_keep(tiny, monkeypatch):
    config = AutoModelForCausalLM.from_pretrained(tiny).config.to_dict()
    config = {k: v for k, v in config.items() if k not in ("model_type", "dtype")}
    torch.manual_seed(2)
    base = Qwen2ForCausalLM(Qwen2Config(**config))
    for name, weight in base.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight)
    monkeypatch.setattr(packed, "KEPT_ATTENTION", 40)

    assert_same_loss_and_gradients(adapted(base), encoded(tiny))


def test_packed_rows_in_bf16_have_about_the_loss_of_padded_ones(tiny):
    base = AutoModelForCausalLM.from_pretrained(tiny, dtype=torch.bfloat16)
    model, rows = adapted(base), encoded(tiny)

    padded = losses.PaddedLoss(model)(rows).item()
    tight = losses.PackedLoss(model)(rows).item()

    assert tight == pytest.approx(padded, rel=0.01)


def test_an_architecture_that_cannot_be_packed_is_padded():
    sizes = {"n_layer": 1, "n_head": 2, "n_embd": 8, "vocab_size": 50}
    base = GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=1, eos_token_id=1))
    model = get_peft_model(
        base, PeftLora(target_modules="all-linear", fan_in_fan_out=True)
    )

    loss = losses.fastest(model)

    assert loss.name == "padded"
    assert "GPT2LMHeadModel" in packed.why_not(model)


def test_a_head_with_an_adapter_is_not_passed_over(tiny):
    base = AutoModelForCausalLM.from_pretrained(tiny)

    loss = losses.fastest(adapted(base, ["q_proj", "lm_head"]))

    assert loss.name == "padded"


def test_an_examples_weight_multiplies_its_target_tokens(tiny):
    model = adapted(AutoModelForCausalLM.from_pretrained(tiny))
    first, second = (replace(row, weight=1.0) for row in encoded(tiny, 2))
    loss = losses.fastest(model)

    both = loss([replace(first, weight=3.0), second]).item()

    alone = loss([first]).item(), loss([second]).item()
    assert both == pytest.approx(3 * alone[0] + alone[1], rel=1e-5)
    assert batches.weighted_tokens([replace(first, weight=3.0), second]) == (
        3 * len(first.target) + len(second.target)
    )


def test_no_micro_batch_costs_more_than_its_budget(tiny):
    rows = encoded(tiny, 20)

    parts = list(batches.micro_batches(rows, 400, batches.unpadded))

    assert sum(map(len, parts)) == 20
    assert max(map(batches.unpadded, parts)) <= 400


# A run


def test_the_loss_falls_and_the_adapter_is_saved(folder):
    coach_lora.train(folder)

    losses_told = list(curve(folder).values())
    assert losses_told[-1] < losses_told[0]
    assert lines(folder, "done")[0]["step"] == 12
    assert (folder / "adapter" / "adapter_model.safetensors").exists()
    assert not (folder / "checkpoint.pt").exists()


def test_in_fp32_nothing_is_held_in_halves(tmp_path, tiny):
    folder = run_folder(tmp_path / "run", tiny, precision="fp32", epochs=1)
    run = coach_lora.prepare(folder)

    dtypes = {weight.dtype for weight in run.model.parameters()}

    assert dtypes == {torch.float32}
    assert run.loss.name == "packed"


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path, tiny):
    runs = [
        run_folder(tmp_path / name, tiny, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]

    for folder in runs:
        coach_lora.train(folder)

    first, same, other = runs
    assert curve(first) == curve(same)
    assert weights(first) == weights(same)
    assert weights(first) != weights(other)


def test_a_killed_run_goes_on_to_the_same_losses_and_weights(tmp_path, tiny):
    values = {"epochs": 5, "eval_steps": 3}
    whole = run_folder(tmp_path / "whole", tiny, **values)
    killed = run_folder(tmp_path / "killed", tiny, **values)
    coach_lora.train(whole)

    process = start(killed)
    wait_for_step(killed, 7)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    process = start(killed)
    process.communicate(timeout=TIMEOUT)

    assert lines(killed, "start")[-1]["step"] >= 6
    assert curve(killed) == curve(whole)
    assert curve(killed, "held_out") == curve(whole, "held_out")
    assert weights(killed) == weights(whole)


def test_sigterm_ends_it_with_a_checkpoint_and_a_line(tmp_path, tiny):
    folder = run_folder(tmp_path / "run", tiny, epochs=400, checkpoint_steps=10_000)
    process = start(folder)
    wait_for_step(folder, 3)

    process.terminate()
    process.communicate(timeout=TIMEOUT)

    assert process.returncode == watching.CANCELLED
    state = torch.load(folder / "checkpoint.pt", weights_only=True)["state"]
    assert lines(folder, "cancelled")[0]["step"] == state["step"] >= 3
    assert not (folder / "adapter").exists()


def test_it_stops_early_and_keeps_the_best_adapter(tmp_path, tiny):
    overfit = {"learning_rate": 0.3, "warmup_share": 0.0, "epochs": 9}
    folder = run_folder(tmp_path / "run", tiny, eval_steps=1, patience=2, **overfit)

    coach_lora.train(folder)

    measured = curve(folder, "held_out")
    after = {step: loss for step, loss in measured.items() if step}
    best = min(after, key=after.__getitem__)
    assert lines(folder, "stopped_early")[0]["step"] == best + 2 == max(after)
    assert lines(folder, "done")[0]["best_step"] == best
    assert lines(folder, "best")[-1]["loss"] == after[best]


@pytest.mark.parametrize("damage", ["half", "other"])
def test_a_checkpoint_that_does_not_fit_is_told_of_and_passed_over(
    folder, tmp_path, tiny, damage
):
    coach_lora.train(run_folder(tmp_path / "clean", tiny))
    path = folder / "checkpoint.pt"
    if damage == "half":
        path.write_bytes(b"PK\x03\x04 and no more")
    else:
        torch.save({"format": 2, "identity": "another"}, path)

    coach_lora.train(folder)

    assert lines(folder, "checkpoint_ignored")[0]["reason"]
    assert weights(folder) == weights(tmp_path / "clean")


def test_a_run_that_is_finished_is_left_as_it_is(folder):
    coach_lora.train(folder)
    before = weights(folder)

    coach_lora.train(folder)

    assert weights(folder) == before
    assert len(lines(folder, "start")) == 1


def test_held_out_examples_are_bounded_and_the_same_ones(tmp_path):
    some = [example(number) for number in range(50)]

    chosen = batches.some_of(some, 10)

    assert len(chosen) == 10
    assert batches.some_of(some[::-1], 10) == chosen
    assert batches.some_of(some, 0) == some


@pytest.mark.parametrize(
    ("values", "words", "cause"),
    [
        ({"max_tokens": 5}, "max_tokens=5", Cause.TOO_LONG),
        ({"precision": "4bit"}, "needs a CUDA GPU", Cause.SETTING),
        ({"targets": "q_proj,query"}, "no linear layer named query", Cause.TARGETS),
        ({"base": "no/such/model"}, "'no/such/model' could not be loaded", None),
        (
            {"learning_rate": 1e38, "gradient_clip": 1e38},
            "lower learning_rate",
            Cause.DIVERGED,
        ),
        ({"examples": [example(1, weight=0.0)]}, "weight above 0", Cause.SETTING),
    ],
)
def test_a_run_that_cannot_work_says_why_in_one_sentence(
    tmp_path, tiny, values, words, cause
):
    values = {"base": tiny, **values}
    folder = run_folder(tmp_path / "run", **values)

    with pytest.raises(Failed, match=words) as fault:
        coach_lora.train(folder)

    assert "\n" not in str(fault.value)
    # Without the network nobody knows whether the hub has such a model.
    wanted = {cause} if cause else {Cause.BASE_MODEL, Cause.NETWORK}
    assert fault.value.cause in wanted


def test_two_processes_learn_what_one_learns(tmp_path, tiny):
    one = run_folder(tmp_path / "one", tiny)
    two = run_folder(tmp_path / "two", tiny)
    # What `accelerate launch` runs on GPUs; on CPUs alone it would ask for mpirun.
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    coach_lora.train(one)

    process = start(two, *launch)
    _, said = process.communicate(timeout=TIMEOUT)

    assert process.returncode == 0, said
    assert lines(two, "start")[0]["processes"] == 2
    assert curve(two) == pytest.approx(curve(one), rel=0.02)
    assert curve(two, "held_out") == pytest.approx(curve(one, "held_out"), rel=0.02)
    assert len(lines(two, "step")) == 12


# Going on from an adapter


def gone_on(tmp_path: Path, tiny: Path, **values) -> tuple[Path, Path]:
    """A run's folder after it, and that of one that goes on from its adapter."""
    first = run_folder(tmp_path / "first", tiny)
    coach_lora.train(first)
    told = {"start_from": weights(first), **values}
    second = run_folder(tmp_path / "second", tiny, **told)
    shutil.copytree(first / "adapter", second / "start")
    return first, second


def test_it_begins_at_the_loss_where_the_adapter_ended(tmp_path, tiny):
    first, second = gone_on(tmp_path, tiny)

    coach_lora.train(second)

    ended, begun = curve(first, "held_out"), curve(second, "held_out")
    assert ended[0] > begun[0] == pytest.approx(min(ended.values()), rel=0.02)
    assert weights(second) != weights(first)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"start_from": "0" * 64}, "start_from"),
        ({"rank": 8}, "rank is 8, and 4"),
        ({"lora_alpha": 8}, "lora_alpha is 8, and 32"),
        ({"targets": "q_proj"}, "other targets"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(tmp_path, tiny, values, named):
    _, second = gone_on(tmp_path, tiny, **values)

    with pytest.raises(SystemExit, match=named):
        coach_lora.train(second)
    assert not (second / "adapter").exists()
