"""Adapters in the store: found by key, trusted by digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from revision_engine.saying import gettext

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
        raise AdapterMissing(gettext("%(key)r is no key of an adapter.") % {"key": key})
    folder = store / key
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise AdapterMissing(
            gettext(
                "The adapter %(key)s is not in the store (%(file)s is missing): copy "
                "its folder into %(store)s/, or promote another coach."
            )
            % {"key": key, "file": WEIGHTS, "store": store.name}
        )
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise AdapterMismatch(
            gettext(
                "The adapter %(key)s has the digest %(found)s…, not %(asked)s…: its "
                "file was changed or damaged. Copy it anew."
            )
            % {"key": key, "found": found[:12], "asked": sha256[:12] or "none"}
        )
    return folder
