"""CSV as spreadsheets, Spark, Excel and cat write it."""

from __future__ import annotations

import csv
import io

import pytest

from annotator.formats import csv_lines
from annotator.formats.reading import UnreadableFile, raw_rows
from tests.annotator.formats.reads import pairs, problems, read, remarks

TEXTS = [
    ("Say: a, b; c\td | e", "", 'She said "hi".'),
    ("Name two\nmetals.", "  indented", "Iron; tin"),
]


def written(separator: str, **dialect) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, **dialect)
    writer.writerow(["instruction", "input", "output"])
    writer.writerows(TEXTS)
    return text.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt"])
@pytest.mark.parametrize("before", ["", "\ufeff", "sep={}\r\n", "\ufeffsep={}\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_says_what_parts_the_columns(separator, before, name):
    content = before.format(separator) + written(separator)

    assert pairs(read(content.encode(), name)) == TEXTS


@pytest.mark.parametrize("header", ["instruction, input, output", "prompt, x, answer"])
def test_blanks_after_the_separator_are_no_text(header):
    content = f'{header}\n"Name two metals.", "", "Iron, tin"\nName one., a, Iron\n'

    found = pairs(read(content.encode(), "a.csv"))

    assert [(pair[0], pair[2]) for pair in found] == [
        ("Name two metals.", "Iron, tin"),
        ("Name one.", "Iron"),
    ]


def test_rows_may_show_the_blanks_where_the_header_does_not():
    content = (
        "instruction,input,output\n"
        '"Name two metals.", "", "Iron,\n tin"\n'
        '"A quoted blank stays.","","  ""Iron"" it is"\n'
        "Name one.,  indented,Iron\n"
    )

    assert pairs(read(content.encode(), "a.csv")) == [
        ("Name two metals.", "", "Iron,\n tin"),
        ("A quoted blank stays.", "", '  "Iron" it is'),
        ("Name one.", "  indented", "Iron"),
    ]


def test_a_quotation_within_a_text_is_left_as_it_is():
    content = 'instruction,output\nSay it., "hi" she said\nSay., "a" and "b"\n'

    rows = read(content.encode(), "a.csv")

    assert pairs(rows) == [("Say it.", "", ' "hi" she said')]
    assert len(problems(rows)) == 1


def test_the_backslashes_of_spark_are_named():
    content = (
        'instruction,output\n"What does \\"ajar\\" mean?","Open."\n"Herb?","Mint"\n'
    )

    rows = read(content.encode(), "a.csv")

    assert "Spark" in problems(rows)[0].message
    assert pairs(rows) == [("Herb?", "", "Mint")]


def test_a_stray_quotation_mark_says_how_many_lines_it_took():
    content = 'instruction,output\n"Name a cheese.,Brie.\n' + "Name one.,One.\n" * 40

    (problem,) = read(content.encode(), "a.csv")

    assert "never closed" in problem.message
    assert "41 lines" in problem.message
    assert "lines 2 to 42" in problem.message


def test_joined_files_repeat_no_header():
    once = written(",")

    rows = read(("\ufeff" + once + "\ufeff" + once + once).encode(), "a.csv")

    assert pairs(rows) == TEXTS * 3
    assert [told.split(",")[0] for told in remarks(rows)] == [
        "Row 3 repeats the header",
        "Row 6 repeats the header",
    ]


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_rest_of_a_record_that_is_too_long_is_no_row(monkeypatch, quote):
    monkeypatch.setattr(csv_lines, "MAX_RECORD_CHARS", 1000)
    long = f"{quote}{'word, ' * 50 + 'x' * 990},Name a hill.,None.{quote}"
    content = f"instruction,output\nFirst.,One.\nLong.,{long}\nLast.,Two.\n"

    rows = read(content.encode(), "a.csv")

    assert [pair[0] for pair in pairs(rows)] == ["First.", "Last."]
    assert "more than 1,000 characters" in problems(rows)[0].message


def test_a_header_of_very_many_columns_is_refused():
    header = "instruction,output," + ",".join(f"c{n}" for n in range(2000))

    with pytest.raises(UnreadableFile, match="2,002 columns; 1,000 are allowed"):
        read(f"{header}\na,b\n".encode(), "a.csv")


def test_a_header_without_what_is_needed_names_what_it_has():
    with pytest.raises(
        UnreadableFile, match=r"no 'output'.*among its columns: 'instruction', 'reply'"
    ):
        read(b"instruction,reply\na,b\n", "a.csv")


def test_columns_of_one_name_or_none_are_all_kept():
    (row,) = read(b"instruction,output,note,note,,\na,b,c,d,e,\n", "a.csv")

    assert row.extra == {"note": "c", "note (2)": "d", "column 5": "e"}


def test_leading_blanks_are_no_empty_file():
    assert len(pairs(read(b"\n" * 9000 + b"instruction,output\na,b\n", "a.csv"))) == 1


def test_lines_of_separators_at_the_end_are_no_rows():
    rows = read(b"instruction,output\na,b\n,\n,\n", "a.csv")

    assert len(rows) == 1


def raw(content: str, name: str = "a.csv") -> list:
    return list(raw_rows(io.BytesIO(content.encode()), name=name))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_columns_are_read_raw_where_that_is_asked_for(separator, name):
    content = "frage,antwort,note\n1,a,\n2,b,c\n".replace(",", separator)

    assert raw(content, name) == [
        (1, {"frage": "1", "antwort": "a", "note": ""}),
        (2, {"frage": "2", "antwort": "b", "note": "c"}),
    ]


def test_the_columns_of_a_pair_decide_about_the_separator_even_then():
    content = "instruction;output\na, b, c;d\n"

    assert raw(content) == [(1, {"instruction": "a, b, c", "output": "d"})]


def test_raw_rows_pass_over_what_cannot_be_decoded():
    content = '{"a": 1}\n{broken\n[1]\n{"b": 2}\n'

    assert raw(content, "a.jsonl") == [(1, {"a": 1}), (4, {"b": 2})]
