"""What a quick run leaves out because it takes long."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest

from annotator.config.places import BASE
from tests import slow_tests


def names_in(path: str) -> set[str]:
    """`FILE::TEST` and `FILE::CLASS::TEST` of a file, without running it."""
    found = set()
    for node in ast.parse((BASE / path).read_text()).body:
        members = node.body if isinstance(node, ast.ClassDef) else []
        inside = f"{path}::{getattr(node, 'name', '')}"
        found |= {f"{inside}::{getattr(each, 'name', '')}" for each in members}
        found.add(inside)
    return found


def test_each_of_the_list_is_there():
    named = slow_tests.listed()
    files = {name.partition("::")[0] for name in named}
    assert named - set().union(*map(names_in, files)) == set()


def test_the_listed_are_left_out_with_all_their_parameters(monkeypatch):
    monkeypatch.setattr(slow_tests, "listed", lambda: {"tests/test_a.py::test_long"})
    names = ("test_long[1]", "test_long[2]", "test_longer", "test_short[1]")
    found = [SimpleNamespace(nodeid=f"tests/test_a.py::{name}") for name in names]

    kept, gone = slow_tests.left_out(found)

    assert [item.nodeid.rpartition("::")[2] for item in kept] == list(names[2:])
    assert gone == found[:2]


@pytest.mark.parametrize(
    ("took", "marks", "named"),
    [
        ({"setup": 0.07, "call": 0.07}, {}, ["tests/test_a.py::test_it"]),
        ({"setup": 0.07, "call": 0.01}, {}, []),
        ({"call": 9.0}, {"browser": 1}, []),
    ],
)
def test_a_run_notes_what_took_long_and_has_no_slow_mark(took, marks, named):
    noting = slow_tests.Noting(("browser", "flow"))
    for seconds in took.values():
        noting.pytest_runtest_logreport(
            SimpleNamespace(
                nodeid="tests/test_a.py::test_it[x]", keywords=marks, duration=seconds
            )
        )
    assert noting.slow() == named
