"""What lets a killed run go on, and what it ends with, whole or not there: an adapter,
or a model all of whose weights learned."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict
from torch import Tensor

from training import preferences
from training.config import LoraConfig

FORMAT = 2
NAME = "checkpoint.pt"
ADAPTER, MODEL = "adapter", "model"
"""Folders of what a run ends with."""


@dataclass(slots=True)
class State:
    """Where a run stands, beside its weights and its optimizer."""

    step: int = 0
    measured: int = -1
    """The last step whose held-out loss is known."""
    best_step: int = 0
    best_loss: float = math.inf
    best: dict[str, Tensor] | None = None
    """The adapter of `best_step`, as it would be saved."""
    mark: float = math.inf
    """The held-out loss that patience counts from."""
    waited: int = 0
    """Measurements since `mark` was set."""


class BadCheckpoint(ValueError):
    """The checkpoint is unreadable or another run's; the message says which."""


def identity(folder: Path, config: LoraConfig, processes: int) -> str:
    """Changes with anything that would make the rest of a run another one."""
    told = json.dumps([config.as_dict(), processes], sort_keys=True)
    digest = hashlib.sha256(told.encode())
    for name in ("train.jsonl", "held_out.jsonl"):
        digest.update((folder / name).read_bytes() + b"\0")
    if (chosen := folder / preferences.NAME).exists():
        digest.update(chosen.read_bytes())
    return digest.hexdigest()


def save(folder: Path, key: str, model: Any, optimizer: Any, state: State) -> None:
    part = folder / f"{NAME}.part"
    with part.open("wb") as file:
        torch.save(
            {
                "format": FORMAT,
                "identity": key,
                "adapter": _weights(model),
                "optimizer": optimizer.state_dict(),
                # Not asdict, which would copy the weights.
                "state": {name: getattr(state, name) for name in State.__slots__},
            },
            file,
        )
        os.fsync(file.fileno())
    part.rename(folder / NAME)
    _sync(folder)


def load(folder: Path, key: str, model: Any, optimizer: Any) -> State:
    """Put the last checkpoint back; a fresh state without one."""
    path = folder / NAME
    if not path.exists():
        return State()
    try:
        found = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as fault:  # torch.load names no family of errors for a bad file
        raise BadCheckpoint(
            f"The checkpoint is unreadable ({type(fault).__name__})."
        ) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BadCheckpoint("The checkpoint is of another version of the recipe.")
    if found["identity"] != key:
        raise BadCheckpoint("The checkpoint is of other settings or other examples.")
    _put(model, found["adapter"])
    optimizer.load_state_dict(found["optimizer"])
    return State(**found["state"])


def adapter_of(model: Any) -> dict[str, Tensor]:
    """A copy of what learns in bf16, which halves the file and not the result."""
    return {
        name: weight.detach().to("cpu", torch.bfloat16, copy=True)
        for name, weight in _weights(model).items()
    }


def has_adapter(model: Any) -> bool:
    """Whether an adapter learns, and not the whole model."""
    return hasattr(model, "peft_config")


def _weights(model: Any) -> dict[str, Tensor]:
    found: dict[str, Tensor] = (
        get_peft_model_state_dict(model) if has_adapter(model) else model.state_dict()
    )
    return found


def _put(model: Any, weights: dict[str, Tensor]) -> None:
    if has_adapter(model):
        set_peft_model_state_dict(model, weights)
    else:
        model.load_state_dict(weights)


def save_adapter(
    folder: Path,
    model: Any,
    weights: dict[str, Tensor],
    base_model: str,
) -> None:
    """Write these weights, in bf16, as `adapter/`; the model is used up."""
    part = folder / "adapter.part"
    shutil.rmtree(part, ignore_errors=True)
    set_peft_model_state_dict(model, weights)
    model.to(torch.bfloat16)
    model.peft_config["default"].base_model_name_or_path = base_model
    model.save_pretrained(part, safe_serialization=True, save_embedding_layers=False)
    (part / "README.md").unlink(missing_ok=True)
    for file in part.iterdir():
        _sync(file)
    part.rename(folder / "adapter")
    _sync(folder)


def save_model(
    folder: Path, model: Any, tokenizer: Any, weights: dict[str, Tensor]
) -> None:
    """Write these weights, in bf16, as `model/`, a base model's folder; the model is
    used up."""
    part = folder / f"{MODEL}.part"
    shutil.rmtree(part, ignore_errors=True)
    _put(model, weights)
    model.to(torch.bfloat16)
    model.save_pretrained(part, safe_serialization=True)
    tokenizer.save_pretrained(part)
    for file in part.iterdir():
        _sync(file)
    part.rename(folder / MODEL)
    _sync(folder)


def _sync(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
