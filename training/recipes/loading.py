"""The model that a run trains: a base as its precision says, and an adapter; or the
whole base."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig as PeftLora
from peft import get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.pytorch_utils import Conv1D

from revision_engine import base_models
from training import memory
from training.causes import Cause, Failed, likely
from training.config import LoraConfig
from training.manifest import START, WEIGHTS, digest_file


def load_model(config: LoraConfig, device: Any = "cpu") -> tuple[Any, Any]:
    """The base as `precision` says with a fresh fp32 adapter, and its tokenizer."""
    base, tokenizer = _load(config, _held(config, device))
    base.requires_grad_(requires_grad=False)
    lora = PeftLora(
        r=config.rank,
        lora_alpha=config.lora_alpha,
        target_modules=target_modules(config.targets, base),
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(base, lora, autocast_adapter_dtype=True)
    # In 4 bits it was loaded to where it belongs.
    return model if config.precision == "4bit" else model.to(device), tokenizer


def load_whole(config: LoraConfig, device: Any = "cpu") -> tuple[Any, Any]:
    """The base in fp32, all of whose weights learn, and its tokenizer.

    In fp32 whatever the precision: in half of it most of AdamW's steps are too small to
    change a weight.
    """
    if config.precision == "4bit":
        raise Failed(
            Cause.SETTING,
            "precision=4bit cannot be used: a whole model learns in fp32.",
        )
    base, tokenizer = _load(config, {"dtype": torch.float32})
    return base.to(device), tokenizer


def _load(config: LoraConfig, held: dict[str, Any]) -> tuple[Any, Any]:
    """The base and its tokenizer; Failed says why they cannot be had."""
    try:
        source = base_models.resolve(config.base_model)
        revision = config.base_revision or "main"
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        base = AutoModelForCausalLM.from_pretrained(
            source,
            revision=revision,
            use_safetensors=True,
            **held,
        )
    except base_models.BaseModelMissing as fault:
        raise Failed(Cause.BASE_MODEL, str(fault)) from None
    except (OSError, ValueError) as fault:
        reason = str(fault).strip().splitlines()[0]
        is_away = likely(reason) == Cause.NETWORK
        raise Failed(
            Cause.NETWORK if is_away else Cause.BASE_MODEL,
            f"The base model {config.base_model!r} could not be loaded: {reason}",
        ) from None
    if tokenizer.eos_token_id is None:
        raise Failed(
            Cause.BASE_MODEL,
            f"The tokenizer of {config.base_model!r} has no token that ends a text "
            f"(eos_token): a coach could not learn to end one.",
        )
    return base, tokenizer


def _held(config: LoraConfig, device: Any) -> dict[str, Any]:
    """How the base's weights are held, as `from_pretrained` takes it."""
    if config.precision != "4bit":
        half = config.precision == "bf16"
        return {"dtype": torch.bfloat16 if half else torch.float32}
    if not (torch.cuda.is_available() and memory.quantizes()):
        raise Failed(
            Cause.SETTING,
            "precision=4bit cannot be used: it needs a CUDA GPU and the package "
            "bitsandbytes where runs are trained. bf16 and fp32 need neither.",
        )
    quantized = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {
        "dtype": torch.bfloat16,
        "quantization_config": quantized,
        "device_map": {"": device},
    }


def target_modules(targets: str, base: Any) -> str | list[str]:
    """The setting as PEFT takes it; Failed names a layer that is not there."""
    if targets == "all-linear":
        return targets
    wanted = [name.strip() for name in targets.split(",") if name.strip()]
    kinds = (torch.nn.Linear, Conv1D)  # Conv1D is GPT-2's word for a linear layer
    linear = [name for name, part in base.named_modules() if isinstance(part, kinds)]
    there = {name.rpartition(".")[2] for name in linear}
    if unknown := [name for name in wanted if name not in there]:
        raise Failed(
            Cause.TARGETS,
            f"The base model has no linear layer named {', '.join(unknown)}; "
            f"it has {', '.join(sorted(there))}.",
        )
    head = _tied_head(base)
    if head in wanted:
        raise Failed(
            Cause.TARGETS,
            f"{head} is tied to the embeddings of this base model: an adapter of it "
            f"could not be merged. Leave it out of the targets.",
        )
    return wanted


def _tied_head(base: Any) -> str:
    """The name of a head whose weights are the embeddings, too; empty: none is."""
    head = base.get_output_embeddings()
    if head is None or head.weight is not base.get_input_embeddings().weight:
        return ""
    [name] = [name for name, part in base.named_modules() if part is head]
    return str(name.rpartition(".")[2])


def load_start(folder: Path, config: LoraConfig, model: Any) -> None:
    """Give the model the weights of the adapter that the run goes on from.

    Failed says how it is not the one meant, or does not fit.
    """
    start = folder / START
    weights = start / WEIGHTS
    if not weights.exists() or digest_file(weights) != config.start_from:
        raise Failed(
            Cause.SETTING,
            f"{START}/{WEIGHTS} is not there, or not the adapter "
            f"{config.start_from[:12]}… that start_from names.",
        )
    theirs = json.loads((start / "adapter_config.json").read_text())
    for mine, name in (("rank", "r"), ("lora_alpha", "lora_alpha")):
        if getattr(config, mine) != theirs[name]:
            raise Failed(
                Cause.SETTING,
                f"{mine} is {getattr(config, mine)}, and {theirs[name]} in the adapter "
                f"that the run goes on from: it cannot change on the way.",
            )
    found, wanted = load_file(weights), get_peft_model_state_dict(model)
    if {name: found[name].shape for name in found} != {
        name: wanted[name].shape for name in wanted
    }:
        raise Failed(
            Cause.SETTING,
            "The adapter that the run goes on from is of another base model or has "
            "other targets.",
        )
    set_peft_model_state_dict(model, found)
