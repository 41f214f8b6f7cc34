"""Each family of base models: its loss, a training run, the merge, and drafts.

Drafts are transformers'; OpenVINO's are held to the same in tests/engine.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig as PeftLora
from peft import PeftModel, get_peft_model
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import writing
from revision_engine.adapters import WEIGHTS
from revision_engine.backends import hf, local
from revision_engine.merging import Adapter
from revision_engine.prompts import chat_ids
from revision_engine.tensors import TensorFiles
from revision_engine.types import CoachRef
from revision_engine.writing import text_of
from tests import families
from tests.training.test_recipe import example, lines, run_folder
from training.causes import Cause, Failed
from training.config import LoraConfig
from training.evaluation import held_out_loss
from training.manifest import digest_file
from training.recipes import batches, coach_lora, loading, losses
from training.target_logits import TargetLogits

pytestmark = pytest.mark.model
EACH = pytest.mark.parametrize("name", families.FAMILIES)
TURNS = ["Say hi.", "Instruction: A poem.\nResponse: No. " * 3, "Why <|im_end|>?"]
PACKED = {"llama", "llama tied, no template", "mistral"}


@pytest.fixture(autouse=True)
def small_and_exact(monkeypatch, request):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(hf, "dtype", lambda: torch.float32)
    monkeypatch.setattr(writing, "MAX_NEW_TOKENS", 24)
    local._loaded.clear()
    yield
    local._loaded.clear()
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The folder of a family's model, made once."""
    made: dict[str, Path] = {}

    def find(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp("family") / "base"
            made[name] = families.make(name, folder)
        return made[name]

    return find


def adapted(base: Path) -> Any:
    model = AutoModelForCausalLM.from_pretrained(base)
    lora = PeftLora(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    found = get_peft_model(model, lora)
    torch.manual_seed(1)
    for name, weight in found.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    return found


def rows_of(base: Path) -> list[batches.Encoded]:
    tokenizer = AutoTokenizer.from_pretrained(base)
    some = [example(number, weight=1 + number / 3) for number in range(4)]
    return batches.encode(some, tokenizer, LoraConfig(wording="Improve."))


def own_loss(model: Any, rows: list[batches.Encoded]) -> torch.Tensor:
    """By the model's own forward pass, row by row."""
    total = torch.zeros(())
    for row in rows:
        logits = model(input_ids=torch.tensor([row.ids])).logits[0]
        seen = logits[len(row.prompt) - 1 : -1]
        each = functional.cross_entropy(seen, torch.tensor(row.target), reduction="sum")
        total = total + row.weight * each
    return total


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    model.zero_grad()
    loss.backward()
    return {n: p.grad.clone() for n, p in model.named_parameters() if p.requires_grad}


@EACH
def test_its_loss_and_gradients_are_those_of_its_own_forward_pass(name, base):
    model, rows = adapted(base(name)), rows_of(base(name))
    theirs = own_loss(model, rows)
    wanted = gradients(model, theirs)
    loss = losses.fastest(model)

    ours = loss(rows)

    assert loss.name == ("packed" if name in PACKED else "padded")
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-4)
    for weight, found in gradients(model, ours).items():
        scale = wanted[weight].abs().max().item()
        assert torch.allclose(found, wanted[weight], atol=2e-3 * scale), weight


@pytest.mark.parametrize("name", ["gemma2", "granite", "qwen3"])
def test_the_evaluation_has_the_loss_of_its_own_forward_pass(name, base, tmp_path):
    model, rows = adapted(base(name)), rows_of(base(name))
    pairs = [held_out_loss.EncodedPair("x", row.prompt, row.target) for row in rows]

    found = held_out_loss.losses(TargetLogits(model.get_base_model()), pairs)

    with torch.no_grad():
        wanted = [own_loss(model, [replace(row, weight=1.0)]).item() for row in rows]
    assert found == pytest.approx(wanted, rel=0.03)  # bf16


def coach_after_a_run(base: Path, folder: Path) -> CoachRef:
    run = run_folder(
        folder, base, examples=range(8), held_out=range(30, 32), epochs=1,
        precision="fp32", learning_rate=0.05,
    )  # fmt: skip
    coach_lora.train(run)
    [first, *_], told = lines(run, "step"), lines(run, "held_out")
    assert first["loss"] > 0
    assert told[-1]["loss"] < told[0]["loss"]
    return CoachRef(
        name="tiny",
        base_model=str(base),
        adapter="adapter",
        adapter_sha256=digest_file(run / "adapter" / WEIGHTS),
        prompt="coachlm-2",
        wording="Improve.",
    )


@EACH
@torch.no_grad()
def test_what_a_run_made_drafts_as_the_unmerged_model_would(name, base, tmp_path):
    with torch.enable_grad():
        coach = coach_after_a_run(base(name), tmp_path / "run")
    plain = AutoModelForCausalLM.from_pretrained(base(name))
    model = PeftModel.from_pretrained(plain, tmp_path / "run" / "adapter").eval()
    tokenizer = AutoTokenizer.from_pretrained(base(name))
    writer: Any = hf.HfBackend(coach, tmp_path / "run")._writer()

    texts = [text_of(writer, number, turn) for number, turn in enumerate(TURNS)]
    done = sorted(writer.write(texts), key=lambda text: text.number)

    for text, turn in zip(done, TURNS, strict=True):
        assert text.prompt == chat_ids(tokenizer, turn)
        logits = model(torch.tensor([text.tokens])).logits[0]
        chances = logits[len(text.prompt) - 1 : -1].log_softmax(-1)
        picked = chances.gather(1, torch.tensor(text.written)[:, None])[:, 0]
        assert text.scores[: len(picked)] == pytest.approx(picked.tolist(), abs=0.01)
        barred = {place for place, tokens in text.barred.items() if tokens}
        free = [place for place in range(len(picked)) if place not in barred]
        assert (chances.max(-1).values - picked)[free].max() < 0.01
    _merged_alike(base(name), tmp_path / "run" / "adapter", model)


def _merged_alike(base: Path, adapter: Path, model: Any) -> None:
    """numpy's merge, which the converter uses, against peft's."""
    expected = model.merge_and_unload().state_dict()
    tensors, found = TensorFiles(base / "model.safetensors"), Adapter(adapter)
    assert found.names.keys() <= tensors.keys()
    for name in found.names:
        ours = torch.tensor(found.added_to(name, tensors[name]))
        assert torch.allclose(ours, expected[name], atol=1e-4), name


def test_a_head_that_is_the_embeddings_takes_no_adapter(base):
    tied = LoraConfig(base_model=str(base("qwen3")), targets="q_proj,lm_head")
    untied = replace(tied, base_model=str(base("qwen3 untied")))

    with pytest.raises(Failed, match="lm_head is tied to the embeddings") as fault:
        loading.load_model(tied)

    assert fault.value.cause == Cause.TARGETS
    model, _ = loading.load_model(untied)
    assert any("lm_head.lora_A" in name for name, _ in model.named_parameters())


def test_a_base_without_a_token_that_ends_a_text_is_refused(base, tmp_path):
    folder = families.make("llama", tmp_path / "endless")
    for path in folder.glob("*.json"):
        text = path.read_text().replace('"eos_token": "<|im_end|>"', '"other": ""')
        path.write_text(text.replace('"eos_token_id": 0', '"eos_token_id": null'))
    coach = CoachRef(
        name="endless", base_model=str(folder), prompt="coachlm-2", wording="Improve."
    )

    with pytest.raises(Failed, match="no token that ends a text"):
        loading.load_model(LoraConfig(base_model=str(folder)))
    with pytest.raises(ValueError, match="no token that ends a text"):
        hf.HfBackend(coach, tmp_path)
