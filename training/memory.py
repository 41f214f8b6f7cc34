"""What a run needs of memory, told from its base model's files before any is loaded."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from revision_engine import base_models
from revision_engine.tensors import TensorFiles
from training.config import LoraConfig

LIBRARIES = 500_000_000
"""Bytes of torch and all that comes with it, before a model is loaded."""
WEIGHT_BYTES = 2
"""The base is held in bf16."""
ADAPTER_BYTES = 16
"""Of each weight of the adapter: itself, its gradient and AdamW's two moments, fp32."""
LOGIT_BYTES = 10
"""Of each logit: bf16, fp32 and its gradient."""
_NO_TARGETS = ("embed", "wte", "wpe", "lm_head", "norm")
_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that training takes."""

    weights: int
    adapter: int
    passes: int
    """Of one pass of `micro_batch_tokens`, estimated."""

    @property
    def least(self) -> int:
        """What is sure to be needed, whatever a pass takes."""
        return LIBRARIES + self.weights + self.adapter

    @property
    def likely(self) -> int:
        return self.least + self.passes


def need(config: LoraConfig) -> Need | None:
    """None where the base model's files are not on this machine, or tell too little."""
    folder = base_models.kept(config.base_model)
    files = sorted(folder.glob("*.safetensors")) if folder else []
    if folder is None or not files:
        return None
    shapes = {
        name: found.shape(name) for found in [TensorFiles(*files)] for name in found
    }
    told = _told(folder)
    return Need(
        weights=WEIGHT_BYTES * sum(map(math.prod, shapes.values())),
        adapter=ADAPTER_BYTES * sum(_added(shapes, config)),
        passes=_of_a_pass(told, config.micro_batch_tokens),
    )


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _added(shapes: dict[str, tuple[int, ...]], config: LoraConfig) -> Iterator[int]:
    """Weights of the adapter, layer by layer."""
    wanted = {name.strip() for name in config.targets.split(",")}
    for name, shape in shapes.items():
        layer = name.removesuffix(".weight").rpartition(".")[2]
        is_linear = len(shape) == 2 and not any(part in name for part in _NO_TARGETS)
        if is_linear and (config.targets == "all-linear" or layer in wanted):
            yield config.rank * sum(shape)


def _of_a_pass(told: dict[str, Any], tokens: int) -> int:
    """What is kept of a pass for its gradients: about eight rows of a layer's width and
    four of its inner one, and the logits."""
    width, inner = told.get("hidden_size", 0), told.get("intermediate_size", 0)
    layers, vocabulary = told.get("num_hidden_layers", 0), told.get("vocab_size", 0)
    kept = WEIGHT_BYTES * layers * (8 * width + 4 * inner)
    return int(tokens * (kept + LOGIT_BYTES * vocabulary))


def room() -> int:
    """Bytes that a run on this machine may take: the GPU's where there is one, else the
    machine's, or its container's."""
    if (card := _of_the_card()) is not None:
        return card
    whole: int = psutil.virtual_memory().total
    try:
        return min(whole, int(_LIMIT.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return whole


def _of_the_card() -> int | None:
    """Bytes of the largest GPU; None where there is none that its driver tells of."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    asked = [tool, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(
            asked, capture_output=True, text=True, timeout=10, check=True
        )
        return max(int(line) for line in done.stdout.split()) * 1024**2
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def refusal(config: LoraConfig, found: Need | None, has: int | None) -> str:
    """Why a run cannot fit, as a sentence; empty if it may, or nothing is known."""
    if found is None or has is None or found.least <= has:
        return ""
    base, adapter = gigabytes(found.weights), gigabytes(found.adapter)
    return (
        f"{config.base_model} at rank {config.rank} needs at least "
        f"{gigabytes(found.least)} GB of memory ({base} of them the base model in "
        f"bf16, {adapter} the adapter with its optimizer), and where runs are trained "
        f"there are {gigabytes(has)}: choose a smaller base model or rank."
    )


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f}"
