"""A JSON array of pairs, read and written row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats import other_formats
from annotator.formats.json_text import MAX_VALUE_CHARS, JsonText, LongValue
from annotator.formats.json_values import dumps, zip_unique
from annotator.formats.keys import problem_of
from annotator.formats.rows import FileRemark, ReadRow, Row, UnreadableFile
from annotator.formats.spellings import is_missing, lacking, place_of

NO_LIST = gettext_noop(
    "The file's JSON is not a list of objects: write [{...}, {...}], or one object a "
    "line."
)

OUTLINED = 1000
"""Values of a list that are looked at to tell what a long document is."""


def read(file: BinaryIO, read_row: ReadRow) -> Iterator[Row]:
    """Rows are numbered from 1 by their place.

    Lists, and objects one after the other, over as many lines as they like; or one
    object around the list, which then says what else it holds. A fault of the JSON
    raises UnreadableFile behind the rows before it.
    """
    text = JsonText(file)
    if text.sign() in ("[", ""):
        yield from _read(_values(text), read_row)
        return
    first = text.value()
    if text.sign():
        yield from _read(chain([first], _values(text)), read_row)
        return
    values, beside = _inside(first, file)
    if beside:
        yield FileRemark(message=beside)
    yield from _read(values, read_row)


def is_begun(file: BinaryIO) -> bool:
    """Whether the file begins with a whole value; it is left at its start."""
    file.seek(0)
    try:
        JsonText(file).value()
    except UnreadableFile:
        return False
    finally:
        file.seek(0)
    return True


def _read(values: Iterable[Any], read_row: ReadRow) -> Iterator[Row]:
    for number, value in enumerate(values, 1):
        if isinstance(value, LongValue):
            told = gettext("the row has more than %(most)s characters")
            message = told % {"most": f"{MAX_VALUE_CHARS:,}"}
            yield problem_of(number, message, value.start)
        else:
            yield read_row(number, value)


def _values(text: JsonText) -> Iterator[Any]:
    """Those of the lists, and what stands outside of lists."""
    while sign := text.sign():
        if sign == "[":
            yield from text.elements()
        else:
            yield text.value()


def _inside(document: Any, file: BinaryIO) -> tuple[Iterable[Any], str]:
    """The rows of the only value, and what there was beside them."""
    outline = document
    if isinstance(document, LongValue) and document.start.startswith("{"):
        file.seek(0)
        outline = _outline(JsonText(file))
    if not isinstance(outline, dict):
        raise UnreadableFile(gettext(NO_LIST))
    name, beside = _list_in(outline)
    if not name:
        return [document], ""
    if outline is document:
        return document[name], beside
    file.seek(0)
    return _elements_of(list(outline).index(name), JsonText(file)), beside


def _outline(text: JsonText) -> dict[str, Any]:
    """A long document with its short values; lists and objects are cut, and hold
    nothing but whether there are objects in them."""
    found: list[tuple[str, Any]] = []
    for key in text.keys():  # noqa: SIM118 (it reads on)
        sign = text.sign()
        if sign == "[":
            found.append((key, _hollow(text.elements())))
        elif sign == "{":
            found.append((key, _cut_object(text)))
        else:
            found.append((key, text.value()))
    return dict(zip_unique(found))


def _cut_object(text: JsonText) -> dict[str, Any]:
    kept: dict[str, None] = {}
    for name in text.keys():  # noqa: SIM118 (it reads on)
        text.value()
        if len(kept) < OUTLINED:
            kept[name] = None
    return kept


def _hollow(values: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        start = value.start if isinstance(value, LongValue) else ""
        is_object = isinstance(value, dict) or start.startswith("{")
        if len(kept) < OUTLINED or (is_object and kept[-1] is None):
            kept.append({} if is_object else None)
    return kept


def _elements_of(place: int, text: JsonText) -> Iterator[Any]:
    """Those of the document's list at a place."""
    for number, _ in enumerate(text.keys()):
        if number == place:
            yield from text.elements()
            return
        text.value()


def _list_in(document: dict[str, Any]) -> tuple[str, str]:
    """The key of the list that has the rows, and what is beside it; empty where the
    document is a row itself."""
    columns = {place[0] for name in document if (place := place_of(name))}
    if other_formats.by_columns(document) and not lacking(columns):
        raise UnreadableFile(
            gettext(
                "The file's JSON is not a list of objects, but a table written by "
                "columns: with pandas, write it with %(call)s."
            )
            % {"call": 'to_json(path, orient="records")'}
        )
    if columns or other_formats.named(document):
        return "", ""
    lists = [name for name, value in document.items() if _is_table(value)]
    if len(lists) > 1:
        raise UnreadableFile(
            gettext(
                "The file's JSON is not a list of objects, but holds several "
                "(%(lists)s): save the one you mean as a file of its own."
            )
            % {"lists": ", ".join(lists)}
        )
    if not lists:
        raise UnreadableFile(gettext(NO_LIST))
    (rows,) = lists
    beside = [
        repr(name)
        for name, value in document.items()
        if name != rows and not is_missing(value)
    ]
    if not beside:
        return rows, ""
    told = gettext(
        "The rows are those of %(rows)r; what stands beside it is not kept: %(beside)s."
    )
    return rows, told % {"rows": rows, "beside": ", ".join(beside)[:1000]}


def _is_table(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(row, dict) for row in value)


def write(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The array, piece by piece."""
    opening = "["
    for row in rows:
        yield f"{opening}\n{dumps(row)}"
        opening = ","
    yield "[]\n" if opening == "[" else "\n]\n"
