"""An adapter is taken from the store only if it is the one asked for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from revision_engine.adapters import (
    WEIGHTS,
    AdapterMismatch,
    AdapterMissing,
    verified_folder,
)

SHA256 = hashlib.sha256(b"weights").hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store" / "key").mkdir(parents=True)
    (tmp_path / "store" / "key" / WEIGHTS).write_bytes(b"weights")
    return tmp_path / "store"


def test_the_adapter_asked_for_is_found(store):
    assert verified_folder(store, "key", SHA256) == store / "key"


@pytest.mark.parametrize("sha256", ["", "0" * 64, SHA256.upper()])
def test_other_weights_are_refused(store, sha256):
    with pytest.raises(AdapterMismatch, match="changed or damaged"):
        verified_folder(store, "key", sha256)


@pytest.mark.parametrize(
    "key", ["", ".", "..", "../store/key", "/etc", "a\\b", "other"]
)
def test_a_key_leads_nowhere_but_into_the_store(store, key):
    with pytest.raises(AdapterMissing):
        verified_folder(store, key, SHA256)


def test_a_pickle_is_refused(store):
    (store / "key" / WEIGHTS).rename(store / "key" / "adapter_model.bin")

    with pytest.raises(AdapterMissing, match="safetensors"):
        verified_folder(store, "key", SHA256)
