"""Test sets for tuned models: instructions, and what a person answered to them.

Read from the shapes in which they are published: CoachLM150 (a JSON list with
`reference response`), Self-Instruct-252 (`instances` with input and output),
PandaLM-170 and Vicuna-80 (a question, its category, and no reference).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from revision_engine.saying import gettext
from revision_engine.types import PairText

ASKED = ("instruction", "text", "prompt", "question")
REFERENCE = ("reference response", "reference", "output", "response")
CATEGORY = ("category", "motivation_app")


class BadTestSet(ValueError):
    """A test set cannot be used; the message names the row and what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestItem:
    """One instruction of a test set."""

    __test__ = False
    key: str
    """The start of the SHA-256 of what is asked: the same in every file."""
    instruction: str
    input: str = ""
    reference: str = ""
    """A person's response; empty where the set has none."""
    category: str = ""

    def answered(self, response: str) -> PairText:
        """The pair that it is with a response."""
        return PairText(
            instruction=self.instruction, input=self.input, response=response
        )


def read(path: Path) -> list[TestItem]:
    """The items of a JSON list or of JSON lines, each instruction once.

    BadTestSet names the row that has no instruction, or says that there is none.
    """
    return parse(path.read_bytes(), path.name)


def parse(written: bytes, name: str) -> list[TestItem]:
    """The same of what a file holds, by its name."""
    found: dict[str, TestItem] = {}
    for number, row in enumerate(_rows(written, name), start=1):
        read_item = _item(
            row, gettext("%(name)s, row %(number)s") % {"name": name, "number": number}
        )
        found.setdefault(read_item.key, read_item)
    if not found:
        raise BadTestSet(gettext("%(name)s has no instruction.") % {"name": name})
    return list(found.values())


def _rows(written: bytes, name: str) -> Iterator[Any]:
    try:
        text = written.decode("utf-8-sig")
        if text.lstrip().startswith("["):
            yield from json.loads(text)
            return
        for line in text.split("\n"):
            if line.strip():
                yield json.loads(line)
    except ValueError as fault:
        raise BadTestSet(
            gettext("%(name)s is not JSON: %(fault)s") % {"name": name, "fault": fault}
        ) from None


def _item(row: Any, where: str) -> TestItem:
    if not isinstance(row, Mapping):
        raise BadTestSet(gettext("%(where)s: is no JSON object.") % {"where": where})
    asked = _first(row, ASKED)
    if not asked.strip():
        known = ", ".join(ASKED)
        raise BadTestSet(
            gettext("%(where)s: has no instruction; one of %(known)s must be text.")
            % {"where": where, "known": known}
        )
    given, reference = _first(row, ("input",)), _first(row, REFERENCE)
    if isinstance(instances := row.get("instances"), list) and instances:
        given = given or _first(instances[0], ("input",))
        reference = reference or _first(instances[0], ("output",))
    return item(asked, given, reference, _first(row, CATEGORY))


def item(
    instruction: str, given: str = "", reference: str = "", category: str = ""
) -> TestItem:
    """One instruction, under its key."""
    asked = json.dumps([instruction.strip(), given.strip()])
    return TestItem(
        key=hashlib.sha256(asked.encode()).hexdigest()[:16],
        instruction=instruction,
        input=given,
        reference=reference,
        category=category,
    )


def _first(row: Any, names: tuple[str, ...]) -> str:
    """The first of these that is a text and not empty."""
    values = (row.get(name) for name in names) if isinstance(row, Mapping) else ()
    return next((each for each in values if isinstance(each, str) and each), "")
