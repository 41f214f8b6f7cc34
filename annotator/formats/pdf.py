"""A paper as PDF: A4, vectors, no picture, and no font unless it is given one.

Texts of people are untrusted and may hold any character. Without a font file the text
is set in Helvetica, which every reader has and which knows Windows' Latin letters only;
what a font cannot show stands as "?", and the last page says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from annotator.formats.paper import (
    Bars,
    Block,
    Paper,
    Section,
    Tiles,
    Words,
)
from annotator.formats.tables import Cell, Head, Table

MARGIN, TOP, BOTTOM = 18.0, 26.0, 20.0
"""Millimetres, like all lengths here."""
LINE = 4.0
"""From one line of a wrapped cell to the next."""
MOST_LINES = 4
"""Of a cell that is not the last of its row."""
INK, SOFT, FAINT = (26, 32, 45), (72, 81, 100), (93, 102, 120)
HAIR, PENCIL, WASH = (221, 225, 232), (36, 71, 166), (244, 245, 247)
HUES = ((36, 71, 166), (0, 117, 90), (180, 83, 10), (168, 53, 138))
PLAIN = str.maketrans(
    {"−": "-", "→": "->", "≥": ">=", "≤": "<=", "\u202f": " ", "\u2011": "-", "×": "x"}
)
SAMPLE = "数据对报告"
"""A font that has these can set Chinese."""


class Face:
    """The font of a PDF, and which characters it has. TTLibError for a bad file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.name = "own" if file else "helvetica"
        self._known: set[int] | None = None
        if file:
            self._known = set(TTFont(file, fontNumber=0, lazy=True).getBestCmap())

    def can_show(self, character: str) -> bool:
        if self._known is not None:
            return ord(character) in self._known
        try:
            return bool(character.encode("cp1252"))
        except UnicodeEncodeError:
            return False

    @property
    def is_chinese(self) -> bool:
        return all(map(self.can_show, SAMPLE))


def render(paper: Paper, *, made_at: datetime, face: Face, site: str = "") -> bytes:
    """The paper as the bytes of a PDF; `site` goes before each address in it."""
    sheet = Sheet(paper, face, site)
    sheet.set_title(sheet.shown(f"{paper.of}: {paper.title}"))
    sheet.set_creator("CoachLM")
    sheet.set_creation_date(made_at)
    sheet.add_page()
    sheet.write_head()
    for section in paper.sections:
        sheet.write_section(section)
    sheet.write_notes()
    return bytes(sheet.output())


