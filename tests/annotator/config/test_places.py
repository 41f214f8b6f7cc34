"""State files are whole or as they were, and are never trusted to be whole."""

from __future__ import annotations

import pytest

from annotator.config import places


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "embedded.json"
    places.write_private(path, "old")
    monkeypatch.setattr(places.os, "fsync", no_room)

    with pytest.raises(OSError, match="No space"):
        places.write_private(path, "new")

    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["embedded.json"]


def no_room(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_only_its_owner_reads_a_private_file(tmp_path):
    path = tmp_path / "password"

    places.write_private(path, "secret")

    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", [b"", b'{"DATABASE_URL": "postg', b"[]", b"3", b"\xff\x00", b"null"]
)
def test_a_state_file_that_is_cut_off_says_nothing(tmp_path, content):
    path = tmp_path / "up.json"
    path.write_bytes(content)

    assert places.read_state(path) == {}
    assert places.read_state(tmp_path / "none.json") == {}
    assert places.read_state(tmp_path) == {}


@pytest.mark.parametrize(
    "content", [b"", b"short", b"\xff" * 60, b"two words " * 9, b"\0" * 60]
)
def test_a_secret_that_is_cut_off_is_none(tmp_path, content):
    path = tmp_path / "secret_key"
    path.write_bytes(content)

    assert places.read_secret(path, least=32) == ""


def test_a_whole_secret_is_kept(tmp_path):
    path = tmp_path / "secret_key"
    places.write_private(path, "k" * 64)

    assert places.read_secret(path, least=32) == "k" * 64
