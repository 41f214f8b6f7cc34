"""The tables of signs, checks and agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Pair, Project
from annotator.web import moments
from annotator.web.numbers import rounded
from annotator.web.tables import count, excerpt
from annotator.web.vigilance.words import ShownSign

Row = Mapping[str, Any]


def checks(project: Project, found: Sequence[Row]) -> Table:
    """A person's own checks, newest first."""
    return Table(
        caption=_("Checks, newest first"),
        heads=[
            Head(_("When"), is_text=True),
            Head(_("What it was"), is_text=True),
            Head(_("What came of it"), is_text=True),
            Head(_("Active time"), "s"),
        ],
        rows=[_check(project, each) for each in found],
        named_by=None,
    )


def _check(project: Project, check: Row) -> list[Cell]:
    what = render_to_string("vigilance/_check.html", {"check": check})
    return [
        Cell(
            moments.day(check["at"]),
            href=reverse("pair", args=[project.slug, check["pair"]]),
            look="nowrap",
        ),
        Cell(str(check["mistake"]), markup=what, look="mistake"),
        _came_of(check),
        Cell(rounded(check["seconds"])),
    ]


def _came_of(check: Row) -> Cell:
    if check["is_planted"]:
        state = "accepted" if check["is_noticed"] else "failed"
        return Cell(check["outcome"], state=state)
    return Cell(
        _("%(share)s %% of the words alike; %(shown)s %% before you began")
        % {
            "share": rounded(check["similarity"]),
            "shown": rounded(check["similarity_shown"]),
        }
    )


def people(project: Project, found: Sequence[Row], heads: Sequence[ShownSign]) -> Table:
    """Everybody's signs, by name."""
    return Table(
        caption=_(
            # xgettext:no-python-format
            "In brackets: 95 % interval. Below it: how many it is counted over. By "
            "name, not a ranking."
        ),
        is_captioned=True,
        heads=[
            Head(_("Person"), is_text=True),
            Head(_("Both kinds agree"), is_text=True),
            *(Head(str(sign.label), str(sign.unit)) for sign in heads),
            Head(
                _("Like the gold text"),
                # xgettext:no-python-format
                _("% of words, mean"),
            ),
            Head(_("Up to"), is_text=True),
        ],
        rows=[_person(project, each) for each in found],
        look="signs-table",
    )


def _person(project: Project, person: Row) -> list[Cell]:
    name = person["name"]
    pairs = f"{reverse('pairs', args=[project.slug])}?person={quote(name)}"
    worth = _("worth a talk")
    mark = format_html('<span class="mark">{}</span>', worth)
    return [
        Cell(name, href=pairs),
        Cell(worth, markup=mark)
        if person["stands_out"]
        else Cell(_("no"), is_faint=True),
        *map(_sign, person["signs"]),
        Cell(rounded(person["mean_gold"]), below=_counted(person["golds"])),
        Cell(moments.at(person["until"]), look="note"),
    ]


def _counted(number: int) -> str:
    return _("n = %(n)s") % {"n": number}


def _sign(sign: ShownSign) -> Cell:
    if sign.figure is None:
        return Cell(None, below=_counted(sign.n), is_faint=True)
    return Cell(
        sign.figure.value,
        note=f"[{sign.figure.low}, {sign.figure.high}]",
        below=_counted(sign.n),
        is_strong=sign.is_beyond,
    )


def kinds(found: Sequence[Row]) -> Table:
    """Which planted mistakes are found."""
    return Table(
        caption=_("Planted mistakes by kind"),
        heads=[
            Head(_("Kind"), is_text=True),
            Head(_("Answered"), "n"),
            Head(_("Found"), "%"),
        ],
        rows=[
            [
                Cell(capfirst(str(kind["label"]))),
                count(kind["answered"]),
                Cell(
                    kind["figure"].value,
                    note=f"[{kind['figure'].low}, {kind['figure'].high}]",
                ),
            ]
            for kind in found
        ],
    )


def questions(found: Sequence[Row]) -> Table:
    """How far two people say the same, beyond chance."""
    return Table(
        caption=_(
            "Krippendorff's alpha, nominal: 1 is perfect, 0 what chance would give. "
            "Commonly 0.8 is asked for, 0.67 for tentative conclusions. In brackets: "
            "95 % bootstrap interval over pairs."
        ),
        is_captioned=True,
        heads=[
            Head(_("Question"), is_text=True),
            Head(_("Alpha")),
            Head(
                _("Said the same"),
                # xgettext:no-python-format
                _("% of pairs"),
            ),
            Head(_("Pairs"), "n"),
        ],
        rows=[
            [
                Cell(str(row["label"])),
                _alpha(row),
                Cell(rounded(row["share"])),
                count(row["pairs"]),
            ]
            for row in found
        ],
    )


def _alpha(row: Row) -> Cell:
    figure = row["figure"]
    if figure is None:
        return Cell(_("not defined: all said the same"), is_faint=True)
    doubt = _("too few differ for an interval")
    beside = f"[{figure.low}, {figure.high}]" if row["has_interval"] else doubt
    return Cell(figure.value, note=beside)


def reasons(found: Iterable[tuple[object, int]]) -> Table:
    """Why leads say that people differed."""
    return Table(
        caption=_("Reasons of rulings"),
        heads=[Head("", is_text=True), Head("")],
        rows=[[Cell(capfirst(str(label))), count(number)] for label, number in found],
    )


def twice_revised(project: Project, found: Sequence[Row]) -> Table:
    """Pairs with two texts."""
    return Table(
        caption=_("Pairs with two texts, newest first"),
        heads=[
            Head(_("Pair"), is_text=True),
            Head(_("First"), is_text=True),
            Head(_("Second"), is_text=True),
            Head(
                _("Words alike"),
                # xgettext:no-python-format
                _("% of what either changed"),
            ),
            Head(_("What came of it"), is_text=True),
        ],
        rows=[
            [
                Cell(
                    str(row["pair"]),
                    href=reverse("pair", args=[project.slug, row["pair"]]),
                ),
                *(
                    Cell(who or "–", below=str(decision))
                    for who, decision in zip(
                        row["people"], row["decisions"], strict=True
                    )
                ),
                Cell(rounded(row["similarity"])),
                _settled(row),
            ]
            for row in found
        ],
    )


def _settled(row: Row) -> Cell:
    if row["is_one_text"]:
        return Cell(_("agreed"))
    if row["ruling"]:
        return Cell(capfirst(str(row["ruling"])), below=str(row["reason"]))
    return Cell(_("waits for a lead"), is_faint=True)


def disputed(project: Project, pairs: Iterable[Pair]) -> Table:
    """Pairs that wait for a lead."""
    return Table(
        caption=_("Pairs that wait for a lead, the longest first"),
        heads=[
            Head(_("Pair"), is_text=True),
            Head(_("Instruction"), is_text=True),
            Head(_("Waiting since"), is_text=True),
        ],
        rows=[
            [
                Cell(
                    str(pair.pk),
                    href=reverse("adjudicate", args=[project.slug, pair.pk]),
                ),
                excerpt(pair.instruction, 90, lang=project.language),
                Cell(moments.at(pair.state_since), look="note"),
            ]
            for pair in pairs
        ],
    )
