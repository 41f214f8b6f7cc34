"""Adapters on their way between machines: a storage they share holds them by digest.

A GPU worker needs the broker and this storage, and no database. The storage is any of
Django's (`STORAGES["coaches"]`): a folder, or S3 through django-storages. Without one,
the local store is all there is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from revision_engine.adapters import WEIGHTS, AdapterMismatch, AdapterMissing
from revision_engine.saying import gettext

ALIAS = "coaches"
FILES = (WEIGHTS, "adapter_config.json", "manifest.json")
"""All that is carried: weights as safetensors, never a pickle."""


def shared() -> Storage | None:
    """The storage that machines share; None if none is configured."""
    return storages[ALIAS] if ALIAS in settings.STORAGES else None


def publish(key: str, folder: Path) -> None:
    """Put an adapter into the shared storage. The weights come last: where they are,
    all is. Content never changes under a key, so what is there is left alone."""
    storage = shared()
    if storage is None or storage.exists(f"{key}/{WEIGHTS}"):
        return
    for name in reversed(FILES):
        path = folder / name
        if path.is_file() and not storage.exists(f"{key}/{name}"):
            with path.open("rb") as file:
                storage.save(f"{key}/{name}", File(file))


def fetch(key: str, sha256: str, store: Path) -> None:
    """Bring an adapter from the shared storage into the local store, if it is not
    there. AdapterMismatch if other weights arrive; nothing of them is kept."""
    storage = shared()
    if storage is None or not key or (store / key).exists():
        return
    if Path(key).name != key or not storage.exists(f"{key}/{WEIGHTS}"):
        raise AdapterMissing(
            gettext("The shared storage has no adapter %(key)s.") % {"key": key}
        )
    part = store / f"{key}.{os.getpid()}.part"
    part.mkdir(parents=True, exist_ok=True)
    try:
        for name in FILES:
            if storage.exists(f"{key}/{name}"):
                kept = part / name
                with storage.open(f"{key}/{name}") as source, kept.open("wb") as target:
                    shutil.copyfileobj(source, target)
        _check(part / WEIGHTS, key, sha256)
        if not (store / key).exists():
            part.rename(store / key)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check(weights: Path, key: str, sha256: str) -> None:
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise AdapterMismatch(
            gettext(
                "The shared storage has other weights under %(key)s: digest "
                "%(found)s…, not %(asked)s…. Publish the adapter anew."
            )
            % {"key": key, "found": found[:12], "asked": sha256[:12] or "none"}
        )
