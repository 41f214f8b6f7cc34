"""A JSON text of any length, taken value by value in constant memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotator.domain.saying import gettext
from annotator.formats.json_values import value_at
from annotator.formats.rows import UnreadableFile

MAX_VALUE_CHARS = 4_000_000
"""Room for a row of `jsonl_pairs.MAX_LINE_BYTES` that was indented."""
PIECE = 1 << 18
_MARGIN = 64
"""Signs before a cut at which what was cut may look wrong: `Infin`, `\\ud8`, `1e`."""
_BLANKS = re.compile("[ \t\r\n\ufeff]*")
_MARKS = re.compile(r'["\\\[\]{}]')
_CLOSED = frozenset('"]}')


@dataclass(frozen=True, slots=True)
class LongValue:
    """Stands for a value that is too long to be read."""

    start: str
    """Its first 200 signs."""


class _TooLong(Exception):
    pass


class JsonText:
    """What is still to be taken of a file, from its start.

    Bytes that are no UTF-8 become half surrogates. All methods raise UnreadableFile,
    with line and column, where the text is no JSON.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._decode = decoder.decode
        self._text = ""
        self._place = 0
        self._is_last = False
        self._line, self._column = 1, 1  # of the first sign of _text

    def sign(self) -> str:
        """The next sign that is no blank, not taken; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._place)
            self._place = blanks.end() if blanks else self._place
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._read_on():
                return ""

    def take(self, sign: str) -> None:
        """Pass over the next sign, which must be this one."""
        if self.sign() != sign:
            raise self._wrong(f"Expecting {sign!r}", self._place)
        self._place += 1

    def value(self) -> Any:
        """The next value, or a LongValue in its place."""
        self.sign()
        try:
            return self._value()
        except _TooLong:
            start = self._text[self._place : self._place + 200]
            self._pass_over()
            return LongValue(start)

    def elements(self) -> Iterator[Any]:
        """The values of the list that begins here."""
        self.take("[")
        if self.sign() != "]":
            yield self.value()
            while self.sign() == ",":
                self._place += 1
                yield self.value()
        if self.sign() != "]":
            raise self._wrong("Expecting ',' delimiter", self._place)
        self._place += 1

    def keys(self) -> Iterator[str]:
        """The keys of the object that begins here; before the next one is asked for,
        the value is to be taken."""
        self.take("{")
        if self.sign() != "}":
            yield self._key()
            while self.sign() == ",":
                self._place += 1
                yield self._key()
        if self.sign() != "}":
            raise self._wrong("Expecting ',' delimiter", self._place)
        self._place += 1

    def _key(self) -> str:
        if self.sign() != '"':
            message = "Expecting property name enclosed in double quotes"
            raise self._wrong(message, self._place)
        key = self.value()
        self.take(":")
        return key.start if isinstance(key, LongValue) else str(key)

    def _value(self) -> Any:
        while True:
            found = self._tried()
            if found:
                value, self._place = found
                return value
            if len(self._text) - self._place > MAX_VALUE_CHARS:
                raise _TooLong
            self._read_on()

    def _tried(self) -> tuple[Any, int] | None:
        """The value and where it ends; None where the text may be cut within it."""
        try:
            value, end = value_at(self._text, self._place)
        except json.JSONDecodeError as fault:
            if self._is_last or not self._may_be_cut(fault):
                raise self._wrong(fault.msg, fault.pos) from None
            return None
        except RecursionError:
            raise UnreadableFile(
                gettext("The file's JSON is nested too deeply.")
            ) from None
        except ValueError:  # Python's limit on the digits of a whole number
            raise UnreadableFile(
                gettext("The file's JSON holds a number with too many digits.")
            ) from None
        return (value, end) if self._is_last or self._has_ended(end) else None

    def _may_be_cut(self, fault: json.JSONDecodeError) -> bool:
        is_text = fault.msg.startswith("Unterminated string")
        return is_text or fault.pos >= len(self._text) - _MARGIN

    def _has_ended(self, end: int) -> bool:
        """A number may go on behind the cut."""
        return self._text[end - 1] in _CLOSED or end < len(self._text) - _MARGIN

    def _read_on(self) -> bool:
        """Twice as much as is left over: a long value is not tried piece by piece."""
        if self._is_last:
            return False
        self._forget()
        piece = self._file.read(max(PIECE, len(self._text)))
        self._is_last = not piece
        self._text += self._decode(piece, self._is_last)
        return True

    def _forget(self) -> None:
        """Drop what is taken."""
        self._line, self._column = self._where(self._place)
        self._text = self._text[self._place :]
        self._place = 0

    def _where(self, place: int) -> tuple[int, int]:
        """Line and column, from 1."""
        lines = self._text.count("\n", 0, place)
        if not lines:
            return self._line, self._column + place
        return self._line + lines, place - self._text.rindex("\n", 0, place)

    def _wrong(self, message: str, place: int) -> UnreadableFile:
        line, column = self._where(place)
        return UnreadableFile(
            gettext(
                "The file is not valid JSON: line %(line)s, column %(column)s: "
                "%(message)s."
            )
            % {"line": line, "column": column, "message": message}
        )

    def _pass_over(self) -> None:
        """Go behind a value by its brackets and quotation marks."""
        depth, in_text = 0, False
        for mark in self._marks():
            if mark == '"':
                in_text = not in_text
            elif not in_text:
                depth += 1 if mark in "[{" else -1
            if not depth and not in_text:
                return
        raise self._wrong("the file ends within a value", self._place)

    def _marks(self) -> Iterator[str]:
        """Take brackets and quotation marks that no backslash precedes, one by one."""
        while True:
            found = _MARKS.search(self._text, self._place)
            if found and found[0] != "\\":
                self._place = found.end()
                yield found[0]
            elif found and found.end() < len(self._text):
                self._place = found.end() + 1
            else:
                self._place = found.start() if found else len(self._text)
                if not self._read_on():
                    self._place = len(self._text)
                    return
