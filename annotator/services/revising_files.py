"""Revise a whole file of pairs with no person in the loop (the paper's main use).

The output is JSON lines or a JSON list, as the ending of its name says. Each row is
written to `OUT.part` as soon as it is finished, so a run that was stopped, killed or
lost its machine goes on where it was when the same command is given again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotator.domain.errors import Invalid
from annotator.domain.line_ends import with_newlines
from annotator.formats import json_pairs, jsonl_pairs
from annotator.formats.json_values import dumps
from annotator.formats.revised_rows import TRAINED_ON, row_of
from annotator.formats.rows import PairRow
from annotator.formats.side_columns import OWN, columns
from annotator.services import reading_files
from annotator.services.holding_back import SHOW_ALL, Ask, kept_raw
from revision_engine.backends.base import Backend
from revision_engine.pipeline import drafts
from revision_engine.types import CoachRef, DraftRequest, DraftResult, PairText
from training.examples import fingerprint

PORTION = 256
"""Rows given to the engine together."""
FORMAT = 2
"""Of a row: a part of another format is not gone on with."""
WRITERS = {".jsonl": jsonl_pairs.write, ".json": json_pairs.write}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be revised, by whom, and where it goes."""

    source: Path
    out: Path
    coach: CoachRef
    known: Callable[[Sequence[str]], dict[str, PairText | None]]
    """Of these fingerprints those the coach was trained on, with the experts' text."""
    ask: Ask = SHOW_ALL
    """Which of the coach's answers are used; of the others the raw pair stays."""
    language: str = "en"
    """The pairs': a tag, which tells the script where a text has no letters."""
    leave_out_bad: bool = False
    """Revise the other rows if some cannot be read, instead of refusing the file."""


@dataclass(slots=True)
class FileProgress:
    """Rows so far; `now` counts those of this start alone, for the pace."""

    total: int
    left_out: int = 0
    """Rows that could not be read."""
    columns: tuple[str, ...] = ()
    """Columns that the coach does not see: they go out as they came."""
    remarks: tuple[str, ...] = ()
    """What is odd about the file, the first of it."""
    done: int = 0
    now: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def add(self, row: dict[str, Any]) -> None:
        self.done += 1
        self.sources[row["provenance"]["source"]] += 1
        if problem := row["provenance"]["problem"]:
            self.problems[problem] += 1


def revise(job: Job, make: Callable[[], Backend]) -> Iterator[FileProgress]:
    """Revise the file, telling of each step; at the end `out` is there, whole.

    Raises:
        Invalid: a row cannot be read (all such rows are named before any work), none
            can, the output exists or cannot be written, or OUT.part is of another
            input or coach.
    """
    _check_out(job.out)
    rows, progress = _rows(job.source, leave_out_bad=job.leave_out_bad)
    part = job.out.with_name(f"{job.out.name}.part")
    kept = _kept(part, _header(job))
    for line in kept.values():
        progress.add(line)
    yield progress
    with part.open("a", encoding="utf-8") as file:
        for line in _lines(job, make, [row for row in rows if row.number not in kept]):
            file.write(dumps(line) + "\n")
            file.flush()
            kept[line["row"]] = line
            progress.add(line)
            progress.now += 1
            yield progress
    _finish(job.out, part, [kept[row.number] for row in rows])


def _check_out(out: Path) -> None:
    if out.suffix not in WRITERS:
        known = " or ".join(WRITERS)
        raise Invalid(f"{out.name} must end in {known}: that is what can be written.")
    if out.exists():
        raise Invalid(f"{out.name} is there already: move it away first.")
    if not out.parent.is_dir():
        raise Invalid(f"There is no folder {out.parent}: make it first.")
    if not os.access(out.parent, os.W_OK):
        raise Invalid(f"The folder {out.parent} cannot be written to.")


def _rows(source: Path, *, leave_out_bad: bool) -> tuple[list[PairRow], FileProgress]:
    found = reading_files.read(source, leave_out_bad=leave_out_bad)
    progress = FileProgress(
        total=len(found.rows),
        left_out=found.left_out,
        columns=_unread(found.rows),
        remarks=tuple(found.remarks[:20]),
    )
    return found.rows, progress


def _unread(rows: Sequence[PairRow]) -> tuple[str, ...]:
    names = dict.fromkeys(name for row in rows for name in columns(row))
    return tuple(name for name in names if name not in OWN)[:50]


def _header(job: Job) -> dict[str, Any]:
    with job.source.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"format": FORMAT, "input_sha256": sha256, "coach": job.coach.as_dict()}


def _kept(part: Path, header: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Rows of an earlier start; a line that a kill left half-written is cut off."""
    if not part.exists() or not part.stat().st_size:
        part.write_text(json.dumps(header) + "\n", encoding="utf-8")
        return {}
    whole, _, torn = part.read_bytes().rpartition(b"\n")
    lines = [json.loads(line) for line in whole.split(b"\n") if line]
    if not lines or lines[0] != header:
        raise Invalid(
            f"{part.name} was begun with another input or coach: move it away, or give "
            "the same file and coach again."
        )
    if torn:
        os.truncate(part, len(whole) + 1)
    return {line["row"]: line for line in lines[1:]}


def _lines(
    job: Job, make: Callable[[], Backend], rows: Sequence[PairRow]
) -> Iterator[dict[str, Any]]:
    backend: Backend | None = None
    for start in range(0, len(rows), PORTION):
        portion = {str(row.number): row for row in rows[start : start + PORTION]}
        prints = {key: fingerprint(row.text) for key, row in portion.items()}
        known = job.known(list(prints.values()))
        todo = []
        for key, row in portion.items():
            if prints[key] in known:
                yield _line(job, row, _from_experts(key, row, known[prints[key]]))
            else:
                todo.append(DraftRequest(key=key, text=row.text, language=job.language))
        if todo:
            backend = backend or make()
            for answer in drafts(job.coach, backend, todo):
                raw = portion[answer.key].text
                result = kept_raw(raw, answer, prints[answer.key], job.ask)
                source = "raw" if result.problem else "coach"
                yield _line(job, portion[result.key], (result, source))


def _from_experts(
    key: str, row: PairRow, text: PairText | None
) -> tuple[DraftResult, str]:
    """The leak guard: what a coach says of its own training pairs is no news."""
    if text is None:
        return DraftResult(key=key, text=row.text, problem=TRAINED_ON), "raw"
    return DraftResult(key=key, text=with_newlines(text)), "experts"


def _line(job: Job, row: PairRow, made: tuple[DraftResult, str]) -> dict[str, Any]:
    result, source = made
    return row_of(
        row.text,
        result,
        source=source,
        number=row.number,
        extra=columns(row),
        coach=job.coach,
    )


def _finish(out: Path, part: Path, lines: Sequence[dict[str, Any]]) -> None:
    """Write the rows in the input's order, and only then give up the part file."""
    whole = out.with_name(f"{out.name}.whole")
    with whole.open("w", encoding="utf-8") as file:
        file.writelines(WRITERS[out.suffix](lines))
    whole.rename(out)
    part.unlink()
