"""Adapters travel by digest through a storage that machines share."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from revision_engine import artefacts, tasks
from revision_engine.adapters import AdapterMismatch, AdapterMissing
from revision_engine.types import CoachRef

WEIGHTS = b"weights"
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    folder = tmp_path / "made-here" / "key"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(WEIGHTS)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "evil.pkl").write_bytes(b"pickle")
    return folder


@pytest.fixture
def bucket(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "bucket"
    settings.STORAGES = settings.STORAGES | {
        "coaches": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        }
    }
    return folder


def test_a_worker_elsewhere_gets_the_adapter_and_nothing_else(
    adapter, bucket, tmp_path
):
    there = tmp_path / "worker"

    artefacts.publish("key", adapter)
    artefacts.fetch("key", DIGEST, there)

    names = sorted(path.name for path in (there / "key").iterdir())
    assert names == ["adapter_config.json", "adapter_model.safetensors"]
    assert [path.name for path in there.iterdir()] == ["key"]


def test_other_weights_under_the_key_are_refused_and_not_kept(
    adapter, bucket, tmp_path
):
    artefacts.publish("key", adapter)
    (bucket / "key" / "adapter_model.safetensors").write_bytes(b"swapped")

    with pytest.raises(AdapterMismatch, match="other weights under key"):
        artefacts.fetch("key", DIGEST, tmp_path / "worker")

    assert list((tmp_path / "worker").iterdir()) == []


def test_publishing_twice_changes_nothing(adapter, bucket):
    artefacts.publish("key", adapter)
    (adapter / "adapter_model.safetensors").write_bytes(b"later")
    artefacts.publish("key", adapter)

    assert (bucket / "key" / "adapter_model.safetensors").read_bytes() == WEIGHTS


def test_an_adapter_that_is_nowhere_is_named(bucket, tmp_path):
    with pytest.raises(AdapterMissing, match="has no adapter lost"):
        artefacts.fetch("lost", DIGEST, tmp_path / "worker")


@pytest.mark.parametrize("key", ["../key", "a/b"])
def test_a_key_is_never_a_path(bucket, tmp_path, key):
    with pytest.raises(AdapterMissing):
        artefacts.fetch(key, DIGEST, tmp_path / "worker")


def test_without_a_shared_storage_the_local_store_is_all(adapter, tmp_path):
    artefacts.publish("key", adapter)
    artefacts.fetch("key", DIGEST, tmp_path / "worker")

    assert not (tmp_path / "worker").exists()


def test_the_engine_fetches_before_it_loads(adapter, bucket, settings, tmp_path):
    settings.COACH_STORE = str(tmp_path / "worker")
    tasks._backend.cache_clear()
    artefacts.publish("key", adapter)
    coach = CoachRef(
        name="Eva",
        base_model="none",
        adapter="key",
        adapter_sha256=DIGEST,
        prompt="coachlm-1",
        wording="Improve.",
    )

    tasks.generate_drafts(coach.as_dict(), [])

    assert (tmp_path / "worker" / "key").is_dir()
