"""Tables of model studies, and of what one found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.tables import Cell, Head, Table
from annotator.models import ModelStudy, Project
from annotator.selectors.model_studies import waits_for
from annotator.web import moments
from annotator.web.http import Request
from annotator.web.labels import judge_name
from annotator.web.model_studies.words import SIGNS, arm
from annotator.web.punctuation import colon, comma, listed

Json = Mapping[str, Any]


def printed(value: float, digits: int) -> str:
    """A number as printers set it."""
    text = f"{value:,.{digits}f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")


def cell(
    rate: Json | None, digits: int, scale: float = 1, *, even: bool = False
) -> Cell:
    """A value with its bounds beneath it; heavy if it is surely not `even`, a half."""
    if rate is None:
        return Cell(None, is_faint=True)
    value, low, high = (scale * rate[name] for name in ("value", "low", "high"))
    return Cell(
        value,
        printed=printed(value, digits),
        below=f"[{printed(low, digits)}, {printed(high, digits)}]",
        is_strong=even and (rate["low"] > 0.5 or rate["high"] < 0.5),
    )


def studies(
    request: Request,
    project: Project,
    may: Mapping[str, bool],
    found: Iterable[ModelStudy],
) -> Table:
    """All studies, newest first."""
    return Table(
        caption=_("Model studies, newest first"),
        heads=[
            Head(_("Arms"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Models"), _("answered of all")),
            Head(_("WR1"), _("%, second arm beside the first")),
            Head(_("Do something with it"), is_unseen=True),
        ],
        rows=[_study(request, project, may, each) for each in found],
    )


def _study(
    request: Request, project: Project, may: Mapping[str, bool], study: ModelStudy
) -> list[Cell]:
    by = str(study.asked_by or "–")
    return [
        Cell(
            named(study),
            href=reverse("model-study", args=[project.slug, study.pk]),
            below=f"{study.order.base_model} · {moments.at(study.created_at)} · {by}",
        ),
        Cell(
            study.get_state_display(),
            state=SIGNS[study.state],
            note=progress(study),
            below=study.problem,
        ),
        _models(study),
        _rate(study),
        Cell(
            "",
            markup=render_to_string(
                "model_studies/_deeds.html",
                {
                    "project": project,
                    "study": study,
                    "name": named(study),
                    "may": may,
                },
                request,
            ),
        ),
    ]


def named(study: ModelStudy) -> str:
    """What it compares."""
    return listed(map(arm, study.order.arms))


def _models(study: ModelStudy) -> Cell:
    if not study.total:
        return Cell(None, is_faint=True)
    return Cell(study.done, printed=f"{study.done} / {study.total}")


def progress(study: ModelStudy) -> str:
    """What a study that waits or works is at."""
    if study.state == ModelStudy.State.WORKING:
        stage = str(study.get_stage_display())
        return (
            f"{stage}{colon()}{arm(study.arm)}{comma()}{study.seed}"
            if study.arm
            else stage
        )
    if run := waits_for(study):
        return _("until training run %(run)d has ended") % {"run": run.pk}
    return ""


def _rate(study: ModelStudy) -> Cell:
    """Of the second arm beside the first."""
    first, second = study.order.arms[:2]
    for row in study.document.get("report", {}).get("win_rates", ()):
        if (row["one"], row["other"]) == (second, first):
            return cell(row["wr1"], 1, 100, even=True)
    return Cell(None, is_faint=True)


def arms(document: Json) -> Table:
    """What the answers of each arm are like."""
    pairs = document["manifest"]["pairs"]
    return Table(
        caption=_("What each arm's models answer"),
        heads=[
            Head(_("Arm"), is_text=True),
            Head(_("Pairs")),
            Head(_("Models")),
            Head(_("Answers")),
            Head(_("Empty")),
            Head(_("Length"), _("mean characters")),
            Head(_("Mean rating"), _("0 to 5")),
        ],
        rows=[
            [
                Cell(arm(row["arm"])),
                Cell(pairs.get(row["arm"]), is_faint=row["arm"] not in pairs),
                Cell(row["seeds"]),
                Cell(row["answers"]),
                Cell(row["empty"]),
                Cell(row["characters"]),
                cell(row["rating"], 2),
            ]
            for row in document["report"]["arms"]
        ],
    )


def win_rates(document: Json) -> Table:
    """How often an arm's answers are the better ones."""
    names = (*("wr1", "wr2", "qs"), "length_controlled")
    return Table(
        caption=_("How often the judge prefers an arm's answers"),
        heads=[
            Head(_("Arm"), is_text=True),
            Head(_("Beside"), is_text=True),
            Head("WR1", "%"),
            Head("WR2", "%"),
            Head("QS", "%"),
            Head(_("WR1 at equal length"), "%"),
            Head(_("Longer"), "%"),
            Head(_("Wins, ties, losses")),
        ],
        rows=[
            [
                Cell(arm(row["one"])),
                Cell(arm(row["other"])),
                *(cell(row[name], 1, 100, even=name != "qs") for name in names),
                cell(row["longer"], 1, 100),
                Cell(row["wins"], printed=_outcomes(row)),
            ]
            for row in document["report"]["win_rates"]
        ],
        empty=_("There is nothing to compare yet: one arm alone has answered."),
    )


