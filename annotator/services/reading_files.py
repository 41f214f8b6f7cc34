"""Read a file of pairs whole, outside of any project."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.formats.reading import read_pairs
from annotator.formats.rows import PairRow, RowProblem, UnreadableFile, remarks_on
from training.examples import RevisionExample, edit_distance

SHOWN = 20


@dataclass(slots=True)
class PairFile:
    """What a file holds."""

    rows: list[PairRow] = field(default_factory=list)
    bad: list[RowProblem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What is odd about it and costs no pair."""

    @property
    def left_out(self) -> int:
        """Rows that could not be read."""
        return len(self.bad)


def read(source: Path, *, leave_out_bad: bool = False) -> PairFile:
    """All rows of a file; Invalid names those that cannot be read, unless they are to
    be left out and others can."""
    found = PairFile()
    try:
        with source.open("rb") as file:
            for row in read_pairs(file, name=source.name):
                found.remarks += remarks_on(row)
                if isinstance(row, PairRow):
                    found.rows.append(row)
                elif isinstance(row, RowProblem):
                    found.bad.append(row)
    except (OSError, UnreadableFile) as fault:
        raise Invalid(f"{source.name} cannot be read: {fault}") from None
    if found.bad and (not leave_out_bad or not found.rows):
        bad = found.bad
        named = "\n".join(f"  row {row.number}: {row.message}" for row in bad[:SHOWN])
        more = f"\n  and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        wrong = "1 row" if len(bad) == 1 else f"{len(bad)} rows"
        raise Invalid(f"{source.name} has {wrong} that cannot be read:\n{named}{more}")
    return found


def revisions(source: Path, *, leave_out_bad: bool = False) -> list[RevisionExample]:
    """The rows that hold a revised text beside the raw one; Invalid without any."""
    found = [
        _example(row)
        for row in read(source, leave_out_bad=leave_out_bad).rows
        if row.revised
    ]
    if not found:
        raise Invalid(
            f"{source.name} holds no revisions: they are read from columns such as "
            "Revised Instruction, Revised Input and Revised Response."
        )
    return found


def _example(row: PairRow) -> RevisionExample:
    assert row.revised is not None
    raw, revised = with_newlines(row.text), with_newlines(row.revised)
    return RevisionExample(
        source_id=str(row.number),
        raw=raw,
        revised=revised,
        distance=edit_distance(raw, revised),
        category=row.category,
    )
