"""An adapter's papers fit its weights, or are refused by the field that does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.config import LoraConfig
from training.manifest import NAME, WEIGHTS, BadManifest, Manifest, digest_file


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    papers = Manifest.of(
        name="run 7",
        config=LoraConfig().as_dict(),
        adapter_sha256=digest_file(tmp_path / WEIGHTS),
        snapshot_sha256="5" * 64,
        fingerprints=["b" * 64, "a" * 64],
        figures=[{"name": "chrF", "value": 50.0}],
    )
    papers.write(tmp_path)
    return tmp_path


def change(adapter: Path, **values: object) -> None:
    path = adapter / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_papers_are_read_back_as_they_were_written(adapter):
    papers = Manifest.read(adapter)

    assert papers.name == "run 7"
    assert papers.trained_on == ["a" * 16, "b" * 16]
    assert papers.examples == 2
    assert LoraConfig.from_dict(papers.config) == LoraConfig()
    assert papers.made_at.endswith("+00:00")
    assert not list(adapter.glob("*.part"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 99),
        ("adapter_sha256", "0" * 64),
        ("prompt", "coachlm-0"),
        ("prompt_sha256", "0" * 64),
        ("colour", "blue"),
    ],
)
def test_papers_that_do_not_fit_are_refused_by_their_field(adapter, field, value):
    change(adapter, **{field: value})

    with pytest.raises(BadManifest, match=field):
        Manifest.read(adapter)


def test_changed_weights_are_refused(adapter):
    (adapter / WEIGHTS).write_bytes(b"other weights")

    with pytest.raises(BadManifest, match="adapter_sha256"):
        Manifest.read(adapter)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_unreadable_papers_are_refused(adapter, text):
    (adapter / NAME).write_text(text)

    with pytest.raises(BadManifest, match=NAME):
        Manifest.read(adapter)


def test_missing_papers_are_refused(tmp_path):
    with pytest.raises(BadManifest, match=NAME):
        Manifest.read(tmp_path)
