"""Adapters as zips: whole ones, and ones with something wrong. No torch needed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

RANK = 2
LAYER = "model.layers.0.self_attn.q_proj"
SIZE = 8
CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "r": RANK,
    "lora_alpha": 4,
    "target_modules": ["q_proj"],
    "bias": "none",
    "modules_to_save": None,
    "megatron_core": "megatron.core",
    "base_model_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "revision": None,
}


def tensors(
    *, rank: int = RANK, wide: int = SIZE, layer: str = LAYER
) -> dict[str, Any]:
    """One layer's two matrices, by their names in a file of peft's."""
    stem = f"base_model.model.{layer}"
    return {
        f"{stem}.lora_A.weight": np.ones((rank, wide), np.float32),
        f"{stem}.lora_B.weight": np.ones((wide, rank), np.float32),
    }


def safetensors(given: Mapping[str, Any]) -> bytes:
    """The format, written by hand, so that it can be written wrong as well."""
    head, data = {}, b""
    for name, values in given.items():
        raw = values.tobytes()
        head[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + data


def files(**changed: Any) -> dict[str, bytes]:
    """An adapter's files; `config` alters its settings, `weights` its tensors."""
    config = CONFIG | changed.pop("config", {})
    return {
        "adapter_config.json": json.dumps(config).encode(),
        "adapter_model.safetensors": safetensors(changed.pop("weights", tensors())),
    }


def zipped(given: Mapping[str, bytes], *, folder: str = "mine/") -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in given.items():
            archive.writestr(f"{folder}{name}", content)
    out.seek(0)
    return out


def make_base(folder: Path, *, wide: int = SIZE, layer: str = LAYER) -> Path:
    """A base model's folder, with the one weight that is adapted."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    weight = {f"{layer}.weight": np.ones((wide, wide), np.float32)}
    (folder / "model.safetensors").write_bytes(safetensors(weight))
    return folder
