"""One decoded row: a pair with all that came beside it, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats import other_formats, plain_rows
from annotator.formats.cells import BadRow, OtherFormat, text_of
from annotator.formats.json_values import dumps
from annotator.formats.rows import (
    MAX_COLUMNS,
    MAX_SOURCE_CHARS,
    Named,
    PairRow,
    ReadRow,
    RowProblem,
)
from annotator.formats.shapes import chats, histories, names
from annotator.formats.shapes.exchanges import Exchange
from annotator.formats.shapes.mending import mended
from annotator.formats.side_columns import SideColumns, whole_of
from annotator.formats.spellings import (
    REVISED,
    SPELLINGS,
    is_missing,
    plain,
    sorted_out,
)
from revision_engine.types import PairText

PLAIN = ("instruction", "input", "response")


def read_row(number: int, row: object) -> PairRow | RowProblem:
    """Turn one decoded row into a pair, or say what is wrong with it."""
    pair = plain_rows.pair_of(number, row) if type(row) is dict else None
    return pair or guarded(number, row, read_whole)


def guarded(number: int, row: object, read: ReadRow) -> PairRow | RowProblem:
    """What `read` makes of a row; its BadRow as a problem with the row's text."""
    try:
        return read(number, row)
    except BadRow as problem:
        is_other = isinstance(problem, OtherFormat)
        return problem_of(number, str(problem), row, is_other_format=is_other)
    except RecursionError:
        return problem_of(number, gettext("the row is nested too deeply"), row)


def problem_of(
    number: int, message: str, source: object, *, is_other_format: bool = False
) -> RowProblem:
    """A problem with the row's text beside it."""
    if not isinstance(source, str):
        source = _shown(source)
    text = source[: 2 * MAX_SOURCE_CHARS].replace("\0", "\ufffd")
    text = text.encode("utf-8", "replace").decode()
    return RowProblem(
        number=number,
        message=message,
        source=text[:MAX_SOURCE_CHARS],
        is_other_format=is_other_format,
    )


def _shown(source: object) -> str:
    try:
        return dumps(source)
    except RecursionError:
        return "(nested too deeply to be shown)"


def columns_of(row: object) -> Mapping[str, Any]:
    """The row's cells by column, of a mended reject those within it.

    BadRow for what is no row, or has too many columns.
    """
    if not isinstance(row, Mapping):
        kind = type(row).__name__
        raise BadRow(
            gettext("the row is a %(kind)s, not an object with instruction and output")
            % {"kind": kind}
        )
    if len(row) > MAX_COLUMNS:
        raise BadRow(
            gettext("the row has %(count)s columns; %(most)s are allowed")
            % {"count": f"{len(row):,}", "most": f"{MAX_COLUMNS:,}"}
        )
    return mended(row)


def read_whole(number: int, row: object) -> PairRow:
    """The same of any row; raises BadRow."""
    row = columns_of(row)
    chosen, rest = sorted_out(row)
    cells = {field: (key, row[key]) for field, key in chosen.items()}
    return assembled(number, row, cells, rest)


def assembled(
    number: int, row: Mapping[str, Any], cells: Named, rest: dict[str, Any]
) -> PairRow:
    """The pair that the cells make, with `rest` beside it; BadRow where they do not."""
    exchange = chats.exchange_of(cells, rest)
    texts = _Texts(row, cells)
    pair = _text(exchange) if exchange else texts.pair(*PLAIN)
    revised = texts.pair(*REVISED) if texts.has_any(REVISED) else None
    if exchange is None and "conversation" in cells:
        _put_back(cells["conversation"], rest)
    shape = exchange.shape if exchange else names.shape_of(_names(cells))
    earlier, told = histories.before(cells, rest, exchange)
    if exchange:
        told = exchange.remarks + told
    told += _judged(cells, rest)
    side = SideColumns()
    side.read(cells, rest)
    return PairRow(
        number=number,
        instruction=pair.instruction,
        input=pair.input,
        response=pair.response,
        revised=revised,
        external_id=side.external_id,
        category=side.category,
        context=earlier,
        shape=shape,
        extra=side.extra,
        remarks=(*texts.remarks, *told, *side.remarks),
    )


def _text(exchange: Exchange) -> PairText:
    return PairText(
        instruction=exchange.instruction, input="", response=exchange.response
    )


def _names(cells: Named) -> dict[str, str]:
    return {field: cell[0] for field, cell in cells.items()}


def _put_back(cell: tuple[str, Any], rest: dict[str, Any]) -> None:
    rest[cell[0]] = cell[1]


def _judged(cells: Named, rest: Mapping[str, Any]) -> list[str]:
    """The remark on an answer that a preference data set calls bad."""
    answer = cells.get("response")
    if answer is None or plain(answer[0]) != "completion":
        return []
    told = gettext(
        "%(key)r is false: the answer was judged to be bad, and is here to be revised"
    )
    return [
        told % {"key": key}
        for key, value in rest.items()
        if plain(key) == "label" and (value is False or value in ("false", "False"))
    ]


_NONE: tuple[str, Any] = ("", None)


class _Texts:
    """The texts of one row."""

    def __init__(self, row: Mapping[str, Any], cells: Named) -> None:
        self.row = row
        self.cells = cells
        self.remarks: list[str] = []

    def has_any(self, columns: tuple[str, ...]) -> bool:
        found = [name for name in columns if name in self.cells]
        return any(not is_missing(self.cells[name][1]) for name in found)

    def pair(self, instruction: str, given: str, response: str) -> PairText:
        """The texts of these columns."""
        return PairText(
            instruction=self._required(instruction),
            input=self._optional(given),
            response=self._required(response),
        )

    def _required(self, column: str) -> str:
        key, value = self.cells.get(column, _NONE)
        if key and isinstance(value, str) and value.strip():
            return text_of(key, value)
        if not key or value is None:
            if other := other_formats.named(self.row):
                raise OtherFormat(other)
            wanted = gettext(" or ").join(map(repr, SPELLINGS[column]))
            if key or column in REVISED:
                raise BadRow(gettext("there is no %(wanted)s") % {"wanted": wanted})
            shown = ", ".join(map(repr, self.row))[:300]
            raise OtherFormat(
                gettext("there is no %(wanted)s among its columns: %(shown)s")
                % {"wanted": wanted, "shown": shown}
            )
        if is_missing(value):
            raise BadRow(gettext("%(key)r is empty") % {"key": key})
        return text_of(key, value)

    def _optional(self, column: str) -> str:
        key, value = self.cells.get(column, _NONE)
        if not key or (not isinstance(value, str) and is_missing(value)):
            return ""
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = str(whole_of(value))
            told = gettext("%(key)r is the number %(shown)s: taken as a text")
            self.remarks.append(told % {"key": key, "shown": shown})
            return shown
        return text_of(key, value)
