"""Raw logs to pairs: a project's pattern with a named group for each field.

The text is untrusted and so is the pattern: each match has a limit in time.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import regex

from annotator.domain.line_ends import as_newlines
from annotator.domain.saying import field, gettext
from annotator.formats.jsonl_pairs import MAX_LINE_BYTES
from annotator.formats.keys import problem_of
from annotator.formats.rows import (
    MAX_CATEGORY_CHARS,
    MAX_FIELD_CHARS,
    MAX_ID_CHARS,
    PairRow,
    RowProblem,
)
from annotator.formats.rules.outcomes import UnusableSetting

NEEDED = ("instruction", "response")
GROUPS = (*NEEDED, "input", "id", "category")
MAX_PATTERN_CHARS = 2_000
SECONDS = 0.2
"""For one line: a pattern that needs more would take days over a log."""


@dataclass(frozen=True, slots=True)
class LogPattern:
    """How a line of a log becomes a pair."""

    written: str
    unescape: bool = False
    """Whether `\\n`, `\\t` and `\\"` in a field are read as what they stand for."""

    def __post_init__(self) -> None:
        if len(self.written) > MAX_PATTERN_CHARS:
            raise UnusableSetting(
                gettext(
                    "The pattern has %(count)s characters; at most %(most)s are read."
                )
                % {"count": f"{len(self.written):,}", "most": f"{MAX_PATTERN_CHARS:,}"}
            )
        try:
            groups = regex.compile(self.written).groupindex
        except (regex.error, RecursionError, OverflowError) as fault:
            raise UnusableSetting(
                gettext("The pattern cannot be read: %(fault)s.") % {"fault": fault}
            ) from None
        if strange := sorted(set(groups) - set(GROUPS)):
            raise UnusableSetting(
                gettext("The pattern names %(strange)s; there are %(groups)s.")
                % {"strange": ", ".join(strange), "groups": ", ".join(GROUPS)}
            )
        if missing := [name for name in NEEDED if name not in groups]:
            raise UnusableSetting(
                gettext(
                    "The pattern lacks a group for %(missing)s: write (?P<%(first)s>…)."
                )
                % {"missing": gettext(" and ").join(missing), "first": missing[0]}
            )


def parse(pattern: LogPattern, number: int, line: str) -> PairRow | RowProblem:
    """One line of a log as a pair, or why it is none; `number` counts from 1."""
    line = line.rstrip("\r\n")
    try:
        found = regex.compile(pattern.written).search(line, timeout=SECONDS)
    except TimeoutError:
        return _problem(
            number,
            line,
            gettext("The pattern needs more than %(seconds)s s for this line.")
            % {"seconds": SECONDS},
        )
    if found is None:
        return _problem(number, line, gettext("The pattern does not match this line."))
    told = {name: as_newlines(text or "") for name, text in found.groupdict().items()}
    if pattern.unescape:
        told = {name: _unescaped(text) for name, text in told.items()}
    told = {name: text.replace("\0", "\ufffd") for name, text in told.items()}
    if fault := _fault(told):
        return _problem(number, line, fault)
    return PairRow(
        number=number,
        instruction=told["instruction"],
        input=told.get("input", ""),
        response=told["response"],
        external_id=told.get("id", ""),
        category=told.get("category", ""),
    )


def read(file: BinaryIO, pattern: LogPattern) -> Iterator[PairRow | RowProblem]:
    """Every line of a log that is not blank; a blank one counts, and is passed over.

    Memory stays constant. Lines are UTF-8; another one is told apart by its number.
    """
    number = 0
    while line := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            yield _problem(number, "", _skip_rest(file, line))
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as fault:
            shown = line.decode("utf-8", "replace")
            yield _problem(
                number,
                shown,
                gettext("The line is not UTF-8 at its byte %(byte)s.")
                % {"byte": f"{fault.start + 1:,}"},
            )
            continue
        if text.strip():
            yield parse(pattern, number, text)


def _skip_rest(file: BinaryIO, line: bytes) -> str:
    while line and not line.endswith(b"\n"):
        line = file.readline(MAX_LINE_BYTES)
    return gettext("The line has more than %(most)s bytes.") % {
        "most": f"{MAX_LINE_BYTES:,}"
    }


_ESCAPED = regex.compile(r"\\(?:[nrt\"'\\/]|u[0-9a-fA-F]{4})")


def _unescaped(text: str) -> str:
    """What JSON and most loggers write for line ends, tabs and quotation marks."""
    read = _ESCAPED.sub(lambda found: _sign(found[0]), text)
    # Two halves of one sign, written apart, become the sign.
    whole = read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return as_newlines(whole)


def _sign(escaped: str) -> str:
    if escaped == "\\/":
        return "/"
    return str(codecs.decode(escaped, "unicode_escape"))


def _fault(told: dict[str, str]) -> str:
    for name in NEEDED:
        if not told[name].strip():
            return gettext("The group %(name)s is empty.") % {"name": name}
    for name in (*NEEDED, "input"):
        if len(told.get(name, "")) > MAX_FIELD_CHARS:
            return gettext("The %(name)s has more than %(most)s characters.") % {
                "name": field(name),
                "most": f"{MAX_FIELD_CHARS:,}",
            }
    for name, most in (("id", MAX_ID_CHARS), ("category", MAX_CATEGORY_CHARS)):
        if len(told.get(name, "")) > most:
            return gettext("The %(name)s has more than %(most)s characters.") % {
                "name": name,
                "most": most,
            }
    return ""


def _problem(number: int, line: str, message: str) -> RowProblem:
    return problem_of(number, message, line)
