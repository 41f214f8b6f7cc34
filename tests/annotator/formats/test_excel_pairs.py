"""A workbook gives what its cells hold."""

from __future__ import annotations

import datetime
import io
import itertools
import zipfile

import openpyxl
import pytest

from annotator.formats import excel_pairs
from annotator.formats.reading import UnreadableFile, raw_rows, read_pairs
from annotator.formats.rows import PairRow
from tests.annotator.formats.reads import pairs, problems, read, remarks

MOMENT = datetime.datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 (Excel knows no zones)
HEADER = ["instruction", "input", "output"]


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """The workbook with other XML in one of its parts."""
    whole = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            text = source.read(name).decode()
            if name == part:
                assert old in text
                text = text.replace(old, new)
            target.writestr(name, text)
    return whole.getvalue()


def rows_of(content: bytes) -> list[dict]:
    return [dict(row) for _, row in raw_rows(io.BytesIO(content), name="a.xlsx")]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.zip", "a"])
def test_texts_come_out_as_they_went_in(name):
    texts = [
        ["Zwei\nZeilen", "  indented", "中文 😀"],
        ["007", "", "'=1+1"],
        [" lead", "TRUE", "1e5"],
    ]

    rows = read(workbook(pairs=[HEADER, *texts]), name)

    assert pairs(rows) == [tuple(line) for line in texts]
    assert not remarks(rows)


def test_cells_are_values_that_json_holds():
    cells = {
        "whole": (3.0, 3),
        "half": (3.5, 3.5),
        "large": (1e20, 10**20),
        "truth": (True, True),
        "moment": (MOMENT, "2026-01-02T03:04:05"),
        "day": (datetime.date(2026, 1, 2), "2026-01-02"),
        "time": (datetime.time(3, 4, 5), "03:04:05"),
        "span": (datetime.timedelta(hours=30), "1 day, 6:00:00"),
        "fault": ("#DIV/0!", "#DIV/0!"),
        "none": (None, None),
        "last": ("x", "x"),
    }
    values = [value for value, _ in cells.values()]

    (row,) = rows_of(workbook(pairs=[list(cells), values]))

    assert row == {name: wanted for name, (_, wanted) in cells.items()}


def test_a_formula_gives_its_stored_result():
    content = workbook(pairs=[HEADER, ["a", "", "=B9"]])
    stored = changed(
        content,
        "xl/worksheets/sheet1.xml",
        '<c r="C2"><f>B9</f><v></v></c>',
        '<c r="C2" t="str"><f>B9</f><v>Result.</v></c>',
    )

    assert pairs(read(stored, "a.xlsx")) == [("a", "", "Result.")]
    (problem,) = problems(read(content, "a.xlsx"))
    assert "'output'" in problem.message


def test_signs_that_xml_does_not_hold_are_what_they_were():
    content = workbook(pairs=[HEADER, ["a_x000D_\nb", "_x005F_x000D_", "_x00zz_"]])

    (row,) = rows_of(content)

    assert row == {"instruction": "a\r\nb", "input": "_x000D_", "output": "_x00zz_"}


def test_the_first_sheet_that_fits_is_read_and_the_others_are_named():
    content = workbook(
        notes=[["About this file"]], pairs=[HEADER, ["a", "b", "c"]], more=[HEADER]
    )

    rows = read(content, "a.xlsx")

    assert pairs(rows) == [("a", "b", "c")]
    assert remarks(rows) == ["The sheet 'pairs' is read; these are not: notes, more."]


def test_titles_above_the_header_and_empty_lines_are_no_rows():
    lines = [["My pairs"], [], HEADER, ["a", "b", "c"], [], [None, ""], ["d", "e", "f"]]

    rows = read(workbook(pairs=lines), "a.xlsx")

    assert [(row.number, row.instruction) for row in rows] == [(1, "a"), (2, "d")]


def test_columns_of_one_name_or_none_are_all_kept():
    lines = [[*HEADER, "note", "note", None], ["a", "", "c", 1, 2, None, "beyond"]]

    (row,) = read(workbook(pairs=lines), "a.xlsx")

    assert isinstance(row, PairRow)
    assert row.extra == {"note": 1, "note (2)": 2, "column 7": "beyond"}


def test_a_workbook_whose_size_is_written_wrongly_is_read_whole():
    content = workbook(pairs=[HEADER, ["a", "", "c"]])

    wrong = changed(content, "xl/worksheets/sheet1.xml", 'ref="A1:C2"', 'ref="A1"')

    assert pairs(read(wrong, "a.xlsx")) == [("a", "", "c")]


@pytest.mark.parametrize(
    ("sheets", "wrong"),
    [
        ({"a": [["frage", "antwort"]]}, "no rows"),
        ({"a": []}, "without a cell"),
        ({"a": [HEADER]}, "no rows"),
        ({"a": [[*HEADER, *range(1000)], ["a", "", "c"]]}, "1,003 columns"),
    ],
)
def test_a_workbook_of_no_use_says_why(sheets, wrong):
    with pytest.raises(UnreadableFile, match=wrong):
        read(workbook(**sheets), "a.xlsx")


def test_any_columns_are_read_raw():
    assert rows_of(workbook(a=[["frage"], ["x"]])) == [{"frage": "x"}]
    titled = [["Meine Fragen"], ["frage", "antwort"], ["x", "y"]]
    assert rows_of(workbook(a=titled)) == [{"frage": "x", "antwort": "y"}]


@pytest.mark.parametrize(
    ("old", "new"),
    [("</sheetData>", ""), ("<v>3</v>", "<v>three</v>"), ("</row>", "</r>")],
)
def test_a_broken_workbook_is_refused_in_words(old, new):
    content = workbook(pairs=[HEADER, ["a", 3, "c"]])

    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(changed(content, "xl/worksheets/sheet1.xml", old, new), "a.xlsx")


def test_a_workbook_that_would_be_huge_is_refused(monkeypatch):
    monkeypatch.setattr(excel_pairs, "MAX_XML", 1000)

    with pytest.raises(UnreadableFile, match="1,000 are allowed for a workbook"):
        read(workbook(pairs=[HEADER]), "a.xlsx")


def test_a_workbook_of_too_many_texts_is_refused(monkeypatch):
    monkeypatch.setattr(excel_pairs, "MAX_TEXTS", 10)
    whole = io.BytesIO(workbook(pairs=[HEADER]))
    with zipfile.ZipFile(whole, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst></sst>")

    with pytest.raises(UnreadableFile, match="11 bytes of texts"):
        read(whole.getvalue(), "a.xlsx")


def test_entities_are_not_blown_up():
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {b} "{f"&{a};" * 10}">'
            for a, b in itertools.pairwise("abcdefghi")
        )
        + "]>"
    )
    content = changed(
        workbook(pairs=[HEADER, ["here", "", "c"]]),
        "xl/worksheets/sheet1.xml",
        "<t>here</t>",
        "<t>&i;</t>",
    )
    content = changed(
        content, "xl/worksheets/sheet1.xml", "<worksheet", bomb + "<worksheet"
    )

    with pytest.raises(UnreadableFile, match="cannot be read"):
        read(content, "a.xlsx")


def test_the_share_grows():
    content = workbook(pairs=[HEADER, *[["a", str(n), "c"] for n in range(500)]])
    stream = read_pairs(io.BytesIO(content), name="a.xlsx")

    shares = [stream.share for _ in stream]

    assert shares == sorted(shares)
    assert shares[0] < 0.5
    assert stream.share == 1
