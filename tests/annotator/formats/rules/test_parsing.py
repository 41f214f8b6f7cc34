"""A line of a log becomes a pair, or says why it does not."""

from __future__ import annotations

import io

import pytest

from annotator.formats.rows import PairRow, RowProblem
from annotator.formats.rules.outcomes import UnusableSetting
from annotator.formats.rules.parsing import LogPattern, parse, read

PLAIN = LogPattern(
    r"^\S+ id=(?P<id>\S*) \[(?P<category>\w*)\] "
    r"Q: (?P<instruction>.*?) \| A: (?P<response>.*)$"
)


def test_named_groups_become_fields():
    line = "2024-01-01T00:00 id=7 [qa] Q: हिन्दी में? | A: 好的 👍🏽\n"

    row = parse(PLAIN, 3, line)

    assert row == PairRow(
        number=3,
        instruction="हिन्दी में?",
        input="",
        response="好的 👍🏽",
        external_id="7",
        category="qa",
    )


def test_a_line_that_does_not_fit_is_kept_with_the_reason():
    row = parse(PLAIN, 2, "something else")

    assert isinstance(row, RowProblem)
    assert (row.number, row.source) == (2, "something else")
    assert "does not match" in row.message


def test_blank_lines_are_passed_over_and_counted():
    log = io.BytesIO(b"\xef\xbb\xbfx id=1 [] Q: a | A: b\n\r\n \nbad")

    first, second = read(log, PLAIN)

    assert (first.number, first.external_id) == (1, "1")
    assert (second.number, second.source) == (4, "bad")


def test_a_line_that_is_no_text_costs_itself_only():
    log = io.BytesIO(b"\xff\xfe\n" + b"x" * 2_000_001 + b"\nx id= [] Q: a\0 | A: b\n")

    no_text, too_long, good = read(log, PLAIN)

    assert "not UTF-8 at its byte 1" in no_text.message
    assert "2,000,000 bytes" in too_long.message
    assert (good.number, good.instruction) == (3, "a\ufffd")


def test_escapes_are_read_where_the_project_says_so():
    line = r"x id= [] Q: a\nb \"c\" 5\u20ac \d | A: \ud83d\ude00"

    as_is = parse(PLAIN, 1, line)
    read = parse(LogPattern(PLAIN.written, unescape=True), 1, line)

    assert as_is.instruction == r"a\nb \"c\" 5\u20ac \d"
    assert read.instruction == 'a\nb "c" 5€ \\d'
    assert read.response == "😀"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x id=1 [] Q:   | A: b", "instruction is empty"),
        ("x id=1 [] Q: a | A: ", "response is empty"),
        ("x id=1 [] Q: a | A: " + "b" * 20_001, "more than 20,000"),
        ("x id=" + "7" * 201 + " [] Q: a | A: b", "more than 200"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(line, told):
    assert told in parse(PLAIN, 1, line).message


def test_a_pattern_made_to_be_slow_costs_its_line_only():
    slow = LogPattern(r"(?P<instruction>(a|aa|a?)+)+\$(?P<response>(b|bb)+)+$")

    row = parse(slow, 1, "a" * 5_000)

    assert isinstance(row, RowProblem)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("(", "cannot be read"),
        ("(?P<instruction>.*)", "lacks a group for response"),
        ("(?P<instruction>.)(?P<response>.)(?P<other>.)", "names other"),
        ("x" * 2_001, "2,001"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_the_reason(written, told):
    with pytest.raises(UnusableSetting, match=told.replace("(", r"\(")):
        LogPattern(written)
