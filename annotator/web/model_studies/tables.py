"""Tables of model studies, and of what one found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.model_studies import Tuning
from annotator.formats.tables import Cell, Head, Table
from annotator.models import ModelStudy, Project
from annotator.selectors.model_studies import waits_for
from annotator.web import moments
from annotator.web.http import Request
from annotator.web.labels import judge_name
from annotator.web.model_studies import words
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
                "components/_study_deeds.html",
                {
                    "project": project,
                    "study": study,
                    "name": named(study),
                    "may": may,
                    "address": "model-study",
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


def judgements(document: Json) -> list[Json]:
    """What each judge found, in the order of the order."""
    report: Json = document["report"]
    return [report, *report.get("beside", ())]


def judge(found: Json) -> str:
    """Who judged."""
    return f"{judge_name(found['judge']['name'])} ({found['judge']['version']})"


def arms(document: Json, found: Json) -> Table:
    """What the answers of each arm are like, by one judge."""
    pairs = document["manifest"]["pairs"]
    return Table(
        caption=_("By %(judge)s") % {"judge": judge(found)},
        is_captioned=True,
        heads=[
            Head(_("Arm"), is_text=True, wide=2),
            Head(_("Pairs")),
            Head(_("Models")),
            Head(_("Answers")),
            Head(_("Empty")),
            Head(_("Length"), _("mean characters"), wide=2),
            Head(_("Mean rating"), _("0 to 5"), wide=2),
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
            for row in found["arms"]
        ],
    )


def win_rates(found: Json) -> Table:
    """How often an arm's answers are the better ones, by one judge."""
    names = (*("wr1", "wr2", "qs"), "length_controlled")
    return Table(
        caption=_("By %(judge)s") % {"judge": judge(found)},
        is_captioned=True,
        heads=[
            Head(_("Arm"), is_text=True, wide=2),
            Head(_("Beside"), is_text=True, wide=2),
            Head("WR1", "%", wide=2),
            Head("WR2", "%", wide=2),
            Head("QS", "%", wide=2),
            Head(_("WR1 at equal length"), "%", wide=2),
            Head(_("Longer"), "%", wide=2),
            Head(_("Wins, ties, losses"), wide=2),
        ],
        rows=[
            [
                Cell(arm(row["one"])),
                Cell(arm(row["other"])),
                *(cell(row[name], 1, 100, even=name != "qs") for name in names),
                cell(row["longer"], 1, 100),
                Cell(row["wins"], printed=_outcomes(row)),
            ]
            for row in found["win_rates"]
        ],
        empty=_("There is nothing to compare yet: one arm alone has answered."),
    )


def _outcomes(row: Json) -> str:
    return " / ".join(printed(row[name], 0) for name in ("wins", "ties", "losses"))


def by_seed(found: Json) -> Table:
    """WR1 of each seed alone, by one judge."""
    rows = found["win_rates"]
    seeds = sorted({seed for row in rows for seed in row["wr1_by_seed"]}, key=int)
    return Table(
        caption=_("By %(judge)s") % {"judge": judge(found)},
        is_captioned=True,
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


def agreement(document: Json) -> Table:
    """Whether the judges say the same of the same answers."""
    return Table(
        caption=_("Do the judges agree with each other?"),
        heads=[
            Head(_("Who judged"), is_text=True, wide=2),
            Head(_("Beside"), is_text=True, wide=2),
            Head(_("Same winner"), "%", wide=2),
            Head(_("Kappa"), _("of winners, beyond chance"), wide=2),
            Head(_("Weighted kappa"), _("of ratings"), wide=2),
            Head(_("Spearman"), _("of ratings"), wide=2),
        ],
        rows=[_agreement(each) for each in document["report"].get("agreement", ())],
    )


def _agreement(each: Json) -> list[Cell]:
    one, other = each["judges"]
    found = {row["name"]: row for row in (*each["ratings"], *each["preferences"])}
    defined = {
        name: row if row["value"] is not None else None for name, row in found.items()
    }
    return [
        Cell(one),
        Cell(other),
        cell(defined["same winner"], 1, 100),
        cell(defined["kappa"], 2),
        cell(defined["weighted kappa"], 2),
        cell(defined["Spearman"], 2),
    ]


def manifest(document: Json) -> Table:
    """What is needed to do it again."""
    papers, order = document["manifest"], document["manifest"]["order"]
    base_model = order["base_model"]
    rows = [
        (_("Base model"), base_model),
        (_("What learned"), str(words.TUNINGS[Tuning(order.get("tuning", "lora"))])),
        (_("Seeds"), ", ".join(map(str, order["seeds"]))),
        (_("Examples that each model learned from"), printed(order["seen"], 0)),
        *((_("Who judged"), judge(found)) for found in judgements(document)),
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
        heads=[
            Head(_("What"), is_text=True, wide=2),
            Head(_("Value"), is_text=True, wide=5),
        ],
        rows=[[Cell(label), Cell(value, look="wrapped")] for label, value in rows],
    )
