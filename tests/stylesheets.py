"""The product's stylesheets, taken apart: rules, with what each of them declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tinycss2
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
SHEETS = sorted((STATIC / "css").glob("*.css"))
GROUPS = {"layer", "media", "supports"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is declared for a selector, and within which at-rules."""

    file: str
    line: int
    within: str
    selector: tuple[Any, ...]
    declared: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.named}"

    @property
    def named(self) -> str:
        return " ".join(tinycss2.serialize(self.selector).split())


def rules(sheet: Path) -> Iterator[Rule]:
    """All rules of a sheet; ValueError for what a browser would throw away."""
    found = tinycss2.parse_stylesheet(
        sheet.read_text(), skip_comments=True, skip_whitespace=True
    )
    yield from _rules(found, sheet.name, "")


def _rules(nodes: list[Any], file: str, within: str) -> Iterator[Rule]:
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword in GROUPS:
            if node.content is not None:
                inside = tinycss2.parse_rule_list(
                    node.content, skip_comments=True, skip_whitespace=True
                )
                prelude = tinycss2.serialize(node.prelude).strip()
                yield from _rules(inside, file, f"{within} {prelude}".strip())
        elif node.type == "qualified-rule":
            declared = tinycss2.parse_blocks_contents(
                node.content, skip_comments=True, skip_whitespace=True
            )
            _sound(declared, file)
            yield Rule(
                file, node.source_line, within, tuple(node.prelude), tuple(declared)
            )
        elif node.type != "at-rule":
            _sound([node], file)


def _sound(nodes: list[Any], file: str) -> None:
    for node in nodes:
        if node.type not in {"declaration", "at-rule"}:
            told = getattr(node, "message", node.type)
            raise ValueError(f"{file}:{node.source_line}: {told}")


def every_rule() -> Iterator[Rule]:
    for sheet in SHEETS:
        yield from rules(sheet)


def within(nodes: Any) -> Iterator[Any]:
    """All parts of a value or a selector, those in brackets, too."""
    for node in nodes:
        yield node
        inner = getattr(node, "arguments", None) or getattr(node, "content", None)
        if isinstance(inner, list):
            yield from within(inner)


def classes(selector: Any) -> Iterator[str]:
    """The classes that a selector names."""
    before = None
    for node in within(selector):
        if before is not None and node.type == "ident":
            yield node.value
        before = node if node.type == "literal" and node.value == "." else None
