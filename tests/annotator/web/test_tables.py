"""One table, whatever prints it: nothing that people or models wrote becomes markup."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import pytest
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from annotator.formats.tables import Cell, Head, Table
from annotator.web import tables
from annotator.web.numbers import PrintedInterval

EVIL = '"><script>alert(1)</script>'


def table(*rows: list[Cell], **more: object) -> Table:
    heads = [Head("Name", is_text=True), Head("Count", "pairs")]
    return Table(**{"caption": "A table", "heads": heads, "rows": rows} | more)


def page(made: Table, **context: object) -> str:
    shown = render_to_string("components/_table.html", {"table": made, **context})
    return " ".join(shown.split())


def test_a_row_is_named_by_its_first_cell_and_numbers_stand_at_the_end():
    text = page(table([Cell("one"), Cell(1234.5, 1)], [Cell("two"), Cell(None)]))

    assert '<th scope="col">Name</th>' in text
    unit = '<div class="unit">pairs</div>'
    assert f'<th scope="col" class="number">Count{unit}</th>' in text
    number = "1\N{NARROW NO-BREAK SPACE}234.5"
    assert page(table([Cell(number), Cell(1)])).count(" ".join(number.split())) == 1
    assert '<tr><th scope="row">two</th><td class="number">–</td></tr>' in text


def test_no_text_becomes_markup():
    evil = Cell(EVIL, href=EVIL, note=EVIL, below=EVIL, state=EVIL, unseen=EVIL,
                look=EVIL, lang=EVIL, markup=EVIL)  # fmt: skip
    head = Head(EVIL, EVIL, href=EVIL, markup=EVIL)
    made = Table(
        key=EVIL,
        caption=EVIL,
        heads=[head, Head(EVIL, EVIL, href=EVIL, is_unseen=True)],
        rows=[[evil, evil]],
        looks=[EVIL],
        titles={0: EVIL},
        look=EVIL,
    )

    for text in (page(made, frame="region"), page(table(empty=EVIL))):
        assert "&lt;script&gt;alert" in text
        assert "<script" not in text
        assert EVIL not in text


@pytest.mark.parametrize("name", [f.name for f in fields(Cell) if f.name != "markup"])
def test_only_markup_is_printed_as_it_is(name):
    given = {"value": "a", name: mark_safe("<i>a</i>")}
    if name in {"digits", "whole", "is_strong", "is_faint"}:
        return
    text = tables.tbody(table([Cell("x"), Cell(**given)]))

    assert "<i>" not in text


def test_markup_stands_in_a_cell_and_a_head_as_it_is():
    cell = Cell("its words", markup=mark_safe("<form></form>"))
    head = Head("for the ear", markup=mark_safe("<svg></svg>"), is_text=True)

    text = page(table([Cell("x"), cell], heads=[Head("a", is_text=True), head]))

    assert "<td><form></form></td>" in text
    assert '<th scope="col" aria-label="for the ear"><svg></svg></th>' in text


def test_nothing_leads_nowhere():
    text = page(table([Cell("x"), tables.count(0, href="/rows/")]))

    assert "href" not in text
    assert 'href="/rows/"' in page(table([Cell("x"), tables.count(3, href="/rows/")]))
    assert "href" not in page(table([Cell("x"), Cell(0, href="/rows/")]))


def test_rows_on_few_reviews_say_so():
    text = page(table([Cell("x"), Cell(1)], [Cell("y"), Cell(99)], few=[True, False]))

    note = '<span class="note">few</span>'
    assert f'<tr class="uncertain"><th scope="row">x {note}</th>' in text
    assert text.count("few") == 1


def test_groups_of_rows_have_titles():
    rows = [[Cell(name), Cell(1)] for name in "abc"]

    text = page(table(*rows, titles={0: "first", 2: "second"}))

    bodies = text.split("<tbody>")[1:]
    assert [body.count('scope="row"') for body in bodies] == [2, 1]
    places = [text.index(word) for word in ("first", ">a<", ">b<", "second", ">c<")]
    assert all(one < two for one, two in pairwise(places))


def test_an_interval_stands_below_its_value():
    found = PrintedInterval("5", "4", "6")

    assert 'number">5 <div class="unit">[4, 6]</div>' in page(
        table([Cell("x"), tables.interval(found)])
    )
    missing = page(table([Cell("x"), tables.interval(None)]))
    assert '<td class="number"><span class="note">–</span></td>' in missing


def test_a_table_without_labels_has_no_heads():
    bare = [Head("", is_text=True), Head("")]

    assert "<thead>" not in page(table([Cell("x"), Cell(1)], heads=bare))
    assert "Nothing yet." in page(table())
    assert "None at all." in page(table(empty="None at all."))


def test_keys_scroll_a_table_that_is_a_region():
    made = table([Cell("x"), Cell(1)])

    assert 'tabindex="0" role="region" aria-label="A table"' in page(
        made, frame="region"
    )
    assert "tabindex" not in page(made)
    bare = render_to_string("components/_bare_table.html", {"table": made})
    assert bare.strip() in render_to_string("components/_table.html", {"table": made})
    assert "scroll" not in bare


def test_all_words_of_a_cell_are_on_its_line():
    cell = Cell(5, note="so far", below="[4, 6]\nof 9")

    assert cell.line == "5  (so far [4, 6] of 9)"
    assert Cell("x").line == "x"


def test_rows_without_a_figure_fold_to_one_line_that_names_them():
    rows = [
        [Cell("style"), Cell(0)],
        [Cell("facts"), Cell(3)],
        [Cell("<other>"), Cell(None)],
    ]

    text = page(table(*rows, folds_zeros=True))

    assert text.count("<tr>") == 3  # the head, the one row, and the line
    assert '<tbody class="zeros">' in text
    assert "None so far: style, &lt;other&gt;" in text
    assert "None so far" not in page(table(*rows))
    assert len(tables.as_csv(table(*rows, folds_zeros=True))[1]) == 3


def test_a_table_with_all_its_figures_folds_nothing():
    assert "zeros" not in page(table([Cell("one"), Cell(1)], folds_zeros=True))
