"""How diverse the texts are before and after."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from annotator.formats.paper import Section, Tile
from annotator.formats.tables import Cell, Table
from annotator.web.dataset_reports.figures import (
    Json,
    arrow,
    before_after,
    heads,
    printed,
    rise,
)
from annotator.web.dataset_reports.words import PARTS


def tiles(document: Json) -> Iterator[Tile]:
    """The one figure of it that length does not decide."""
    for order in document["diversity"]["response"]["distinct"]:
        if order["order"] == 2:
            figure = order["at_equal_length"]
            yield Tile(
                _("Distinct-2 of responses at equal length"),
                arrow(figure, 2),
                note=rise(figure, 2),
            )


def section(document: Json) -> Section:
    found = document["diversity"]
    rows: list[list[Cell]] = []
    titles = {}
    for name, label in PARTS.items():
        if made := list(_rows(found[name])):
            titles[len(rows)] = str(label)
            rows += made
    table = Table(
        caption=_("Diversity"),
        heads=heads(_("Figure")),
        rows=rows,
        titles=titles,
        empty=_("There are too few texts for it."),
    )
    note = _("embedding: %(name)s") % {"name": _(found["embedding"])}
    return Section("diversity", _("Diversity"), (table,), note)


def _rows(found: Json) -> Iterator[list[Cell]]:
    for each in found["distinct"]:
        name = _("Distinct-%(n)d at equal length") % {"n": each["order"]}
        words = _("%(n)s words of either side") % {"n": printed(each["words"], 0)}
        yield [Cell(name, below=words), *before_after(each["at_equal_length"], 3)]
    for each in found["distinct"]:
        name = _("Distinct-%(n)d of all") % {"n": each["order"]}
        raw, revised = each["raw"], each["revised"]
        yield [
            Cell(name, below=_("falls with length alone")),
            Cell(raw, 3),
            Cell(revised, 3),
            Cell(revised - raw, printed=printed(revised - raw, 3, signed=True)),
        ]
    yield from _apart(found["all"], "")
    yield from _apart(found["cut"], _("both cut to the words of the shorter one"))


def _apart(found: Json, cut: str) -> Iterator[list[Cell]]:
    if bleu := found.get("self_bleu"):
        texts = _("of %(n)d texts; higher is less diverse") % {"n": bleu["texts"]}
        yield [
            Cell(_("Self-BLEU"), below=_lines(texts, cut)),
            *before_after(bleu, 1),
        ]
    if apart := found.get("spread"):
        said = _("mean cosine distance of two texts")
        yield [
            Cell(_("Spread"), below=_lines(said, cut)),
            *before_after(apart["distance"], 3),
        ]
        said = _("effective number of different ones among %(n)d") % {
            "n": apart["scored"]
        }
        yield [
            Cell(_("Vendi score"), below=_lines(said, cut)),
            *before_after(apart["vendi"], 1),
        ]


def _lines(*said: str) -> str:
    return "\n".join(filter(None, said))
