"""Model output is untrusted text: parse it, clean it, or refuse it with a reason."""

from __future__ import annotations

import re
from enum import StrEnum

from revision_engine.prompts import PUBLISHED_WORDING, meaningful_input
from revision_engine.repetition import SENTENCE_ENDS, cut_loop, mostly_repeats
from revision_engine.scripts import is_foreign
from revision_engine.types import PairText

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
}

# A label in bold keeps its marks to itself; those of the text after it are the text's.
_LINE_LABEL = re.compile(
    r"^[ \t]*(?P<heading>\#{1,6}[ \t]*)?(?P<bold>\*\*|__)?(?:Revised |Improved )?"
    r"(?P<name>Instruction|Input|Response)"
    r"(?(bold)(?:(?P=bold)[ \t]*:|[ \t]*:[ \t]*(?P=bold))"
    r"|(?(heading)[ \t]*(?::|(?=\n))|[ \t]*:))",
    re.MULTILINE,
)
_ANY_LABEL = re.compile(r"(?<!\S)(?P<name>Instruction|Input|Response)[ \t]*:")
_TURN_END = re.compile(r"<\|(?:im_end|im_start|eot_id|end|endoftext)\|>|</s>")
_TRAILING_TOKENS = re.compile(r"(?:<\|\w{1,30}\|>|</?s>|<pad>|<eos>)\Z")
# Control, zero-width and direction signs, replacement signs, half surrogates, tags.
# Joiners (U+200C, U+200D) stay: Persian, Hindi and emoji are spelt with them.
_UNWANTED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)


def parse(output: str) -> PairText | None:
    """Find the fields of the first revised pair; None if they are not there.

    Labels count at the start of lines; if those do not make a pair, anywhere, as in
    the published one-line format. Without an Input label the input is empty.
    """
    lines = _fields(output, list(_LINE_LABEL.finditer(output)))
    return lines or _fields(output, list(_ANY_LABEL.finditer(output)))


def _fields(output: str, labels: list[re.Match[str]]) -> PairText | None:
    names = [label["name"] for label in labels]
    if "Instruction" not in names or "Response" not in names:
        return None
    first = names.index("Instruction")
    if "Response" not in names[first:]:
        return None
    last = names.index("Response", first)
    between = labels[first + 1 : last]
    source = next((label for label in between if label["name"] == "Input"), None)
    answer = labels[last]
    fields = [labels[first], *([source] if source else []), answer]
    ends = [label.start() for label in fields[1:]] + [_end(output, labels[last + 1 :])]
    texts = {
        label["name"].lower(): output[label.end() : end].strip()
        for label, end in zip(fields, ends, strict=True)
    }
    return PairText(**texts)


def _end(output: str, after: list[re.Match[str]]) -> int:
    """Where the response ends: before the next pair, if the model goes on to one."""
    names = [label["name"] for label in after]
    if "Response" not in names:
        return len(output)
    return after[0].start()


def clean(text: str) -> str:
    """Strip what no reader wants to see, and cut a loop at the end.

    Cleaning twice changes nothing more.
    """
    before = None
    while before != text:
        before = text
        text = cut_loop(_tidy(text))
    return text


def _tidy(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _TRAILING_TOKENS.sub("", _UNWANTED.sub("", text).strip()).strip()


def check(
    raw: PairText,
    output: str,
    *,
    finished: bool = True,
    language: str = "en",
    wording: str = PUBLISHED_WORDING,
) -> tuple[PairText, Problem | None]:
    """The usable revision and None, or the raw pair and what is wrong.

    A draft without an Input line keeps the raw input; an input that only says there
    is none (`<noinput>`) becomes empty. `language` (ISO 639-1) tells the script when
    the raw pair has no letters. Takes any text, and never raises.
    """
    # What is longer is too long in any case; here, so that no output costs minutes.
    output = _first_turn(raw, output[: 4 * MAX_FIELD_CHARS])
    found = parse(output)
    if found is None:
        return raw, _no_pair(output, finished=finished)
    draft = PairText(
        instruction=clean(found.instruction),
        input=meaningful_input(clean(found.input)) or meaningful_input(raw.input),
        response=clean(found.response),
    )
    looped = len(draft.response) < len(_tidy(found.response))
    if looped and not finished:
        draft = _whole(draft)
    problem = (
        _form_problem(raw, draft, wording)
        or _loop_problem(raw, draft, looped=looped)
        or (Problem.CUT_OFF if not (finished or looped) else None)
        or _script_problem(raw, draft, language)
    )
    return (raw, problem) if problem else (draft, None)


def has_loop(output: str) -> bool:
    """Whether the model ran into a loop, also where the cut made the text usable."""
    text = _tidy(output)
    return cut_loop(text) != text or mostly_repeats(text)


def _first_turn(raw: PairText, output: str) -> str:
    """What stands before a model's mark for the end of its turn."""
    if _TURN_END.search(f"{raw.instruction}{raw.input}{raw.response}"):
        return output
    turns = [turn for turn in _TURN_END.split(output) if turn.strip()]
    return turns[0] if turns else ""


def _no_pair(output: str, *, finished: bool) -> Problem:
    if not _tidy(output):
        return Problem.EMPTY
    return Problem.UNPARSEABLE if finished else Problem.CUT_OFF


def _whole(draft: PairText) -> PairText:
    """The draft with its response up to the last end of a sentence or line."""
    ends = list(
        re.finditer(
            rf"[{SENTENCE_ENDS}][\"'\u201d\u2019)*`]*(?=\s|\Z)|\n", draft.response
        )
    )
    response = draft.response[: ends[-1].end()].strip() if ends else draft.response
    return PairText(instruction=draft.instruction, input=draft.input, response=response)


def _form_problem(raw: PairText, draft: PairText, wording: str) -> Problem | None:
    if not draft.instruction or not draft.response:
        return Problem.EMPTY
    told = f"{raw.instruction}\n{raw.input}\n{raw.response}"
    said = f"{draft.instruction}\n{draft.input}\n{draft.response}"
    if wording and wording in said and wording not in told:
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
    if looped and 2 * len(draft.response) < len(clean(raw.response)):
        return Problem.LOOP
    return None


def _script_problem(raw: PairText, draft: PairText, language: str) -> Problem | None:
    said = f"{draft.instruction} {draft.response}"
    told = f"{raw.instruction} {raw.input} {raw.response}"
    return Problem.WRONG_SCRIPT if is_foreign(said, told, language) else None
