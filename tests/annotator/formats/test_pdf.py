"""A paper as PDF: whatever people have written, it is made, and can be read."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from annotator.formats import pdf
from annotator.formats.paper import (
    Bars,
    Paper,
    Section,
    Tile,
    Tiles,
    Words,
)
from annotator.formats.tables import Cell, Head, Series, Table

MADE = datetime(2026, 11, 28, 9, tzinfo=UTC)
DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
WILD = "数据 \U0001f600 \u0141ukasz \u202e\x00\x07 \ud7ff عربى é “so” – €"


def table(rows: int = 2, text: str = "one") -> Table:
    return Table(
        caption="A table",
        heads=(Head("Name", is_text=True), Head("Count", "pairs")),
        rows=tuple((Cell(f"{text} {n}"), Cell(str(n))) for n in range(rows)),
        empty="Nothing.",
    )


def paper(*blocks: object, of: str = "Project") -> Paper:
    return Paper(
        title="Week 48 of 2026",
        of=of,
        lead="Monday to Sunday.",
        made="Made now",
        page="Page {n} of {all}",
        sections=(Section("s", "A section", blocks),),
        notes=("A note.",),
        replaced="{n} characters are missing.",
    )


def made(*blocks: object, of: str = "Project", site: str = "") -> bytes:
    return pdf.render(paper(*blocks, of=of), made_at=MADE, face=pdf.Face(), site=site)


def pages(file: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", file))


def words(file: bytes) -> str:
    """The text of a PDF that is set in a core font, in the order it was drawn."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", file, re.DOTALL):
        try:
            drawn = zlib.decompress(stream)
        except zlib.error:
            continue
        texts = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", drawn)
        found += [re.sub(rb"\\(.)", rb"\1", each).decode("cp1252") for each in texts]
    return "\n".join(found)


def test_it_is_a_pdf_with_head_foot_and_page_numbers():
    file = made(table())

    assert file.startswith(b"%PDF")
    assert pages(file) == 1
    told = words(file)
    for text in ("Week 48 of 2026", "Project", "Made now", "A section", "one 1"):
        assert text in told
    assert "Page 1 of" in told
    assert "missing" not in told


def test_a_long_table_goes_on_with_its_heads():
    file = made(table(120))

    assert pages(file) >= 3
    assert words(file).count("Count") == pages(file)
    assert "one 119" in words(file)


def test_any_text_is_set_and_what_the_font_lacks_is_said():
    blocks = (
        table(2, WILD),
        Words((Cell(WILD, note=WILD),)),
        Tiles((Tile(WILD, WILD, WILD, WILD),)),
        Bars(caption=WILD, labels=(WILD,), series=(Series(WILD, (3,), 0),)),
    )

    told = words(made(*blocks, of=WILD))

    assert "é “so” – €" in told
    assert "?? ? ?ukasz" in told
    assert "characters are missing." in told


def test_a_word_that_never_ends_is_broken_in_the_last_column():
    last = Table(
        caption="x",
        heads=(Head("a", is_text=True), Head("b", is_text=True)),
        rows=((Cell("a" * 5_000), Cell("Z" * 500)),),
    )

    told = words(made(last))

    assert told.count("Z") == 500
    assert "aaa..." in told
    assert told.count("a") < 500


def test_empty_blocks_are_made_too():
    bars = Bars(caption="x", labels=("a", "b"), series=(Series("s", (0, 0), 0),))

    told = words(made(table(0), bars, Words(()), Tiles(())))

    assert "Nothing." in told


def test_folded_numbers_stand_on_the_bars_instead():
    told = words(made(replace(table(), is_folded=True)))

    assert "one 1" not in told


def test_addresses_are_links_of_the_site():
    linked = Table(
        caption="x", heads=(Head("a"),), rows=((Cell("7", href="/p/demo/pairs/"),),)
    )

    assert b"https://here.example/p/demo/pairs/" in made(
        linked, site="https://here.example"
    )
    assert b"/p/demo/pairs/" not in made(linked)


def test_markup_in_a_text_stays_text():
    told = words(made(table(1, "**bold** <b>x</b> \\) Tj (")))

    assert "**bold** <b>x</b>" in told


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs DejaVu Sans")
def test_a_font_of_ones_own_shows_what_it_has():
    face = pdf.Face(DEJAVU)

    file = pdf.render(paper(table(2, "Łódź, Киев")), made_at=MADE, face=face)

    assert face.can_show("Ł")
    assert not face.is_chinese
    assert file.startswith(b"%PDF")


def test_the_core_font_is_latin():
    face = pdf.Face()

    assert face.can_show("é")
    assert not face.can_show("数")
    assert not face.is_chinese


def test_groups_of_rows_have_their_titles_between_them():
    grouped = replace(table(3), titles={0: "First half", 2: "Second half"})

    text = words(made(grouped))

    order = [text.index(each) for each in ("First half", "one 1", "Second", "one 2")]
    assert order == sorted(order)


def test_a_long_name_of_a_row_is_wrapped_not_cut():
    long = "a name of a row that goes on for longer than its column is wide, indeed"
    wide = replace(
        table(0), rows=((Cell(f"{long} {long}"), Cell(7)), (Cell("next"), Cell(8)))
    )

    text = words(made(wide))

    assert "..." not in text
    assert text.count("indeed") == 2
    assert text.index("indeed") < text.index("next")
