"""The tables of one run, and of some runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.coaching import ComparedRun, RunWatch
from annotator.web.coaches import curves, evaluation_words
from annotator.web.coaches.evaluation_words import FigureRow
from annotator.web.gate_words import GateDecision
from annotator.web.numbers import rounded
from annotator.web.tables import interval
from training.models import Evaluation


def curve(watched: RunWatch) -> Table:
    """The points of the chart."""
    return Table(
        caption=_("Loss by step"),
        heads=[
            Head(_("Step")),
            Head(_("Training loss")),
            Head(_("Held-out loss")),
            Head(_("Learning rate")),
        ],
        rows=[
            [
                Cell(rounded(step)),
                Cell(rounded(loss, 3)),
                Cell(rounded(held_out, 3)),
                Cell(rounded(rate, 7)),
            ]
            for step, loss, held_out, rate in curves.watched_points(watched)
        ],
        named_by=None,
    )


def watch(decision: GateDecision, evaluation: Evaluation) -> Table:
    """What the gate watches, what it saw and what it lets pass."""
    has_rival = bool(evaluation.current)
    return Table(
        caption=_("What the gate watches, what it saw and what it lets pass"),
        heads=[
            Head(_("Figure"), is_text=True),
            Head(_("Difference") if has_rival else _("Measured")),
            Head(_("Tolerance") if has_rival else _("Limit"), is_text=True),
            Head(_("Standing"), is_text=True),
        ],
        rows=[
            [
                Cell(each.label),
                interval(each.seen),
                Cell(each.asked),
                Cell(each.verdict, state=each.sign),
            ]
            for each in decision.watched
        ],
    )


def figures(evaluation: Evaluation, coach: str) -> Table:
    """Raw pair, active and new coach side by side, each with its interval."""
    rows = evaluation_words.table(evaluation)
    return Table(
        caption=_caption(evaluation),
        is_captioned=True,
        heads=_heads(evaluation, coach, _("active when measured"), _("same pairs")),
        rows=[_row(row, evaluation) for row in rows],
    )


def by_category(evaluation: Evaluation, coach: str) -> Table:
    """The same for each category that has figures."""
    rows: list[list[Cell]] = []
    titles = {}
    for name, found in evaluation_words.by_category(evaluation):
        titles[len(rows)] = name
        rows += [_row(row, evaluation) for row in found]
    return Table(
        caption=_("The figures of each category"),
        heads=_heads(evaluation, coach),
        rows=rows,
        titles=titles,
    )


def _caption(evaluation: Evaluation) -> str:
    n, left_out = evaluation.examples, evaluation.left_out
    told = ngettext(
        "On %(n)s held-out review, which the coach has never seen. In brackets: 95 %% "
        "bootstrap interval.",
        "On %(n)s held-out reviews, which the coach has never seen. In brackets: 95 %% "
        "bootstrap interval.",
        n,
    ) % {"n": n}
    if not left_out:
        return told
    more = ngettext(
        "%(n)s more was left out: one of the coaches was trained on it.",
        "%(n)s more were left out: one of the coaches was trained on them.",
        left_out,
    )
    return f"{told} {more % {'n': left_out}}"


def _heads(
    evaluation: Evaluation, coach: str, active: str = "", same: str = ""
) -> list[Head]:
    heads = [
        Head(_("Figure"), is_text=True),
        Head(_("Raw pair")),
        Head(coach or _("New coach")),
        Head(_("Better"), is_text=True),
    ]
    if evaluation.current:
        heads.insert(2, Head(evaluation.current.name, active))
        heads.insert(4, Head(_("Difference"), same))
    return heads


def _row(row: FigureRow, evaluation: Evaluation) -> list[Cell]:
    cells = [
        Cell(row.label, below=row.unit),
        interval(row.raw),
        interval(row.coach),
        _better(row),
    ]
    if evaluation.current:
        cells.insert(2, interval(row.current))
        cells.insert(4, interval(row.difference))
    return cells


def _better(row: FigureRow) -> Cell:
    words = {"current": pgettext("coach", "active"), "raw": _("raw")}
    if row.better == "coach":
        return Cell(_("new"), is_strong=True)
    return Cell(words[row.better]) if row.better else Cell(None, is_faint=True)


def settings(project: Project, compared: Sequence[ComparedRun]) -> Table:
    """The settings that are not the same in all of the runs."""
    heads = [
        Head(
            _("Run %(pk)s") % {"pk": each.run.pk},
            is_text=True,
            href=reverse("run", args=[project.slug, each.run.pk]),
        )
        for each in compared
    ]
    return Table(
        caption=_("Settings that are not the same in all of these runs"),
        heads=[Head(_("Setting"), is_text=True), *heads],
        rows=[
            [Cell(name, look="mono"), *map(Cell, values)]
            for name, values in evaluation_words.differing(compared)
        ],
        empty=_("Nothing: all settings are the same."),
    )


def measured(compared: Sequence[ComparedRun]) -> Table:
    """The figures of the runs' coaches."""
    heads = [Head(_("Run %(pk)s") % {"pk": each.run.pk}) for each in compared]
    pairs = _("%(n)s pairs")
    return Table(
        caption=_("Figures of the coaches on held-out pairs"),
        heads=[
            Head(_("Figure"), is_text=True),
            *(
                replace(head, unit=pairs % {"n": each.evaluation.examples})
                if each.evaluation
                else head
                for head, each in zip(heads, compared, strict=True)
            ),
        ],
        rows=[
            [Cell(label, below=unit), *map(interval, cells)]
            for label, unit, cells in evaluation_words.side_by_side(compared)
        ],
    )
