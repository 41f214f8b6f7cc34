"""Whether a file of weights is all there: a look at its head, not at its gigabytes."""

from __future__ import annotations

import json
from pathlib import Path

HEAD = 8
"""Bytes that say how long the list of tensors is, which comes next."""
LONGEST_LIST = 100_000_000


def is_whole(path: Path) -> bool:
    """Whether a safetensors file is as long as its own list of tensors says."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(HEAD), "little")
            if length > LONGEST_LIST:
                return False
            tensors = json.loads(file.read(length))
        ends = [t["data_offsets"][1] for n, t in tensors.items() if n[:2] != "__"]
        return path.stat().st_size == HEAD + length + max(ends, default=0)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return False
