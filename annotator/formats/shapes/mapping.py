"""Which column of a file is what, as a person says it: for rows of no known shape."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Object
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow, OtherFormat
from annotator.formats.keys import assembled, columns_of, guarded
from annotator.formats.rows import PairRow, ReadRow, RowProblem
from annotator.formats.shapes import drafts, paths, turns
from annotator.formats.shapes.paths import NOTHING

MAX_PATH = 500


class BadMapping(ValueError):
    """The mapping cannot be used; the message names the field and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Of each part of a pair the column that holds it, or a dotted path into one.

    An empty text: no column does. As JSON an object with the parts that have one.
    """

    instruction: str = ""
    constant_instruction: str = ""
    """The instruction of all rows, where no column holds one."""
    input: str = ""
    response: str = ""
    revised_instruction: str = ""
    revised_input: str = ""
    revised_response: str = ""
    conversation: str = ""
    """A list of turns, in place of instruction and response."""
    system: str = ""
    history: str = ""
    id: str = ""
    category: str = ""
    draft_instruction: str = ""
    draft_input: str = ""
    draft_response: str = ""
    """What another model made of the pair; parts without a column are the raw ones."""
    draft_model: str = ""
    constant_draft_model: str = ""
    """The model of all drafts, where no column names it."""
    draft_version: str = ""
    draft_score: str = ""

    @classmethod
    def from_dict(cls, given: object) -> Mapping:
        """Read what `as_dict` writes; BadMapping."""
        if not isinstance(given, Object):
            raise BadMapping(
                gettext(
                    'The mapping is no object: write {"instruction": "a column", '
                    '"response": "another"}.'
                )
            )
        known = [each.name for each in fields(cls)]
        if unknown := [str(name) for name in given if name not in known]:
            raise BadMapping(
                gettext(
                    "The mapping names %(unknown)s, which is no part of a pair. Parts "
                    "are: %(known)s."
                )
                % {"unknown": ", ".join(unknown)[:200], "known": ", ".join(known)}
            )
        for name, path in given.items():
            _check(name, path)
        mapping = cls(**given)
        if fault := mapping.fault:
            raise BadMapping(fault)
        return mapping

    def as_dict(self) -> dict[str, str]:
        """The parts that have a column."""
        return {name: path for name, path in asdict(self).items() if path}

    @property
    def columns(self) -> dict[str, str]:
        """The path of each part that has one, by field of a row (`revised input`)."""
        return {
            name.replace("_", " "): path
            for name, path in self.as_dict().items()
            if not name.startswith("constant_")
        }

    @property
    def fault(self) -> str:
        """What it lacks to be used, as a sentence; empty if nothing."""
        ways = [self.instruction, self.constant_instruction, self.conversation]
        if not any(ways):
            return gettext(
                "Say which column is the instruction, or write one instruction for "
                "all rows."
            )
        if len(list(filter(None, ways))) > 1:
            return gettext(
                "Give one of instruction, constant_instruction and conversation: a "
                "row has one instruction."
            )
        return self._fault_of_texts() or self._fault_of_draft()

    def _fault_of_draft(self) -> str:
        named = [self.draft_model, self.constant_draft_model]
        if self.draft_response and len(list(filter(None, named))) != 1:
            return gettext(
                "Say who wrote the drafts: draft_model, or constant_draft_model "
                "for all rows."
            )
        others = any(
            path and name.startswith(("draft_", "constant_draft_"))
            for name, path in asdict(self).items()
        )
        if others and not self.draft_response:
            return gettext(
                "Say which column is the response of the draft (draft_response)."
            )
        return ""

    def _fault_of_texts(self) -> str:
        if self.conversation and (self.response or self.input):
            return gettext(
                "A conversation holds its answers: name no response beside it."
            )
        if self.conversation:
            return ""
        if not self.response:
            return gettext("Say which column is the response.")
        if self.response == self.instruction:
            return gettext("%(name)s cannot be both instruction and response.") % {
                "name": self.response
            }
        return ""


def _check(name: str, path: object) -> None:
    if not isinstance(path, str):
        raise BadMapping(
            gettext("%(name)s is a %(kind)s: write the name of a column as a text.")
            % {"name": name, "kind": type(path).__name__}
        )
    most = 20_000 if name == "constant_instruction" else MAX_PATH
    if len(path) > most:
        raise BadMapping(
            gettext("%(name)s has %(count)s characters; %(most)s are allowed.")
            % {"name": name, "count": f"{len(path):,}", "most": f"{most:,}"}
        )
    if "\0" in path:
        raise BadMapping(gettext("%(name)s contains a NUL character.") % {"name": name})


def reader(mapping: Mapping) -> ReadRow:
    """What rows mean by a mapping; all that it does not name is kept beside the pair.

    A column that is only looked into, by a path, is kept whole as well.
    """
    meant = _meant(mapping)

    def read(number: int, row: object) -> PairRow | RowProblem:
        return guarded(number, row, meant)

    return read


def _meant(mapping: Mapping) -> Callable[[int, object], PairRow]:
    columns = mapping.columns
    needed = columns.keys() & {"instruction", "response", "conversation"}

    def meant(number: int, row: object) -> PairRow:
        row = columns_of(row)
        found = {name: (path, paths.at(row, path)) for name, path in columns.items()}
        cells = {name: cell for name, cell in found.items() if cell[1] is not NOTHING}
        if lacking := needed - cells.keys():
            shown = ", ".join(map(repr, row))[:300]
            raise OtherFormat(
                gettext("there is no %(column)r among its columns: %(shown)s")
                % {"column": columns[min(lacking)], "shown": shown}
            )
        if mapping.constant_instruction:
            cells["instruction"] = ("instruction", mapping.constant_instruction)
        if talk := cells.get("conversation"):
            _check_turns(*talk)
        about = [cells[name] for name in drafts.PARTS if name in cells]
        draft = {name: cell[1] for name, cell in cells.items() if name in drafts.PARTS}
        if mapping.constant_draft_model:
            draft["draft model"] = mapping.constant_draft_model
        whole = {path for path in columns.values() if path in row}
        rest = {name: cell for name, cell in row.items() if name not in whole}
        pair = _named(assembled(number, row, cells, rest))
        return drafts.with_draft(
            pair, draft, {path: cell for path, cell in about if path in row}
        )

    return meant


def _named(pair: PairRow) -> PairRow:
    """The pair in the shape of a mapping, unless it comes from a chat."""
    if pair.shape.get("name") in ("messages", "sharegpt"):
        return pair
    return replace(pair, shape={**pair.shape, "name": "mapped"})


def _check_turns(path: str, value: Any) -> None:
    if not turns.are_turns(turns.decoded(value)):
        raise BadRow(
            gettext(
                "%(path)r is no list of turns: each is an object with role and "
                "content, or with from and value"
            )
            % {"path": path}
        )
