"""What a file is, for its papers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FilePaper:
    """One file of an export."""

    name: str
    rows: int
    bytes: int
    sha256: str


def paper_of(path: Path, *, name: str, rows: int) -> FilePaper:
    """The paper of a file that is written to its end."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return FilePaper(name, rows, path.stat().st_size, digest.hexdigest())
