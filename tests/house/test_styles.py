"""Stylesheets name what there is, and what they name is there.

No linter for CSS installs from PyPI on all platforms (docs/adr/0021), so this is ours;
whether a browser knows each property is asked of one in tests/browser/test_styles.py.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.stylesheets import SHEETS, STATIC, Rule, classes, every_rule, rules, within

BASE = Path(settings.BASE_DIR)
TEMPLATES = BASE / "templates"
TOKENS = "tokens.css"
COLOURS = {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch"}
COLOURS |= {"color", "light-dark"}
# What Django, htmx and uPlot write themselves.
OF_OTHERS = {"errorlist", "htmx-request", "uplot", "u-legend"}
NO_ROOMS = {"components", "errors", "registration", "base.html"}
# Sheets of one thing that some rooms share: all of it stands together.
NAMED = {"desk.css", "charts.css"}
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


def outside_tokens() -> Iterator[Rule]:
    return (rule for rule in every_rule() if rule.file != TOKENS)


# Values -------------------------------------------------------------------------------


def test_every_custom_property_is_defined_and_used():
    defined, used = set(), set()
    for rule in every_rule():
        for each in rule.declared:
            if each.name.startswith("--"):
                defined.add(each.name)
            for part in within(each.value):
                if part.type == "function" and part.lower_name == "var":
                    used.add(next(a.value for a in part.arguments if a.type == "ident"))

    assert used - defined == set()
    assert defined - used == set()


def test_colours_and_radii_are_tokens():
    raw = [
        f"{rule}: {each.name}"
        for rule in outside_tokens()
        for each in rule.declared
        if any(is_colour(part) for part in within(each.value))
        or ("radius" in each.name and any(is_length(p) for p in within(each.value)))
    ]

    assert raw == []


def is_colour(part) -> bool:
    if part.type == "function":
        return part.lower_name in COLOURS
    return part.type == "hash"


def is_length(part) -> bool:
    return part.type in {"dimension", "percentage"}


def test_every_colour_is_one_for_light_and_one_for_dark():
    single = [
        each.name
        for rule in rules(STATIC / "css" / TOKENS)
        for each in rule.declared
        if any(part.type == "hash" for part in within(each.value))
        and not any(
            part.type == "function" and part.lower_name == "light-dark"
            for part in within(each.value)
        )
    ]

    assert single == []


# Rules --------------------------------------------------------------------------------


def test_no_property_is_declared_twice_in_a_rule():
    twice = [
        f"{rule}: {name}"
        for rule in every_rule()
        for name, count in Counter(each.name for each in rule.declared).items()
        if count > 1
    ]

    assert twice == []


def test_no_sheet_has_a_selector_twice():
    found = Counter((rule.file, rule.within, rule.named) for rule in every_rule())

    assert [key for key, count in found.items() if count > 1] == []


def test_every_class_is_given_to_something():
    given = words() | OF_OTHERS
    unused = [
        f"{rule}: .{name}"
        for rule in every_rule()
        for name in classes(rule.selector)
        if name not in given and not any(p.fullmatch(name) for p in patterns())
    ]

    assert unused == []


def test_what_one_room_alone_uses_is_in_its_own_sheet():
    elsewhere = [
        f"{rule}: .{name} is of {room}"
        for rule in every_rule()
        if not is_room(rule.file.removesuffix(".css")) and rule.file not in NAMED
        for name in classes(rule.selector)
        if name not in strings() and (room := only_room(name))
    ]

    assert elsewhere == []


def test_a_room_links_no_other_rooms_sheet():
    foreign = [
        f"{name}: {sheet}.css"
        for name, text in templates().items()
        for sheet in re.findall(r"css/(\w+)\.css", text)
        if is_room(sheet) and name.split("/")[0] != sheet
    ]

    assert foreign == []


def is_room(name: str) -> bool:
    return (TEMPLATES / name).is_dir() and name not in NO_ROOMS


# Files --------------------------------------------------------------------------------


def test_every_static_file_that_is_named_exists():
    named = {
        (name, path)
        for name, text in templates().items()
        for path in re.findall(r"(?:{% static ['\"]|/static/)([^'\"]+)['\"]", text)
    }

    assert [each for each in sorted(named) if not (STATIC / each[1]).is_file()] == []
    assert len(named) > 20


def test_every_sheet_and_module_is_loaded_by_a_page():
    linked = set(
        re.findall(r"(?:css|js)/(\w+\.(?:css|js))", "".join(templates().values()))
    )
    modules = {path.name: path.read_text() for path in (STATIC / "js").glob("*.js")}
    waiting = [name for name in modules if name in linked]
    while waiting:
        for name in re.findall(
            r"from \"\./(\w+\.js)\"|import \"\./(\w+\.js)\"", modules[waiting.pop()]
        ):
            found = "".join(name)
            if found not in linked:
                linked.add(found)
                waiting.append(found)

    for sheet in SHEETS:
        if sheet.name in linked:
            linked.update(re.findall(r'^@import "(\w+\.css)"', sheet.read_text(), re.M))

    assert {*modules, *(sheet.name for sheet in SHEETS)} - linked == set()


# Which classes are given --------------------------------------------------------------


@cache
def templates() -> dict[str, str]:
    found = TEMPLATES.rglob("*.html")
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in found}


def attributes(text: str) -> Iterator[str]:
    """Each class attribute of a template, what is filled in marked as \\0."""
    filled = TAG.sub("\0", text)
    yield from re.findall(r'\bclass="([^"]*)"', filled)


@cache
def given_by(name: str) -> frozenset[str]:
    """The classes that a template gives, one by one."""
    parts = " ".join(attributes(templates()[name])).split()
    return frozenset(part for each in parts for part in each.split("\0"))


@cache
def words() -> frozenset[str]:
    """Classes of templates, and what stands in the strings of scripts and modules."""
    given = {word for name in templates() for word in given_by(name)}
    return frozenset(given.union(*(re.split(r"[^\w-]+", text) for text in strings())))


@cache
def strings() -> frozenset[str]:
    found = set()
    for path in (STATIC / "js").glob("*.js"):
        found.update(re.findall(r'"([^"\n]*)"', path.read_text()))
    for package in ("annotator", "training"):
        for path in (BASE / package).rglob("*.py"):
            if "migrations" not in path.parts:
                found.update(literals(ast.parse(path.read_text())))
    return frozenset(found)


def literals(tree: ast.AST) -> Iterator[str]:
    """The strings of a module, its docstrings aside."""
    for node in ast.walk(tree):
        inner = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.Constant)]
        if not isinstance(node, ast.Expr):
            yield from (n.value for n in inner if isinstance(n.value, str))


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Classes that are put together: `hue-{{ bar.hue }}`, `${name}-view`."""
    filled = {
        part
        for text in templates().values()
        for each in attributes(text)
        for part in each.split()
        if "\0" in part and re.search(r"-\0|\0-", part)
    }
    for path in (STATIC / "js").glob("*.js"):
        for each in re.findall(r"`([^`\s]*\$\{[^`\s]*)`", path.read_text()):
            part = re.sub(r"\$\{.*?\}", "\0", each)
            if re.fullmatch(r"[\w\0-]*(-\0|\0-)[\w\0-]*", part):
                filled.add(part)
    return tuple(
        re.compile(re.escape(part).replace("\0", r"[\w-]+")) for part in filled
    )


@cache
def only_room(name: str) -> str:
    """The one room whose templates give a class, where no other does; or empty."""
    places = {each.split("/")[0] for each in templates() if name in given_by(each)}
    return places.pop() if len(places) == 1 and not places & NO_ROOMS else ""


@pytest.mark.parametrize(
    ("name", "is_given"),
    [("panel", True), ("hue-3", True), ("final-view", True), ("unheard-of", False)],
)
def test_classes_are_found_where_they_are_put_together(name, is_given):
    found = name in words() or any(p.fullmatch(name) for p in patterns())

    assert found == is_given
