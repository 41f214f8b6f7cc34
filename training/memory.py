"""What a run needs of memory, told from its base model's files before any is loaded."""

from __future__ import annotations

import importlib.util
import json
import math
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from revision_engine import base_models
from revision_engine.saying import gettext
from revision_engine.tensors import TensorFiles
from training.config import LoraConfig

LIBRARIES = 500_000_000
"""Bytes of torch and all that comes with it, before a model is loaded."""
WEIGHT_BYTES = {"bf16": 2.0, "fp32": 4.0, "4bit": 4.127 / 8}
"""Of a weight of the base; in 4 bits with its share of the doubly quantized scales."""
PLAIN_BYTES = {"bf16": 2, "fp32": 4, "4bit": 2}
"""Of a weight that is not quantized, and of a number of a pass."""
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
    """With all that its learning takes; where the whole model learns, that alone."""
    passes: int
    """Of one pass of `micro_batch_tokens`, estimated."""

    @property
    def least(self) -> int:
        """What is sure to be needed, whatever a pass takes."""
        return LIBRARIES + self.weights + self.adapter

    @property
    def likely(self) -> int:
        return self.least + self.passes


def need(config: LoraConfig, *, whole: bool = False) -> Need | None:
    """None where the base model's files are not on this machine, or tell too little.

    `whole`: all its weights learn, in fp32, and there is no adapter."""
    folder = base_models.kept(config.base_model, config.base_revision)
    files = sorted(folder.glob("*.safetensors")) if folder else []
    if folder is None or not files:
        return None
    shapes = _shapes(files)
    if whole:
        count = sum(map(math.prod, shapes.values()))
        return Need(
            weights=PLAIN_BYTES["fp32"] * count,
            adapter=(ADAPTER_BYTES - PLAIN_BYTES["fp32"]) * count,
            passes=_of_a_pass(_told(folder), replace(config, precision="fp32")),
        )
    return Need(
        weights=math.ceil(sum(_held(shapes, config.precision))),
        adapter=ADAPTER_BYTES * sum(_added(shapes, config)),
        passes=_of_a_pass(_told(folder), config),
    )


def _shapes(files: list[Path]) -> dict[str, tuple[int, ...]]:
    found = TensorFiles(*files)
    return {name: found.shape(name) for name in found}


def _held(shapes: dict[str, tuple[int, ...]], precision: str) -> Iterator[float]:
    """Bytes of the base, weight by weight."""
    for name, shape in shapes.items():
        is_whole = not _is_linear(name, shape)
        each = (PLAIN_BYTES if is_whole else WEIGHT_BYTES)[precision]
        yield each * math.prod(shape)


def _is_linear(name: str, shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 and not any(part in name for part in _NO_TARGETS)


def unknown_targets(config: LoraConfig) -> tuple[list[str], list[str]]:
    """Layers that the settings name and the base has not, and those that it has; none
    where its files are not on this machine."""
    folder = base_models.kept(config.base_model, config.base_revision)
    files = sorted(folder.glob("*.safetensors")) if folder else []
    if config.targets == "all-linear" or not files:
        return [], []
    shapes = _shapes(files)
    has = {_layer(n) for n, shape in shapes.items() if len(shape) == 2}
    linear = {_layer(n) for n, shape in shapes.items() if _is_linear(n, shape)}
    return [n for n in config.named_targets if n not in has], sorted(linear)


def _layer(name: str) -> str:
    return name.removesuffix(".weight").rpartition(".")[2]


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _added(shapes: dict[str, tuple[int, ...]], config: LoraConfig) -> Iterator[int]:
    """Weights of the adapter, layer by layer."""
    for name, shape in shapes.items():
        is_wanted = (
            config.targets == "all-linear" or _layer(name) in config.named_targets
        )
        if is_wanted and _is_linear(name, shape):
            yield config.rank * sum(shape)


def _of_a_pass(told: dict[str, Any], config: LoraConfig) -> int:
    """What is kept of a pass for its gradients: about eight rows of a layer's width and
    four of its inner one, and the logits."""
    width, inner = told.get("hidden_size", 0), told.get("intermediate_size", 0)
    layers, vocabulary = told.get("num_hidden_layers", 0), told.get("vocab_size", 0)
    kept = PLAIN_BYTES[config.precision] * layers * (8 * width + 4 * inner)
    return int(config.micro_batch_tokens * (kept + LOGIT_BYTES * vocabulary))


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


def quantizes() -> bool:
    """Whether a base can be held in 4 bits here: a CUDA GPU, and bitsandbytes."""
    has_it = importlib.util.find_spec("bitsandbytes") is not None
    return has_it and _of_the_card() is not None


def refusal(config: LoraConfig, found: Need | None, has: int | None) -> str:
    """Why a run cannot fit, as a sentence; empty if it may, or nothing is known."""
    if found is None or has is None or found.least <= has:
        return ""
    base, adapter = gigabytes(found.weights), gigabytes(found.adapter)
    return gettext(
        "%(base_model)s at rank %(rank)s needs at least %(least)s GB of memory "
        "(%(base)s of them the base model in %(precision)s, %(adapter)s the adapter "
        "with its optimizer), and where runs are trained there are %(has)s: choose a "
        "smaller base model or rank."
    ) % {
        "base_model": config.base_model,
        "rank": config.rank,
        "least": gigabytes(found.least),
        "base": base,
        "precision": config.precision,
        "adapter": adapter,
        "has": gigabytes(has),
    }


def refusal_of_whole(base_model: str, found: Need | None, has: int | None) -> str:
    """The same where all weights of the model learn."""
    if found is None or has is None or found.least <= has:
        return ""
    return gettext(
        "To tune %(base_model)s whole needs at least %(least)s GB of memory, and where "
        "runs are trained there are %(has)s: choose LoRA, or a smaller base model."
    ) % {
        "base_model": base_model,
        "least": gigabytes(found.least),
        "has": gigabytes(has),
    }


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f}"
