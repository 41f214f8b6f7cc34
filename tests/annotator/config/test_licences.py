"""What CoachLM needs may be needed by a product under Apache-2.0."""

from __future__ import annotations

from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest

from annotator.config import licences, packages
from annotator.config.packages import Needed


class Made(Distribution):
    """A package that is nowhere installed."""

    def __init__(self, *fields: tuple[str, str]) -> None:
        self.fields = fields

    def read_text(self, filename: str) -> str | None:
        message = Message()
        for name, value in (("Name", "made"), *self.fields):
            message[name] = value
        return str(message) if filename == "METADATA" else None

    def locate_file(self, path: object) -> Path:
        raise FileNotFoundError(path)


GPL = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"
MIT = "License :: OSI Approved :: MIT License"


def test_everything_that_is_needed_here_may_be_needed():
    found = list(packages.needed(licences.roots()))

    assert licences.faults(found) == []
    names = {one.name for one in found}
    assert {"django", "celery", "kombu", "numpy", "psycopg-pool", "pytest"} <= names
    assert "krippendorff" not in names


@pytest.mark.parametrize(
    "fields",
    [
        [("License-Expression", "GPL-3.0-or-later")],
        [("License-Expression", "AGPL-3.0-only"), ("Classifier", MIT)],
        [("License-Expression", "MIT AND GPL-2.0-only")],
        [("License-Expression", "LGPL-3.0-only")],
        [("Classifier", GPL)],
        [("Classifier", MIT), ("Classifier", GPL)],
        [("License", "GPL v3")],
        [("License", "Proprietary")],
    ],
)
def test_a_package_under_another_licence_fails_by_name(fields):
    [fault] = licences.faults([Needed("made", "requirements.txt", Made(*fields))])

    assert fault.startswith("made (requirements.txt): ")
    assert "is not on the list" in fault


def test_a_package_that_says_nothing_or_is_not_there_is_named():
    silent = Needed("silent", "celery", Made())
    absent = Needed("absent", "celery", None)

    first, second = licences.faults([silent, absent])

    assert first.startswith("silent (celery): it names no licence.")
    assert second.startswith("absent (celery): it is not installed")


def test_an_exception_is_for_one_package_under_one_licence():
    as_it_is = Made(("License-Expression", "LGPL-3.0-only"))
    changed = Made(("License-Expression", "AGPL-3.0-only"))

    assert licences.faults([Needed("psycopg", "x", as_it_is)]) == []
    assert licences.faults([Needed("psycopg", "x", changed)])
    assert licences.faults([Needed("other", "x", as_it_is)])


def test_each_exception_says_why_and_is_still_needed():
    names = {one.name for one in packages.needed(licences.roots())}

    for exception in licences.EXCEPTIONS:
        assert len(exception.why) > 20
        assert exception.name in names or exception.name.endswith("*")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("GPL-2.0-only OR MIT", True),
        ("(GPL-2.0-only OR MIT) AND BSD-3-Clause", True),
        ("GPL-2.0-only OR MIT AND AGPL-3.0-only", False),
        ("(MIT OR ISC) AND (GPL-2.0-only OR LGPL-3.0-only)", False),
        ("MIT AND", False),
        ("()", False),
        ("", False),
    ],
)
def test_an_expression_is_read_as_spdx_means_it(expression, expected):
    assert licences.is_permissive(expression) is expected
