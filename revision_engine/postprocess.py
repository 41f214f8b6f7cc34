"""Model output is untrusted text: parse it, clean it, or refuse it with a reason."""

from __future__ import annotations

import re
from enum import StrEnum

from revision_engine.cleaning import (
    before_the_cut,
    clean,
    dressed,
    tidy,
    without_tokens,
)
from revision_engine.parsing import read
from revision_engine.prompts import (
    DEFAULT,
    PUBLISHED_WORDING,
    by_version,
    is_placeholder,
)
from revision_engine.repetition import SENTENCE_ENDS, cut_loop, mostly_repeats
from revision_engine.scripts import is_foreign
from revision_engine.types import PairText
from revision_engine.wrapping import answer, without_notes

MAX_FIELD_CHARS = 20_000
"""Longest field of a draft; what the app's importers allow."""
LENGTH_FACTOR = 6
"""A field this many times as long as the raw one is no revision of it ..."""
ALWAYS_ALLOWED_CHARS = 4_000
"""... unless it is still short enough to be read."""


class Problem(StrEnum):
    """Why an output is not used; the raw pair stands in for it."""

    UNPARSEABLE = "unparseable"
    EMPTY = "empty"
    CUT_OFF = "cut_off"
    TOO_LONG = "too_long"
    LOOP = "loop"
    WRONG_SCRIPT = "wrong_script"
    PROMPT_ECHO = "prompt_echo"
    INPUT_TOO_LONG = "input_too_long"
    FAILED = "failed"
    ENGINE_DIED = "engine_died"
    NOT_HELPFUL = "not_helpful"


PROBLEMS = {
    Problem.UNPARSEABLE: "The coach's answer has no instruction and response.",
    Problem.EMPTY: "The coach left a field empty.",
    Problem.CUT_OFF: "The coach's answer reached the length limit.",
    Problem.TOO_LONG: "The coach's answer is far longer than the pair.",
    Problem.LOOP: "The coach repeated itself.",
    Problem.WRONG_SCRIPT: "The coach wrote in another script.",
    Problem.PROMPT_ECHO: "The coach repeated what it had been told to do.",
    Problem.INPUT_TOO_LONG: "The pair is too long for the coach.",
    Problem.FAILED: "The coach failed on this pair.",
    Problem.ENGINE_DIED: "The engine died on this pair, twice.",
    Problem.NOT_HELPFUL: "The draft would hardly save work: it is held back.",
}


def check(
    raw: PairText,
    output: str,
    *,
    finished: bool = True,
    language: str = "en",
    wording: str = PUBLISHED_WORDING,
    prompt: str = DEFAULT,
) -> tuple[PairText, Problem | None]:
    """The usable revision and None, or the raw pair and what is wrong.

    A field keeps what the raw one has and the coach has not taken out: its labels,
    signs, tokens, repetition, and the white space around it. A draft without an input
    keeps the raw one. `prompt` is the version that the raw pair was shown by;
    `language` (a tag such as pt-BR) tells the script when the raw pair has no letters.
    Takes any text, and never raises.
    """
    shown_by = by_version(prompt)
    shown = shown_by.target(raw, raw)
    if output.strip() == shown.strip():
        return raw, None
    # What is longer is too long in any case; here, so that no output costs minutes.
    said = answer(output, shown, shown_by.mark(raw))[: 4 * MAX_FIELD_CHARS]
    found = read(said, raw, shown_by)
    if found is None:
        return raw, _no_pair(said, finished=finished)
    draft, looped = _draft(raw, found, finished=finished)
    problem = (
        _form_problem(raw, draft, wording)
        or _loop_problem(raw, draft, looped=looped)
        or (Problem.CUT_OFF if not (finished or looped) else None)
        or _script_problem(raw, draft, language)
    )
    return (raw, problem) if problem else (draft, None)


def has_loop(output: str, raw: PairText) -> bool:
    """Whether the model ran into a loop, also where the cut made the text usable.

    Repetition that the raw pair has itself is none.
    """
    text = tidy(output, _all(raw)).strip()
    if cut_loop(text, raw.response.strip()) != text:
        return True
    return mostly_repeats(text) and not mostly_repeats(_all(raw))


def is_parseable(output: str, raw: PairText, prompt: str) -> bool:
    """Whether the model's answer has an instruction and a response."""
    shown_by = by_version(prompt)
    said = answer(output, shown_by.target(raw, raw), shown_by.mark(raw))
    found = read(said, raw, shown_by)
    return bool(found and found.instruction.strip() and found.response.strip())


def _all(pair: PairText) -> str:
    return f"{pair.instruction}\n{pair.input}\n{pair.response}"


def _draft(raw: PairText, found: PairText, *, finished: bool) -> tuple[PairText, bool]:
    """The fields, cleaned, and whether the response had to be cut out of a loop."""
    own = _all(raw)
    written = without_notes(found.response, raw.response)
    response = clean(written, raw.response, own, finished=finished)
    looped = len(response) < len(before_the_cut(written, raw.response, own))
    if looped and not finished:
        response = _whole(response)
    draft = PairText(
        instruction=dressed(
            clean(found.instruction, raw.instruction, own, finished=finished),
            found.instruction,
            raw.instruction,
        ),
        input=_input(raw, found.input, finished=finished),
        response=dressed(response, written, raw.response),
    )
    return draft, looped


def _input(raw: PairText, written: str, *, finished: bool) -> str:
    """The coach's input, or else the raw one, which is never taken away."""
    text = clean(written, raw.input, _all(raw), finished=finished)
    if is_placeholder(text):
        return raw.input
    return text if is_placeholder(raw.input) else dressed(text, written, raw.input)


def _no_pair(output: str, *, finished: bool) -> Problem:
    if not without_tokens(tidy(output).strip()):
        return Problem.EMPTY
    return Problem.UNPARSEABLE if finished else Problem.CUT_OFF


def _whole(response: str) -> str:
    """The response up to the last end of a sentence or line."""
    ends = list(
        re.finditer(rf"[{SENTENCE_ENDS}][\"'\u201d\u2019)*`]*(?=\s|\Z)|\n", response)
    )
    return response[: ends[-1].end()].strip() if ends else response


def _form_problem(raw: PairText, draft: PairText, wording: str) -> Problem | None:
    if not draft.instruction.strip() or not draft.response.strip():
        return Problem.EMPTY
    if wording and wording in _all(draft) and wording not in _all(raw):
        return Problem.PROMPT_ECHO
    for name in ("instruction", "input", "response"):
        limit = max(LENGTH_FACTOR * len(getattr(raw, name)), ALWAYS_ALLOWED_CHARS)
        if len(getattr(draft, name)) > min(limit, MAX_FIELD_CHARS):
            return Problem.TOO_LONG
    return None


def _loop_problem(raw: PairText, draft: PairText, *, looped: bool) -> Problem | None:
    """A loop that even the cut leaves, or that took the place of an answer."""
    if mostly_repeats(draft.response) and not mostly_repeats(raw.response):
        return Problem.LOOP
    if looped and 2 * len(draft.response) < len(clean(raw.response, raw.response)):
        return Problem.LOOP
    return None


def _script_problem(raw: PairText, draft: PairText, language: str) -> Problem | None:
    said = f"{draft.instruction} {draft.response}"
    return Problem.WRONG_SCRIPT if is_foreign(said, _all(raw), language) else None
