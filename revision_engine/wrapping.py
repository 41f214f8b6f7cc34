"""What models put around an answer: thoughts, marks of turns, fences, notes.

All of it is cut off, but nothing that the raw pair has itself: a pair may well be about
`<think>` or about code fences.
"""

from __future__ import annotations

import re

from revision_engine import labels

_NAMES = r"(?:think|thinking|thoughts?|reasoning|reflection|scratchpad|analysis)"
_THOUGHT = re.compile(
    rf"(?P<opens><(?:\w+:)?{_NAMES}(?:\s[^<>\n]{{0,80}})?>|\[THINK(?:ING)?\]|◁think▷"
    r"|<\|begin_of_(?:thought|thinking)\|>|<\|START_THINKING\|>"
    r"|<\|channel\|>(?:analysis|commentary)\b[^<\n]{0,80}<\|message\|>)"
    rf"|</(?:\w+:)?{_NAMES}\s*>|\[/THINK(?:ING)?\]|◁/think▷"
    r"|<\|end_of_(?:thought|thinking)\|>|<\|END_THINKING\|>"
    r"|<\|channel\|>final\b[^<\n]{0,80}<\|message\|>",
    re.IGNORECASE,
)
_TURN_END = re.compile(
    r"<\|(?:im_end|im_start|eot_id|eom_id|end|end_of_text|endoftext|return)\|>|</s>"
    r"|<end_of_turn>"
)
_FENCE = re.compile(r"^[ \t]*(?P<kind>`{3,}+|~{3,}+)[^`\n]*$", re.MULTILINE)
_OPENING_TAG = re.compile(r"<([A-Za-z][\w-]{0,40})>\s*\Z")
_CHANGES = (
    r"(?:changes|revisions|improvements|edits|modifications|corrections|adjustments)"
)
_NOTE = re.compile(
    r"^[ ]*(?:[-*_]{3,}[ ]*\n\s*)?[#*_> (\[]{0,9}(?:"
    # A heading, or the beginning of a list.
    r"(?:(?:(?:key|main|other|(?:list|summary|explanations?) (?:of|for)) )*(?:the )?"
    rf"{_CHANGES} ?(?:I )?(?:made|explained|summary)"
    rf"|(?:summary|list|explanation|overview|description) of (?:the )?{_CHANGES}"
    r"|changes|what(?: I(?:['’]ve)?|['’]s)?(?: have)? changed"
    r"|(?:revision|editor['’]?s?|change) (?:notes?|log))"
    r"(?=[^\n:：.!?]{0,40}[:：]|[ *_)\]]*$)"
    # A sentence of the model's own.
    r"|I(?:['’]ve| have)?(?: also)? made (?:the|these|some|a few) (?:following )?"
    rf"{_CHANGES}"
    rf"|let me know if[^\n]{{0,80}}{_CHANGES})",
    re.IGNORECASE | re.MULTILINE,
)


def answer(output: str, shown: str, mark: str = "") -> str:
    """The answer alone: its pair, without what is around it (but for notes).

    `shown` is the raw pair as the coach saw it, and `mark` what its labels had.
    """
    whole = _first_turn(_without_thoughts(output, shown), shown)
    return _out_of_its_fence(whole, shown, mark)


def without_notes(response: str, raw: str) -> str:
    """A response without the model's words on what it has changed."""
    expected = sum(1 for _ in _NOTE.finditer(raw))
    notes = list(_NOTE.finditer(response))[expected:]
    if not notes or not response[: notes[0].start()].strip():
        return response
    return response[: notes[0].start()]


def _without_thoughts(output: str, shown: str) -> str:
    """What comes behind the model's thoughts; empty if there is nothing."""
    marks = list(_THOUGHT.finditer(output))
    if not marks:
        return output
    own = list(_THOUGHT.finditer(shown))
    closes = [mark.end() for mark in marks if not mark["opens"]]
    if own:
        return _behind(output, closes, sum(not mark["opens"] for mark in own))
    last = output[closes[-1] :] if closes else output
    opened = next((m.start() for m in _THOUGHT.finditer(last)), len(last))
    rest = last[:opened]
    before = output[: marks[0].start()] if marks[0]["opens"] else ""
    return before if labels.has_pair(before) and not labels.has_pair(rest) else rest


def _behind(output: str, closes: list[int], expected: int) -> str:
    """The same for a pair that is itself about thoughts, and closes so many of them."""
    begins = _THOUGHT.match(output.lstrip())
    if not begins and len(closes) <= expected:
        return output
    # First where as many are left as the pair has itself, then the nearest to that.
    by_fit = sorted(
        range(1, len(closes) + 1), key=lambda n: abs(len(closes) - n - expected)
    )
    has_pair = labels.pairs_behind(output)
    for count in by_fit:
        if has_pair(closes[count - 1]):
            return output[closes[count - 1] :]
    return "" if begins else output


def _first_turn(output: str, shown: str) -> str:
    """What stands before a model's mark for the end of its turn."""
    own = {mark[0] for mark in _TURN_END.finditer(shown)}
    start = 0
    for mark in _TURN_END.finditer(output):
        if mark[0] in own:
            continue
        if output[start : mark.start()].strip():
            return output[start : mark.start()]
        start = mark.end()
    return output[start:]


def _out_of_its_fence(output: str, shown: str, mark: str) -> str:
    """The pair without the fence, or the tag, that was put around the whole of it."""
    label = next(labels.on_lines(mark).finditer(output), None)
    if label is None or label["name"] != "Instruction":
        return output
    before, pair = output[: label.start()], output[label.start() :]
    fences = list(_FENCE.finditer(before))
    if len(fences) % 2:
        return _before_fence(pair, shown, fences[-1]["kind"][:3])
    if tag := _OPENING_TAG.search(before):
        close = f"</{tag[1]}>"
        if pair.count(close) > shown.count(close):
            return pair[: pair.rindex(close)]
    return output


def _before_fence(pair: str, shown: str, kind: str) -> str:
    """Up to the fence that closes the whole. Those of the text come in twos, or in the
    number that the raw pair has."""
    closing = [fence for fence in _FENCE.finditer(pair) if fence["kind"][:3] == kind]
    fences = re.compile(rf"{kind}+")
    new = len(fences.findall(pair)) - len(fences.findall(shown))
    return pair[: closing[-1].start()] if closing and new % 2 else pair
