"""What OpenVINO is given says what transformers' model says, for each family."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from revision_engine import base_models, converting
from revision_engine.backends import openvino
from revision_engine.converting import MODEL, Unconvertible, check_family, converted
from revision_engine.merging import Adapter, NotPlain
from revision_engine.tensors import TensorFiles, write_bf16
from revision_engine.writing import Text

pytestmark = pytest.mark.model

EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
PROMPTS = [list(range(5, 5 + n)) + [9, 8, 7] * 4 for n in (3, 40, 1, 17, 120, 60)]
SHIPPED = Path("training/shipped/coachlm-smollm2-135m").absolute()
SMALL: dict[str, Any] = {
    "vocab_size": 200,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "initializer_range": 0.3,
    "eos_token_id": 199,
    "bos_token_id": None,
}


def family(name: str) -> Any:
    torch.manual_seed(3)
    match name:
        case "llama":
            return LlamaForCausalLM(LlamaConfig(**SMALL))
        case "llama tied":
            return LlamaForCausalLM(LlamaConfig(**SMALL, tie_word_embeddings=True))
        case "qwen2":
            model = Qwen2ForCausalLM(Qwen2Config(**SMALL))
            for layer in model.model.layers:
                torch.nn.init.normal_(layer.self_attn.q_proj.bias)
                torch.nn.init.normal_(layer.self_attn.k_proj.bias)
            return model
        case _:
            return Qwen3ForCausalLM(Qwen3Config(**SMALL, head_dim=16))


def saved(model: Any, folder: Path) -> Path:
    for weights in model.parameters():  # what half precision holds to the bit
        weights.data = weights.data.half().float()
    model.eval().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", ["llama", "llama tied", "qwen2", "qwen3"])
@torch.no_grad()
def test_each_family_writes_what_transformers_would(name, tmp_path, monkeypatch):
    monkeypatch.setattr(openvino, "properties", lambda: EXACT)
    model = family(name)
    base = saved(model, tmp_path / "base")
    folder = converted(base, None, tmp_path / "cache")
    config = json.loads((base / "config.json").read_text())
    writer = openvino.OpenVinoWriter(folder / MODEL, config, None, [199])  # type: ignore[arg-type]

    done = writer.write([Text(n, prompt, 24) for n, prompt in enumerate(PROMPTS)])

    for text in done:
        logits = model(torch.tensor([text.tokens])).logits[0, len(text.prompt) - 1 : -1]
        chances = logits.log_softmax(-1)
        picked = chances.gather(1, torch.tensor(text.written)[:, None])[:, 0]
        assert len(text.written) > 0
        assert text.scores[: len(picked)] == pytest.approx(picked.tolist(), abs=0.03)
        assert (chances.max(-1).values - picked).max() < 0.03  # no other was likelier


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return saved(family("llama"), tmp_path_factory.mktemp("b") / "base")


def adapter(base: Path, folder: Path, **values: Any) -> Any:
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(
            **{"r": 4, "target_modules": "all-linear", "task_type": "CAUSAL_LM"}
            | values
        ),
    )
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("rslora", [True, False])
def test_an_adapter_is_merged_as_peft_merges_it(base, tmp_path, rslora):
    model = adapter(base, tmp_path / "a", use_rslora=rslora, lora_alpha=24)
    expected = model.merge_and_unload().state_dict()
    tensors, found = TensorFiles(base / "model.safetensors"), Adapter(tmp_path / "a")

    assert len(found.names) == 14
    for name in tensors:
        ours = found.added_to(name, tensors[name])
        np.testing.assert_allclose(ours, expected[name].numpy(), atol=1e-5)


def test_an_adapter_that_is_more_than_two_matrices_is_not_merged(base, tmp_path):
    adapter(base, tmp_path / "a", use_dora=True)

    with pytest.raises(NotPlain, match="use_dora True"):
        Adapter(tmp_path / "a")
    with pytest.raises(Unconvertible, match="use_dora"):
        converted(base, tmp_path / "a", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"model_type": "gpt_neox"}, "'gpt_neox' is not one of"),
        ({"model_type": "llama", "mlp_bias": True}, "mlp_bias True"),
        ({"model_type": "qwen2", "use_sliding_window": True}, "use_sliding_window"),
        ({"model_type": "llama", "rope_parameters": {"rope_type": "yarn"}}, "'yarn'"),
        ({"model_type": "llama", "rope_scaling": {"type": "linear"}}, "rope_scaling"),
        ({"model_type": "qwen3", "layer_types": ["sliding_attention"]}, "layers of"),
        (
            {
                "model_type": "llama",
                "head_dim": 16,
                "num_attention_heads": 4,
                "hidden_size": 32,
            },
            "heads",
        ),
    ],
)
def test_what_would_be_run_wrongly_is_not_converted(config, fault):
    with pytest.raises(Unconvertible, match=fault):
        check_family(config)


def test_a_conversion_is_made_once_and_found_by_what_it_is_made_of(
    base, tmp_path, monkeypatch
):
    cache = tmp_path / "cache"
    adapter(base, tmp_path / "a")
    adapter(base, tmp_path / "b")
    made: list[Path] = []
    real = converting._convert
    monkeypatch.setattr(
        converting, "_convert", lambda *all_: (made.append(all_[2]), real(*all_))
    )

    bare = converted(base, None, cache)
    first = converted(base, tmp_path / "a", cache)
    again = converted(base, tmp_path / "a", cache)
    other = converted(base, tmp_path / "b", cache)

    assert first == again
    assert len({bare, first, other}) == len(made) == 3
    monkeypatch.setattr(converting, "CONVERTER", "next")
    assert converted(base, None, cache) != bare


def test_a_start_has_ready_what_the_first_draft_is_written_with(
    base, tmp_path, monkeypatch
):
    monkeypatch.setenv("COACHLM_MODELS", str(tmp_path))
    adapter(base, tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "installed")
    monkeypatch.setattr(sys, "argv", ["converting", str(base), str(tmp_path / "a")])

    converting.main()

    (made,) = converting.cache_folder().iterdir()
    folder = converted(base, tmp_path / "installed", converting.cache_folder())
    assert folder == made


def test_a_half_written_conversion_is_never_used(base, tmp_path, monkeypatch):
    cache = tmp_path / "cache"

    def killed(base: Path, adapter: Path | None, part: Path) -> None:
        (part / MODEL).write_text("half")
        raise KeyboardInterrupt

    real = converting._convert
    monkeypatch.setattr(converting, "_convert", killed)
    with pytest.raises(KeyboardInterrupt):
        converted(base, None, cache)
    monkeypatch.setattr(converting, "_convert", real)
    assert list(cache.iterdir()) == []
    left = cache / "0123.77.part"  # of a process that was killed outright
    left.mkdir()
    os.utime(left, (0, 0))

    folder = converted(base, None, cache)

    assert [path.name for path in cache.iterdir()] == [folder.name]
    assert (folder / MODEL).stat().st_size > 4


def test_only_the_coaches_used_last_stay_on_disk(base, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setattr(converting, "_convert", lambda *_: None)
    monkeypatch.setattr(converting, "KEPT", 2)
    made = []
    for number in range(3):
        monkeypatch.setattr(converting, "CONVERTER", str(number))
        made.append(converted(base, None, cache))
        os.utime(made[-1], (number, number))

    assert sorted(cache.iterdir()) == sorted(made[1:])


@pytest.mark.timed
def test_the_shipped_coach_is_ready_within_30_seconds(tmp_path, monkeypatch):
    unpacked = base_models.folder(base_models.DEFAULT)
    monkeypatch.setenv("COACHLM_MODELS", str(tmp_path))
    began = time.monotonic()

    writer = openvino.load(unpacked, SHIPPED)

    assert time.monotonic() - began < 30
    assert writer.fits(Text(0, [1] * 1000, 1000))


def test_bf16_is_rounded_as_torch_rounds_it(tmp_path):
    values = torch.randn(7, 33) * torch.logspace(-20, 20, 33)
    write_bf16(tmp_path / "x.safetensors", {"x": values.numpy()})

    [found] = TensorFiles(tmp_path / "x.safetensors").values()

    assert np.array_equal(found, values.bfloat16().float().numpy())
