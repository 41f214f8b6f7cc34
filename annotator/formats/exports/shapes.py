"""The shapes of a row: what each is made of, and what stands beside its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from annotator.formats.exports import chats, preferences
from annotator.formats.exports.columns import CellKind
from annotator.formats.exports.orders import (
    Beside,
    ExportOrder,
    ExportShape,
    RejectedSide,
)
from annotator.formats.exports.sources import Needs, PairSource
from annotator.formats.revised_rows import alpaca
from annotator.formats.shapes import histories
from annotator.formats.side_columns import with_columns
from training.examples import RevisionExample

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowShape:
    """One shape: its columns, and how a pair becomes rows of it."""

    columns: dict[str, CellKind]
    rows: Callable[[PairSource, ExportOrder], Iterable[Row]]
    needs: Needs = Needs()  # noqa: RUF009 (frozen)
    is_chat: bool = False
    """The turns before a pair stand in its own columns."""
    is_closed: bool = False
    """It has its own columns and no others."""


def rows_of(source: PairSource, order: ExportOrder) -> Iterator[Row]:
    """What a pair becomes in the order's shape: a row, some, or none."""
    shape = SHAPES[order.shape]
    made = shape.rows(source, order)
    if shape.is_closed:
        yield from made
        return
    for row in made:
        yield finished(row, source, order)


def finished(row: Row, source: PairSource, order: ExportOrder) -> Row:
    """A row with what the order wants beside its texts."""
    if source.context and not SHAPES[order.shape].is_chat:
        row |= histories.columns(source.context, source.shape)
    if order.beside == Beside.NOTHING:
        return row
    row["id"] = source.external_id or None
    row["category"] = source.category or None
    if order.beside == Beside.ALL:
        row["provenance"] = source.origin
    return with_columns(row, source.extra) if source.extra else row


def fixed_columns(order: ExportOrder) -> dict[str, CellKind]:
    """The columns that each row of the order has; id and category are of any kind."""
    shape = SHAPES[order.shape]
    found = dict(shape.columns)
    if order.rejected == RejectedSide.HUNKS and order.shape in PREFERENCE_SHAPES:
        found["change"] = CellKind.JSON
    if order.beside == Beside.ALL and not shape.is_closed:
        found["provenance"] = CellKind.JSON
    return found


def template(source: PairSource, order: ExportOrder) -> Row:
    """A row without its texts: what a pair brings beside them."""
    shape = SHAPES[order.shape]
    row: Row = dict.fromkeys(fixed_columns(order))
    if shape.is_chat:
        made = next(iter(shape.rows(source, order)))
        row |= {name: made[name] for name in shape.columns}
    return row if shape.is_closed else finished(row, source, order)


def _alpaca(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    return (dict(alpaca(source.text)),)


def _messages(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    return ({"messages": chats.messages(source)},)


def _sharegpt(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    return ({"conversations": chats.conversations(source)},)


def _prompt(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    return ({"prompt": chats.asked(source), "completion": source.response},)


def _revisions(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    """The keys of the published expert revision dataset."""
    return (
        {
            "Raw Instruction": source.raw_instruction,
            "Raw Input": source.raw_input,
            "Raw Response": source.raw_response,
            "Revised Instruction": source.instruction,
            "Revised Input": source.input,
            "Revised Response": source.response,
            "Distance": source.distance,
        },
    )


def _coach(source: PairSource, _: ExportOrder) -> Iterable[Row]:
    """What a run freezes, line by line; held-out pairs are kept for measuring."""
    if source.is_held_out:
        return ()
    at = source.accepted_at
    example = RevisionExample(
        source_id=f"review:{source.review}",
        raw=source.raw,
        revised=source.text,
        distance=source.distance or 0,
        category=source.category,
        revised_at=at.timestamp() if at else 0.0,
        fixed=bool(source.was_mended),
    )
    return (asdict(example),)


def _dpo(source: PairSource, order: ExportOrder) -> Iterable[Row]:
    return preferences.dpo(source, order.rejected)


def _kto(source: PairSource, order: ExportOrder) -> Iterable[Row]:
    return preferences.kto(source, order.rejected)


def _texts(*names: str) -> dict[str, CellKind]:
    return dict.fromkeys(names, CellKind.TEXT)


PREFERENCE_SHAPES = (ExportShape.DPO, ExportShape.KTO)
SHAPES: dict[ExportShape, RowShape] = {
    ExportShape.ALPACA: RowShape(
        columns=_texts("instruction", "input", "output"), rows=_alpaca
    ),
    ExportShape.MESSAGES: RowShape(
        columns={"messages": CellKind.TURNS}, rows=_messages, is_chat=True
    ),
    ExportShape.SHAREGPT: RowShape(
        columns={"conversations": CellKind.TURNS}, rows=_sharegpt, is_chat=True
    ),
    ExportShape.PROMPT_COMPLETION: RowShape(
        columns=_texts("prompt", "completion"), rows=_prompt
    ),
    ExportShape.REVISIONS: RowShape(
        columns={
            **_texts("Raw Instruction", "Raw Input", "Raw Response"),
            **_texts("Revised Instruction", "Revised Input", "Revised Response"),
            "Distance": CellKind.WHOLE,
        },
        rows=_revisions,
        needs=Needs(raw=True),
    ),
    ExportShape.COACH: RowShape(
        columns={
            "source_id": CellKind.TEXT,
            "raw": CellKind.PAIR,
            "revised": CellKind.PAIR,
            "distance": CellKind.WHOLE,
            "category": CellKind.TEXT,
            "revised_at": CellKind.NUMBER,
            "fixed": CellKind.TRUTH,
            "weight": CellKind.NUMBER,
        },
        rows=_coach,
        needs=Needs(raw=True, training=True),
        is_closed=True,
    ),
    ExportShape.DPO: RowShape(
        columns=_texts("prompt", "chosen", "rejected"),
        rows=_dpo,
        needs=Needs(raw=True, draft=True),
    ),
    ExportShape.KTO: RowShape(
        columns=_texts("prompt", "completion") | {"label": CellKind.TRUTH},
        rows=_kto,
        needs=Needs(raw=True, draft=True),
    ),
}
"""All but the audit, whose rows are whole histories (selectors/audit_trail.py)."""
