"""Adapters in the store: found by key, trusted by digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

WEIGHTS = "adapter_model.safetensors"


class AdapterUnusable(Exception):
    """The adapter cannot be loaded; the message says why and what to do."""


class AdapterMissing(AdapterUnusable):
    """The store has no such adapter, or it is no safetensors file."""


class AdapterMismatch(AdapterUnusable):
    """The store has other weights under this key than those asked for."""


def verified_folder(store: Path, key: str, sha256: str) -> Path:
    """The adapter's folder, after its weights' digest has been checked.

    Only safetensors are taken: a pickle could run code.
    """
    if not key or key in {".", ".."} or Path(key).name != key or "\\" in key:
        raise AdapterMissing(f"{key!r} is no key of an adapter.")
    folder = store / key
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise AdapterMissing(
            f"The adapter {key} is not in the store ({WEIGHTS} is missing): copy its "
            f"folder into {store.name}/, or promote another coach."
        )
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise AdapterMismatch(
            f"The adapter {key} has the digest {found[:12]}…, not "
            f"{sha256[:12] or 'none'}…: its file was changed or damaged. Copy it anew."
        )
    return folder
