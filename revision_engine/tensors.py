"""Tensors in safetensors files as numpy arrays, bf16 included: no torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
KINDS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}


class UnknownTensor(ValueError):
    """A tensor of a kind that is not read here."""


class TensorFiles(Mapping[str, Array]):
    """The tensors of one or more files by name, each read when it is asked for.

    Values are float32, in the shape of the file.
    """

    def __init__(self, *paths: Path) -> None:
        self._found: dict[str, tuple[Path, int, dict[str, Any]]] = {}
        for path in paths:
            with path.open("rb") as file:
                size = int.from_bytes(file.read(8), "little")
                head = json.loads(file.read(size))
            head.pop("__metadata__", None)
            self._found |= {name: (path, 8 + size, told) for name, told in head.items()}

    def __getitem__(self, name: str) -> Array:
        path, start, told = self._found[name]
        kind = KINDS.get(told["dtype"])
        if kind is None:
            raise UnknownTensor(f"{name} in {path.name} is {told['dtype']}.")
        first, end = told["data_offsets"]
        count = (end - first) // np.dtype(kind).itemsize
        values = np.fromfile(path, kind, count, offset=start + first)
        if told["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(np.float32, copy=False).reshape(told["shape"])

    def shape(self, name: str) -> tuple[int, ...]:
        """Without reading the tensor."""
        return tuple(self._found[name][2]["shape"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def write_bf16(path: Path, tensors: Mapping[str, Array]) -> None:
    """Write float32 arrays as bf16, rounded to the nearest, ties to even."""
    head: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, values in tensors.items():
        start, end = end, end + 2 * values.size
        told = {"dtype": "BF16", "shape": values.shape, "data_offsets": [start, end]}
        head[name] = told
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for values in tensors.values():
            bf16_bits(values).tofile(file)


def bf16_bits(values: Array) -> NDArray[np.uint16]:
    """The upper half of each float32, rounded."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return rounded.astype(np.uint16)
