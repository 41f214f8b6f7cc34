"""A JSON array of pairs. Read whole: for a very large file JSONL needs no memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from annotator.formats import other_formats
from annotator.formats.json_values import dumps, sequence
from annotator.formats.keys import read_row
from annotator.formats.rows import FileRemark, Row, UnreadableFile
from annotator.formats.spellings import is_missing, lacking, place_of

NO_LIST = (
    "The file's JSON is not a list of objects: write [{...}, {...}], or one object a "
    "line."
)


def read(file: BinaryIO) -> Iterator[Row]:
    """Rows are numbered from 1 by their place.

    A list; or objects one after the other, over as many lines as they like; or one
    object around the list, which then says what else it holds.
    """
    # Bytes that are no UTF-8 become half surrogates, which read_row refuses by row.
    values = decoded(file.read().decode("utf-8-sig", "surrogateescape"))
    rows, beside = _rows(values)
    if beside:
        yield FileRemark(message=beside)
    for number, row in enumerate(rows, 1):
        yield read_row(number, row)


def decoded(text: str) -> list[Any]:
    """The values that a text holds one after the other."""
    try:
        return sequence(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"The file is not valid JSON: line {error.lineno}, column "
            f"{error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise UnreadableFile("The file's JSON is nested too deeply.") from None
    except ValueError:  # Python's limit on the digits of a whole number
        raise UnreadableFile(
            "The file's JSON holds a number with too many digits."
        ) from None


def _rows(values: list[Any]) -> tuple[list[Any], str]:
    """The rows, and what there was beside them."""
    if len(values) > 1 and all(isinstance(value, list) for value in values):
        return [row for value in values for row in value], ""
    if len(values) != 1:
        return values, ""
    (document,) = values
    if isinstance(document, list):
        return document, ""
    if not isinstance(document, dict):
        raise UnreadableFile(NO_LIST)
    return _unwrapped(document)


def _unwrapped(document: dict[str, Any]) -> tuple[list[Any], str]:
    columns = {place[0] for name in document if (place := place_of(name))}
    if other_formats.by_columns(document) and not lacking(columns):
        raise UnreadableFile(
            "The file's JSON is not a list of objects, but a table written by columns: "
            'with pandas, write it with to_json(path, orient="records").'
        )
    if columns or other_formats.named(document):
        return [document], ""
    lists = [name for name, value in document.items() if _is_table(value)]
    if len(lists) > 1:
        raise UnreadableFile(
            "The file's JSON is not a list of objects, but holds several "
            f"({', '.join(lists)}): save the one you mean as a file of its own."
        )
    if not lists:
        raise UnreadableFile(NO_LIST)
    beside = [
        repr(name)
        for name, value in document.items()
        if name not in lists and not is_missing(value)
    ]
    if not beside:
        return document[lists[0]], ""
    return document[lists[0]], (
        f"The rows are those of {lists[0]!r}; what stands beside it is not kept: "
        f"{', '.join(beside)[:1000]}."
    )


def _is_table(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(row, dict) for row in value)


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The array, piece by piece."""
    opening = "["
    for row in rows:
        yield f"{opening}\n{dumps(row)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
