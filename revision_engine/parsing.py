"""Find the fields of a revised pair in a coach's answer.

What stands in the raw pair and looks like a label is text. So the labels of the answer
are laid beside those of the pair as it was shown, and only those that are not of the
text divide the fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from revision_engine import labels
from revision_engine.prompts import Fields, Prompt
from revision_engine.types import PairText

MOST_LABELS = 300
"""More that differ on both sides are not laid beside each other: no draft."""
COMPARED_CHARS = 200
"""So much of the text behind two labels tells whether they are the same one."""
DIVIDES = 1000.0
"""What a field's own label weighs beside those of the text: all of them."""


@dataclass(frozen=True, slots=True)
class Label:
    """One label, with the text up to the next one."""

    name: str
    start: int
    end: int
    behind: str
    divides: bool = False
    """It is the label of a field, not a part of one."""


def read(output: str, raw: PairText, prompt: Prompt) -> PairText | None:
    """The fields of the first revised pair, with the white space around them as the
    coach wrote it; None if they are not there. A missing input is empty.

    Labels count at the start of lines; if those do not make a pair, anywhere, as in
    the published one-line format.
    """
    mark = prompt.mark(raw)
    if mark:
        written = _labels(output, labels.on_lines(mark, must=True))
        if found := _cut(output, _first_pair(written)):
            return found
    return _read(output, prompt.fields(raw), mark)


def parse(output: str) -> PairText | None:
    """The fields of an answer to a pair of which nothing is known."""
    return _read(output, [], "")


def _read(output: str, shown: Fields, mark: str) -> PairText | None:
    for pattern in (labels.on_lines(mark), labels.anywhere(mark)):
        written, told = _labels(output, pattern), _shown(shown, pattern)
        is_plain = all(label.divides for label in told)
        parts = _first_pair(written) if is_plain else _beside(written, told)
        if found := _cut(output, parts):
            return found
    return None


def _labels(text: str, pattern: re.Pattern[str]) -> list[Label]:
    found = list(pattern.finditer(f"{text}\n"))
    ends = [*(label.start() for label in found[1:]), len(text)]
    return [
        Label(label["name"], label.start(), label.end(), text[label.end() : end])
        for label, end in zip(found, ends, strict=False)
    ]


def _shown(fields: Fields, pattern: re.Pattern[str]) -> list[Label]:
    """The labels of a raw pair, its text's own among them."""
    text, own = "", set()
    for name, field in fields:
        own.add(len(text))
        text += f"{name}: {field}\n"
    return [
        Label(one.name, one.start, one.end, one.behind, one.start in own)
        for one in _labels(text.removesuffix("\n"), pattern)
    ]


@dataclass(frozen=True, slots=True)
class Parts:
    """The labels that divide an answer, and where its response ends."""

    instruction: Label
    source: Label | None
    response: Label
    end: int | None
    """None: it goes on to the end of the answer."""


def _cut(output: str, parts: Parts | None) -> PairText | None:
    if parts is None:
        return None
    instruction, source, response = parts.instruction, parts.source, parts.response
    first = source or response
    return PairText(
        instruction=output[instruction.end : first.start],
        input=output[source.end : response.start] if source else "",
        response=output[response.end : parts.end],
    )


def _first_pair(written: Sequence[Label]) -> Parts | None:
    """The first instruction, the first response behind it, and an input between."""
    names = [label.name for label in written]
    if "Instruction" not in names:
        return None
    first = names.index("Instruction")
    if "Response" not in names[first:]:
        return None
    last = names.index("Response", first)
    between = written[first + 1 : last]
    source = next((label for label in between if label.name == "Input"), None)
    return Parts(written[first], source, written[last], _end(written[last + 1 :]))


def _end(after: Sequence[Label]) -> int | None:
    """Where the response ends: before the next pair, if the model goes on to one."""
    is_pair = any(label.name == "Response" for label in after)
    return after[0].start if is_pair else None


def _beside(written: Sequence[Label], told: Sequence[Label]) -> Parts | None:
    """The parts of an answer to a pair that has labels in its text."""
    written, end = _first_of_two(written, told)
    twins = _twins(written, told)
    if twins is None:
        return None
    found = {
        told[twin].name: place for place, twin in twins.items() if told[twin].divides
    }
    if "Instruction" not in found or "Response" not in found:
        return None
    first, last = found["Instruction"], found["Response"]
    if "Input" not in found:
        new = [place for place in range(first + 1, last) if place not in twins]
        own = [place for place in new if written[place].name == "Input"]
        found.update(zip(["Input"], own, strict=False))
    source = written[found["Input"]] if "Input" in found else None
    beyond = written[max([last, *twins]) + 1 :]
    return Parts(written[first], source, written[last], _end(beyond) or end)


def _first_of_two(
    written: Sequence[Label], told: Sequence[Label]
) -> tuple[Sequence[Label], int | None]:
    """The labels from the first instruction on, up to a second pair, and its place."""
    starts = [p for p, label in enumerate(written) if label.name == "Instruction"]
    first = starts[0] if starts else 0
    beyond = starts[sum(label.name == "Instruction" for label in told) :]
    if beyond and _end(written[beyond[0] :]) is not None:
        return written[first : beyond[0]], written[beyond[0]].start
    return written[first:], None


def _twins(written: Sequence[Label], told: Sequence[Label]) -> dict[int, int] | None:
    """By the place of a written label, the place of the raw pair's label that it is."""
    start = _alike(written, told)
    mine, theirs = written[start:], told[start:]
    end = _alike(mine[::-1], theirs[::-1])
    mine, theirs = mine[: len(mine) - end], theirs[: len(theirs) - end]
    if len(mine) > MOST_LABELS or len(theirs) > MOST_LABELS:
        return None
    twins = {place: place for place in range(start)}
    twins |= {start + a: start + b for a, b in _alignment(mine, theirs)}
    return twins | {len(written) - n: len(told) - n for n in range(1, end + 1)}


def _alike(some: Sequence[Label], others: Sequence[Label]) -> int:
    """How many labels are the same, from the first on."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one.name != other.name or one.behind.strip() != other.behind.strip():
            break
        count += 1
    return count


def _alignment(mine: Sequence[Label], theirs: Sequence[Label]) -> list[tuple[int, int]]:
    """Pairs of places, in order, of the highest likeness; early ones of equals."""
    worth = [[_likeness(one, other) for other in theirs] for one in mine]
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(mine) + 1)]
    for a in reversed(range(len(mine))):
        for b in reversed(range(len(theirs))):
            with_both = worth[a][b] and worth[a][b] + best[a + 1][b + 1]
            best[a][b] = max(with_both, best[a + 1][b], best[a][b + 1])
    a = b = 0
    found = []
    while a < len(mine) and b < len(theirs):
        if worth[a][b] and best[a][b] == worth[a][b] + best[a + 1][b + 1]:
            found.append((a, b))
            a, b = a + 1, b + 1
        elif best[a][b] == best[a][b + 1]:
            b += 1
        else:
            a += 1
    return found


def _likeness(one: Label, other: Label) -> float:
    """0 for labels of different names; more for those with the same text behind."""
    if one.name != other.name:
        return 0.0
    own = DIVIDES if other.divides and other.name != "Input" else 2.0
    mine, theirs = one.behind.strip(), other.behind.strip()
    # Where the next label is gone, the text behind this one goes on beyond it.
    size = min(len(mine), len(theirs), COMPARED_CHARS)
    return own + float(Indel.normalized_similarity(mine[:size], theirs[:size]))
