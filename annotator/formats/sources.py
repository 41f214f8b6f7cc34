"""What a command may be pointed at: a file, a folder, or a dataset of the Hub."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from annotator.domain.saying import gettext
from annotator.formats.archives import is_of_use
from annotator.formats.rows import UnreadableFile

HUB = "hub:"
"""`hub:owner/name` or `hub:owner/name:split`."""


@contextmanager
def open_source(source: str) -> Iterator[tuple[BinaryIO, str]]:
    """The bytes that `reading.read_pairs` takes, and what they are called.

    A folder is packed into a zip archive as it lies: one that `datasets` saved, or
    parts of one table. Raises OSError where there is no such file, UnreadableFile where
    nothing in the folder is read or the Hub does not give the dataset.
    """
    if source.startswith(HUB):
        with tempfile.TemporaryDirectory() as folder:
            _fetch(source, Path(folder) / "dataset")
            with _packed(Path(folder) / "dataset") as file:
                yield file, source
        return
    path = Path(source)
    if path.is_dir():
        with _packed(path) as file:
            yield file, path.resolve().name
        return
    with path.open("rb") as whole:
        yield whole, path.name


@contextmanager
def _packed(folder: Path) -> Iterator[BinaryIO]:
    """Stored, not compressed: it is unpacked at once."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path: path.relative_to(folder).as_posix() for path in found}
    if not any(is_of_use(name) for name in names.values()):
        raise UnreadableFile(
            gettext("The folder %(folder)s has no file that is read.")
            % {"folder": folder.name}
        )
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", strict_timestamps=False) as archive:
            for path, name in names.items():
                if is_of_use(name):
                    archive.write(path, name)
        file.seek(0)
        yield cast(BinaryIO, file)


def _fetch(source: str, folder: Path) -> None:
    """Save a dataset of the Hub into a folder."""
    try:
        import datasets
    except ImportError:
        raise UnreadableFile(
            gettext(
                "%(source)s needs the package datasets, which is not installed: "
                "install it (pip install datasets), or download the dataset's "
                "files and import them."
            )
            % {"source": source}
        ) from None
    name, _, split = source.removeprefix(HUB).partition(":")
    try:
        datasets.load_dataset(name, split=split or None).save_to_disk(str(folder))
    except (OSError, ValueError, RuntimeError) as fault:
        why = str(fault).partition("\n")[0][:300]
        raise UnreadableFile(
            gettext(
                "%(source)s cannot be had from the Hub (%(why)s): check its name "
                "and the network, or download its files and import them."
            )
            % {"source": source, "why": why}
        ) from None
