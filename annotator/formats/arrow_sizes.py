"""What a batch may become where several of its values stand for the same bytes.

Places in a list of words, runs, and views take a few bytes for a text of any length. Of
such a column each value counts as much as the longest.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

MAX_BATCH_BYTES = 256_000_000
"""Of rows that are decoded together, at worst."""


def taken_apart(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch | None]:
    """The batch, or its rows one by one where they may be too much together; None for
    a row that may be too much by itself. Words stand in place of their numbers."""
    if _worst(batch) <= MAX_BATCH_BYTES:
        yield _with_own_bytes(batch)
    elif batch.num_rows == 1:
        yield None
    else:
        for place in range(batch.num_rows):
            yield from taken_apart(batch.slice(place, 1))


def _worst(batch: pa.RecordBatch) -> int:
    return sum(map(_shared, batch.columns))


def _shared(column: pa.Array) -> int:
    """Bytes that become of values which share some, each as long as the longest."""
    match column:
        case pa.ExtensionArray():
            return _shared(column.storage)
        case pa.DictionaryArray():
            return len(column) * _longest(column.dictionary)
        case pa.RunEndEncodedArray():
            return len(column) * _longest(column.values)
        case pa.StringViewArray() | pa.BinaryViewArray():
            return len(column) * _longest(column)
    return _shared_within(column)


def _shared_within(column: pa.Array) -> int:
    match column:
        case pa.StructArray():
            return sum(map(_shared, column.flatten()))
        case pa.MapArray():
            return sum(_of_slice(column, each) for each in (column.keys, column.items))
        case pa.ListArray() | pa.LargeListArray():
            return _of_slice(column, column.values)
        case pa.FixedSizeListArray():
            return _shared(column.flatten())
        case pa.ListViewArray() | pa.LargeListViewArray() | pa.UnionArray():
            return len(column) * int(column.nbytes)
    return 0


def _of_slice(column: pa.Array, inner: pa.Array) -> int:
    """Of what lies within the lists of a slice."""
    first, last = (column.offsets[place].as_py() for place in (0, len(column)))
    return _shared(inner.slice(first, last - first))


def _longest(values: pa.Array) -> int:
    """Bytes of the longest value, or of all where that is not told apart."""
    types, kind = pa.types, values.type
    if not len(values):
        return 0
    if types.is_string(kind) or types.is_large_string(kind):
        return pc.max(pc.binary_length(values)).as_py() or 0
    if types.is_string_view(kind) or types.is_binary_view(kind):
        lengths = memoryview(values.buffers()[1]).cast("B").cast("i")[::4]
        return max(lengths[values.offset : values.offset + len(values)], default=0)
    return int(values.nbytes)


def _with_own_bytes(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Each value with bytes of its own, so that a row's can be counted."""
    columns = []
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        elif pa.types.is_run_end_encoded(column.type):
            column = pc.run_end_decode(column)
        if pa.types.is_string_view(column.type):
            column = column.cast(pa.large_string())
        elif pa.types.is_binary_view(column.type):
            column = column.cast(pa.large_binary())
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)
