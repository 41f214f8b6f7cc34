"""Sheets and modules of one page in one file each: what a browser would fetch one after
the other.

Our own sources only, whose imports have three forms; no tool of another language is
needed (docs/adr/0031). Anything else is refused where it is collected, never served.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Protocol

SHEET_IMPORT = re.compile(r'^@import "(?P<name>[\w.-]+\.css)";\n', re.MULTILINE)
MODULE_IMPORT = re.compile(
    r"^import (?:(?:\* as (?P<whole>\w+)|\{(?P<parts>[^}]*)\}) from )?"
    r'"\./(?P<name>[\w-]+\.js)";$',
    re.MULTILINE,
)
EXPORT = re.compile(
    r"^export (?P<rest>(?:async function|function|class|const) (?P<name>\w+))",
    re.MULTILINE,
)
SHEET_COMMENT = re.compile(r"[ \t]*/\*.*?\*/\n?", re.DOTALL)
REMARK = re.compile(r"^\s*(?://.*|/\*\*.*\*/)\n", re.MULTILINE)
"""A comment of a module that has its line for itself."""
LEFT = re.compile(r"^\s*(?:@import|import|export)\b.*|\bimport\(.*", re.MULTILINE)


class Read(Protocol):
    """The text of a static file, by its name below static/."""

    def __call__(self, name: str) -> str: ...


class CannotBundle(ValueError):
    """A source has an import or export of another form, or imports itself."""


def sheet(name: str, read: Read) -> str:
    """A stylesheet with what it imports in the place of the imports."""
    folder = PurePosixPath(name).parent

    def put_in(found: re.Match[str]) -> str:
        return sheet(str(folder / found["name"]), read)

    put_together = _whole(name, SHEET_IMPORT.sub(put_in, read(name)), sheets=True)
    return SHEET_COMMENT.sub("", put_together)


def module(name: str, read: Read) -> str:
    """A module with all that it imports, each in a scope of its own, in the order in
    which a browser would run them."""
    made: dict[str, str] = {}
    _add(name, read, made, ())
    return "\n".join(made.values())


def _add(name: str, read: Read, made: dict[str, str], above: tuple[str, ...]) -> None:
    if name in above:
        raise CannotBundle(f"{name} imports itself, over {', '.join(above)}.")
    if name in made:
        return
    source = read(name)
    folder = PurePosixPath(name).parent
    for found in MODULE_IMPORT.finditer(source):
        _add(str(folder / found["name"]), read, made, (*above, name))
    exported = ", ".join(found["name"] for found in EXPORT.finditer(source))
    body = EXPORT.sub(r"\g<rest>", MODULE_IMPORT.sub(_taken, source))
    body = _without_remarks(_whole(name, body, sheets=False))
    made[name] = (
        f"const {_scope(name)} = (() => {{\n{body}\nreturn {{{exported}}};\n}})();"
    )


def _without_remarks(source: str) -> str:
    """Unless a text stands over several lines: there `//` may be its own."""
    lines = source.splitlines()
    is_sure = all(line.count("`") % 2 == 0 for line in lines)
    return REMARK.sub("", source) if is_sure else source


def _taken(found: re.Match[str]) -> str:
    """An import as what it takes from another scope."""
    scope = _scope(found["name"])
    if found["whole"]:
        return f"const {found['whole']} = {scope};"
    if found["parts"]:
        return f"const {{{found['parts'].replace(' as ', ': ')}}} = {scope};"
    return ""


def _scope(name: str) -> str:
    return "$" + PurePosixPath(name).stem.replace("-", "_")


def _whole(name: str, text: str, *, sheets: bool) -> str:
    found = LEFT.search(text)
    if found and (not sheets or "@import" in found[0]):
        raise CannotBundle(
            f"{name}: {found[0].strip()!r} has a form that is not known."
        )
    return text
