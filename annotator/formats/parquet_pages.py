"""How large the parts of a Parquet file become when they are decoded, from the headers
of its pages: whoever decodes a page decodes all of it.

A page's header says how many bytes it unpacks to (Thrift's compact protocol; the format
is in parquet-format's `parquet.thrift`). Where values are places in a list of words, or
take over the start of the value before them, a few bytes may stand for a long text: of
such a column each value counts as much as all that may be one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotator.domain.saying import gettext
from annotator.formats.rows import UnreadableFile

MAX_PAGE_BYTES = 128_000_000
"""Of one page, unpacked; writers make pages of about 1 MB."""
MAX_BATCH_BYTES = 256_000_000
"""Of rows that are decoded together, at worst."""
MAX_HEADER_BYTES = 1 << 20
USUAL_HEADER_BYTES = 4096
_TRUTHS = {1: True, 2: False}
_WHOLES = (4, 5, 6)
_WORDS = 2
"""The kind of a page that is a list of words."""
_TAKES_OVER = "DELTA_BYTE_ARRAY"


@dataclass(frozen=True, slots=True)
class Page:
    """What a page's header says."""

    kind: int
    unpacked: int
    packed: int
    """Bytes behind the header."""
    header: int


def rows_at_once(file: BinaryIO, table: Any, *, name: str, most: int) -> int:
    """How many rows may be decoded together, `most` at most; the file's place is kept.

    `table`: its pyarrow.parquet.FileMetaData. UnreadableFile: a page is too large to be
    decoded at all, or the pages do not lie where the file says.
    """
    place = file.tell()
    try:
        groups = [table.row_group(n) for n in range(table.num_row_groups)]
        filled = [each for each in groups if each.num_rows]
        widest = max((_row_bytes(file, each, name) for each in filled), default=0)
    finally:
        file.seek(place)
    return max(1, min(most, MAX_BATCH_BYTES // max(1, widest)))


def _row_bytes(file: BinaryIO, group: Any, name: str) -> int:
    """What a row of a group may become beyond the bytes of its pages; of a list the
    average row's."""
    whole = 0
    for place in range(group.num_columns):
        column = group.column(place)
        a_row = -(-column.num_values // max(1, group.num_rows))
        whole += a_row * _value_bytes(file, column, name)
    return whole


def _value_bytes(file: BinaryIO, column: Any, name: str) -> int:
    """The longest that a value may be which stands there more than once."""
    longest = 0
    takes_over = _TAKES_OVER in column.encodings
    for page in _pages(file, column, name):
        if page.unpacked > MAX_PAGE_BYTES:
            raise UnreadableFile(
                gettext(
                    "%(name)s has a page of %(count)s bytes in its column %(column)r; "
                    "%(most)s are allowed, since a page is unpacked as a whole: write "
                    "the file again with smaller pages (data_page_size), or save it as "
                    "JSONL."
                )
                % {
                    "name": name,
                    "count": f"{page.unpacked:,}",
                    "column": column.path_in_schema,
                    "most": f"{MAX_PAGE_BYTES:,}",
                }
            )
        if takes_over or page.kind == _WORDS:
            longest = max(longest, page.unpacked)
    return longest if "BYTE_ARRAY" in column.physical_type else 0


def _pages(file: BinaryIO, column: Any, name: str) -> Iterator[Page]:
    start = column.data_page_offset
    if column.has_dictionary_page and column.dictionary_page_offset:
        start = min(start, column.dictionary_page_offset)
    end = start + column.total_compressed_size
    while start < end:
        try:
            page = _header_at(file, start, end)
        except (IndexError, ValueError):
            raise UnreadableFile(
                gettext(
                    "%(name)s is a Parquet file whose pages do not lie where it says "
                    "(column %(column)r): write it again."
                )
                % {"name": name, "column": column.path_in_schema}
            ) from None
        yield page
        start += page.header + page.packed


def _header_at(file: BinaryIO, start: int, end: int) -> Page:
    """Headers are short, but may hold the least and the greatest value of a page."""
    for most in (USUAL_HEADER_BYTES, MAX_HEADER_BYTES):
        file.seek(start)
        written = file.read(min(most, end - start))
        try:
            return header_of(written)
        except (IndexError, ValueError):
            if most == MAX_HEADER_BYTES:
                raise
    raise ValueError("no page header")


def header_of(written: bytes) -> Page:
    """The header that stands at the start; ValueError, IndexError: there is none."""
    reader = _Thrift(written)
    fields = reader.struct()
    kind, unpacked, packed = (fields.get(number) for number in (1, 2, 3))
    if not isinstance(kind, int) or not isinstance(unpacked, int):
        raise ValueError("no page header")
    if not isinstance(packed, int) or packed < 0 or unpacked < 0:
        raise ValueError("a page of less than nothing")
    return Page(kind, unpacked, packed, reader.place)


class _Thrift:
    """The compact protocol, as far as headers use it."""

    def __init__(self, written: bytes) -> None:
        self.written = written
        self.place = 0

    def struct(self, depth: int = 0) -> dict[int, object]:
        """Fields by number; only those that are whole numbers have a value."""
        if depth > 8:
            raise ValueError("nested too deeply")
        found: dict[int, object] = {}
        number = 0
        while sign := self._byte():
            step, kind = sign >> 4, sign & 15
            number = number + step if step else self._whole()
            found[number] = self._value(kind, depth)
        return found

    def _byte(self) -> int:
        self.place += 1
        return self.written[self.place - 1]

    def _plain(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("too long a number")

    def _whole(self) -> int:
        value = self._plain()
        return (value >> 1) ^ -(value & 1)

    def _value(self, kind: int, depth: int) -> object:
        if kind in _TRUTHS:
            return _TRUTHS[kind]
        if kind in _WHOLES:
            return self._whole()
        self._pass_over(kind, depth)
        if self.place > len(self.written):
            raise ValueError("cut off")
        return None

    def _pass_over(self, kind: int, depth: int) -> None:
        match kind:
            case 3 | 7:  # a byte, a float
                self.place += 1 if kind == 3 else 8
            case 8:  # bytes
                length = self._plain()
                self.place += length
            case 9 | 10:  # a list, a set
                self._list(depth)
            case 12:
                self.struct(depth + 1)
            case _:
                raise ValueError("a kind that headers do not have")

    def _list(self, depth: int) -> None:
        sign = self._byte()
        count, kind = sign >> 4, sign & 15
        for _ in range(self._plain() if count == 15 else count):
            self._value(kind, depth + 1)