def _outcomes(row: Json) -> str:
    return " / ".join(printed(row[name], 0) for name in ("wins", "ties", "losses"))


def by_seed(document: Json) -> Table:
    """WR1 of each seed alone."""
    rows = document["report"]["win_rates"]
    seeds = sorted({seed for row in rows for seed in row["wr1_by_seed"]}, key=int)
    return Table(
        caption=_("WR1 by seed"),
        heads=[
            Head(_("Arm"), is_text=True),
            Head(_("Beside"), is_text=True),
            *(Head(_("Seed %(seed)s") % {"seed": seed}, "%") for seed in seeds),
        ],
        rows=[
            [
                Cell(arm(row["one"])),
                Cell(arm(row["other"])),
                *(_of_seed(row["wr1_by_seed"].get(seed)) for seed in seeds),
            ]
            for row in rows
        ],
        empty=_("There is nothing to compare yet: one arm alone has answered."),
    )


def _of_seed(value: float | None) -> Cell:
    if value is None:
        return Cell(None, is_faint=True)
    return Cell(100 * value, 1)


def manifest(document: Json) -> Table:
    """What is needed to do it again."""
    papers, order = document["manifest"], document["manifest"]["order"]
    base_model, judge = order["base_model"], document["report"]["judge"]
    rows = [
        (_("Base model"), base_model),
        (_("Seeds"), ", ".join(map(str, order["seeds"]))),
        (_("Examples that each model learned from"), printed(order["seen"], 0)),
        (_("Who judged"), f"{judge_name(judge['name'])} ({judge['version']})"),
        (_("Test set"), papers["testset"] or _("held-out pairs of the project")),
        (_("Instructions of the test set"), printed(document["report"]["items"], 0)),
        (_("Instructions left out: an arm may hold them"), str(papers["contaminated"])),
        (_("Pairs left out: a held-out one asks for the same"), str(papers["leaked"])),
        (_("Minutes of work"), printed(papers["seconds"] / 60, 1)),
        (_("SHA-256 of the test set"), papers["testset_sha256"]),
        *(
            (_("SHA-256 of the arm %(arm)s") % {"arm": arm(name)}, digest)
            for name, digest in papers["datasets_sha256"].items()
        ),
    ]
    return Table(
        caption=_("What it was made of"),
        heads=[Head(_("What"), is_text=True), Head(_("Value"), is_text=True)],
        rows=[[Cell(label), Cell(value, look="wrapped")] for label, value in rows],
    )