class Sheet(FPDF):
    """Draws blocks from the top of a page to its bottom."""

    def __init__(self, paper: Paper, face: Face, site: str) -> None:
        super().__init__(format="A4")
        self.paper, self.face, self.site = paper, face, site
        self.replaced: set[str] = set()
        self.core_fonts_encoding = "cp1252"
        if face.file:
            for style in ("", "B"):
                self.add_font(face.name, style, face.file)
        self.set_margins(MARGIN, TOP, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(auto=True, margin=BOTTOM)

    # Text

    def shown(self, text: str) -> str:
        """The text as the font has it, on one line; notes what it has not."""
        flat = " ".join(unicodedata.normalize("NFC", text).translate(PLAIN).split())
        lacking = {each for each in flat if not self.face.can_show(each)}
        self.replaced |= lacking
        return "".join("?" if each in lacking else each for each in flat)

    def fitted(self, text: str, width: float) -> str:
        """The text, cut with an ellipsis if it is wider than so many millimetres."""
        text = self.shown(text)
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}...") > width:
            text = text[:-1]
        return f"{text}..."

    def ink(
        self, size: float, colour: tuple[int, int, int] = INK, style: str = ""
    ) -> None:
        self.set_font(self.face.name, style, size)
        self.set_text_color(*colour)

    def line_of(
        self, text: str, width: float, *, align: str = "L", href: str = ""
    ) -> None:
        """One cell of a line, which goes on to its right."""
        link = f"{self.site}{href}" if href and self.site else ""
        height = self.font_size * 1.35
        fitting = self.fitted(text, width - 1.5)
        self.cell(
            width, height, fitting, align=align, link=link, new_x=XPos.RIGHT, border=0
        )

    def paragraph(self, text: str, height: float = 4.4) -> None:
        self.multi_cell(
            0, height, self.shown(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )

    def need(self, height: float) -> None:
        """Begin a new page unless so many millimetres are left on this one."""
        if self.get_y() + height > self.h - BOTTOM:
            self.add_page()

    # The frame of a page, called by FPDF

    def header(self) -> None:
        self.set_y(11)
        self.ink(8, FAINT)
        half = self.epw / 2
        self.line_of(self.paper.of, half)
        self.line_of(self.paper.title, half, align="R")
        self.set_draw_color(*HAIR)
        self.set_line_width(0.2)
        self.line(MARGIN, 17.5, self.w - MARGIN, 17.5)
        self.set_y(TOP)

    def footer(self) -> None:
        self.set_y(-13)
        self.ink(8, FAINT)
        self.line_of(self.paper.made, self.epw * 0.75)
        here = self.paper.page.format(n=self.page_no(), all="{nb}")
        self.cell(self.epw * 0.25, 4, self.shown(here), align="R")

    # Parts

    def write_head(self) -> None:
        self.ink(20, INK, "B")
        self.paragraph(self.paper.title, 9)
        self.ink(10.5, SOFT)
        self.paragraph(self.paper.of, 5.5)
        self.paragraph(self.paper.lead, 5.5)
        self.ln(3)

    def write_section(self, section: Section) -> None:
        self.need(34)
        self.ln(3.5)
        self.ink(12.5, INK, "B")
        self.paragraph(section.title, 6)
        self.set_draw_color(*PENCIL)
        self.set_line_width(0.5)
        self.line(MARGIN, self.get_y() + 0.6, MARGIN + 12, self.get_y() + 0.6)
        self.ln(2.6)
        if section.note:
            self.ink(8.5, FAINT)
            self.paragraph(section.note, 4)
            self.ln(1)
        for block in section.blocks:
            self.write_block(block)

    def write_block(self, block: Block) -> None:
        match block:
            case Table() if not block.is_folded:
                self.write_table(block)
            case Tiles():
                self.write_tiles(block)
            case Bars():
                self.write_bars(block)
            case Words():
                self.write_words(block)

    def write_words(self, block: Words) -> None:
        for sentence in block.sentences:
            self.need(6)
            self.set_fill_color(*PENCIL)
            self.rect(MARGIN + 0.5, self.get_y() + 1.7, 1.2, 1.2, style="F")
            self.set_x(MARGIN + 4.5)
            self.ink(9.5)
            self.paragraph(sentence.text)
            if sentence.note:
                self.set_x(MARGIN + 4.5)
                self.ink(8.5, FAINT)
                self.paragraph(sentence.note, 4)
            self.ln(0.9)
        self.ln(1.5)

    def write_tiles(self, block: Tiles, across: int = 3) -> None:
        width, height = self.epw / across, 18.5
        for start in range(0, len(block.tiles), across):
            self.need(height)
            top = self.get_y()
            for place, tile in enumerate(block.tiles[start : start + across]):
                left = MARGIN + place * width
                self.set_fill_color(*WASH)
                self.rect(left, top, width - 2, height - 2, style="F")
                lines = (
                    (tile.label, 8.5, SOFT, "", 1.8),
                    (f"{tile.value} {tile.unit}".strip(), 12, INK, "B", 5.6),
                    (tile.note, 8, FAINT, "", 11.2),
                )
                for text, size, colour, style, down in lines:
                    self.ink(size, colour, style)
                    self.set_xy(left + 1.5, top + down)
                    self.line_of(text, width - 4, href=tile.href)
            self.set_xy(MARGIN, top + height)
        self.ln(1.5)

    def write_table(self, block: Table) -> None:
        if not block.rows:
            self.ink(9, FAINT)
            self.paragraph(block.empty)
            self.ln(2)
            return
        whole = sum(head.wide for head in block.heads)
        widths = [self.epw * head.wide / whole for head in block.heads]
        self.need(24)
        if block.is_captioned:
            self.ink(9.5, INK, "B")
            self.paragraph(block.caption, 5)
        self._heads(block, widths)
        for place, row in enumerate(block.rows):
            if place in block.titles:
                self._title(block, block.titles[place], widths)
            cells = [
                self._wrapped(cell, width, head)
                for cell, width, head in zip(row, widths, block.heads, strict=True)
            ]
            cells[:-1] = map(_shortened, cells[:-1])
            lines = max(map(len, cells))
            if self.get_y() + 6 + LINE * (lines - 1) > self.h - BOTTOM:
                self.add_page()
                self._heads(block, widths)
            self._row(block, row, widths, cells)
        self.ln(3)

    def _title(self, block: Table, title: str, widths: Sequence[float]) -> None:
        """Of a group of rows; never the last of a page."""
        if self.get_y() + 16 > self.h - BOTTOM:
            self.add_page()
            self._heads(block, widths)
        self.ln(1.5)
        self.ink(9, SOFT, "B")
        self.paragraph(title, 5)

    def _wrapped(self, cell: Cell, width: float, head: Head) -> list[str]:
        """A cell, on as many lines as a sentence there needs; a figure has one."""
        self.ink(9)
        text = self.shown(cell.line)
        if not head.is_text or not text:
            return [text]
        lines = [""]
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            fits = self.get_string_width(longer) <= width - 2
            lines[-1:] = [longer] if fits or not lines[-1] else [lines[-1], word]
        return [piece for line in lines for piece in self._broken(line, width - 2)]

    def _broken(self, line: str, width: float) -> list[str]:
        """A line without spaces to break at, in pieces that fit."""
        pieces = [""]
        for each in line:
            if pieces[-1] and self.get_string_width(pieces[-1] + each) > width:
                pieces.append("")
            pieces[-1] += each
        return pieces

    def _row(
        self,
        block: Table,
        row: Sequence[Cell],
        widths: Sequence[float],
        cells: Sequence[Sequence[str]],
    ) -> None:
        top, left = self.get_y(), self.l_margin
        self.ink(9)
        for head, cell, width, lines in zip(
            block.heads, row, widths, cells, strict=True
        ):
            align = "L" if head.is_text else "R"
            for number, line in enumerate(lines):
                self.set_xy(left, top + LINE * number)
                self.line_of(line, width, align=align, href=cell.href)
            left += width
        self._under(top + 5.4 + LINE * (max(map(len, cells)) - 1))

    def _heads(self, block: Table, widths: Sequence[float]) -> None:
        top = self.get_y()
        has_unit = any(head.unit for head in block.heads)
        for size, colour, style, texts in (
            (8.5, SOFT, "B", [head.label for head in block.heads]),
            (7.5, FAINT, "", [head.unit for head in block.heads]),
        ):
            if not any(texts):
                continue
            self.ink(size, colour, style)
            for head, text, width in zip(block.heads, texts, widths, strict=True):
                self.line_of(text, width, align="L" if head.is_text else "R")
            self.set_xy(MARGIN, self.get_y() + 3.8)
        self._under(top + (8.8 if has_unit else 5))

    def _under(self, y: float) -> None:
        self.set_draw_color(*HAIR)
        self.set_line_width(0.2)
        self.line(MARGIN, y, self.w - MARGIN, y)
        self.set_xy(MARGIN, y + 0.8)

    def write_bars(self, block: Bars, height: float = 30.0) -> None:
        self.need(height + 16)
        self._legend(block)
        bottom = self.get_y() + 4 + height
        self.set_draw_color(*HAIR)
        self.set_line_width(0.2)
        for share in (0.0, 0.5, 1.0):
            y = bottom - share * height
            self.line(MARGIN, y, self.w - MARGIN, y)
        group = self.epw / max(1, len(block.labels))
        bar = min(6.0, group * 0.7 / max(1, len(block.series)))
        for place, label in enumerate(block.labels):
            middle = MARGIN + (place + 0.5) * group
            left = middle - bar * len(block.series) / 2
            for each in block.series:
                value = each.values[place] or 0
                tall = height * value / block.most if block.most else 0
                self.set_fill_color(*HUES[each.hue])
                self.rect(left + 0.3, bottom - tall, bar - 0.6, tall, style="F")
                if value:
                    self.ink(6.5, SOFT)
                    self.set_xy(left - 3, bottom - tall - 3.2)
                    self.cell(bar + 6, 3, f"{value:,}", align="C")
                left += bar
            self.ink(8, FAINT)
            self.set_xy(middle - group / 2, bottom + 1)
            self.cell(group, 4, self.fitted(label, group), align="C")
        self.set_xy(MARGIN, bottom + 7)

    def _legend(self, block: Bars) -> None:
        self.ink(8.5, SOFT)
        for each in block.series:
            self.set_fill_color(*HUES[each.hue])
            self.rect(self.get_x() + 0.5, self.get_y() + 1, 2.4, 2.4, style="F")
            self.set_x(self.get_x() + 4)
            name = self.shown(each.label)
            self.cell(self.get_string_width(name) + 6, 4.4, name)
        self.ink(8, FAINT)
        self.line_of(block.caption, self.w - MARGIN - self.get_x(), align="R")
        self.set_xy(MARGIN, self.get_y() + 5)

    def write_notes(self) -> None:
        notes = list(self.paper.notes)
        if self.replaced:
            notes.append(self.paper.replaced.format(n=len(self.replaced)))
        self.need(5 * len(notes) + 8)
        self.ln(3)
        self._under(self.get_y())
        self.ln(1)
        for note in notes:
            self.ink(8, FAINT)
            self.paragraph(note, 3.9)
            self.ln(0.6)


def _shortened(lines: list[str]) -> list[str]:
    """At most MOST_LINES: what is too long for the last of them is cut there."""
    last = MOST_LINES - 1
    return lines if len(lines) <= MOST_LINES else [*lines[:last], "".join(lines[last:])]
