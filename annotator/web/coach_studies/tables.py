"""Tables of coach studies, and of what one found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.domain.coach_studies import StudyKind
from annotator.formats.tables import Cell, Head, Table
from annotator.models import CoachStudy, Project
from annotator.selectors.coach_studies import waits_for
from annotator.web import moments
from annotator.web.coach_studies import words
from annotator.web.figures import FIGURES, SHARES, UNITS
from annotator.web.http import Request
from annotator.web.punctuation import colon, comma
from training.evaluation.figures import EFFORT_SAVED

Json = Mapping[str, Any]


def printed(value: float, digits: int, *, signed: bool = False) -> str:
    """A number as printers set it."""
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")


def scale(name: str) -> float:
    """Shares are told in per cent."""
    return 100 if name in SHARES else 1


def digits(name: str) -> int:
    return 1 if name in SHARES else 2


def unit(figure: Json) -> str:
    told = str(UNITS.get(figure["unit"], figure["unit"]))
    if figure["name"] not in SHARES:
        return told
    return _("%% (%(unit)s)") % {"unit": told}


def cell(found: Json | None, name: str, *, signed: bool = False) -> Cell:
    """A value with its bounds beneath it; a difference that is surely one is heavy."""
    if found is None:
        return Cell(None, is_faint=True)
    value, low, high = (scale(name) * found[key] for key in ("value", "low", "high"))
    bounds = (printed(each, digits(name), signed=signed) for each in (low, high))
    return Cell(
        value,
        printed=printed(value, digits(name), signed=signed),
        below=f"[{', '.join(bounds)}]",
        is_strong=signed and (low > 0 or high < 0),
    )


def studies(
    request: Request,
    project: Project,
    may: Mapping[str, bool],
    found: Iterable[CoachStudy],
) -> Table:
    """All studies, newest first."""
    return Table(
        caption=_("Coach studies, newest first"),
        heads=[
            Head(_("Coaches differ in"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Coaches"), _("measured of all")),
            Head(_("Effort saved"), _("%, the best point")),
            Head(_("Do something with it"), is_unseen=True),
        ],
        rows=[_study(request, project, may, each) for each in found],
    )


def _study(
    request: Request, project: Project, may: Mapping[str, bool], study: CoachStudy
) -> list[Cell]:
    by = str(study.asked_by or "–")
    return [
        Cell(
            words.name(study),
            href=reverse("coach-study", args=[project.slug, study.pk]),
            below=f"{moments.at(study.created_at)} · {by}",
        ),
        Cell(
            study.get_state_display(),
            state=words.SIGNS[study.state],
            note=progress(study),
            below=study.problem,
        ),
        Cell(study.done, printed=f"{study.done} / {study.total}"),
        _best(study),
        Cell(
            "",
            markup=render_to_string(
                "components/_study_deeds.html",
                {
                    "project": project,
                    "study": study,
                    "name": words.name(study),
                    "may": may,
                    "address": "coach-study",
                },
                request,
            ),
        ),
    ]


def progress(study: CoachStudy) -> str:
    """What a study that waits or works is at."""
    if study.state == CoachStudy.State.WORKING:
        stage = str(study.get_stage_display())
        if not study.point:
            return stage
        at = f"{words.point(study.point)}{comma()}{study.seed}"
        return f"{stage}{colon()}{at}"
    if run := waits_for(study):
        return _("until training run %(run)d has ended") % {"run": run.pk}
    return ""


def _best(study: CoachStudy) -> Cell:
    if not study.document:
        return Cell(None, is_faint=True)
    if not (rows := effort(study.document)["points"]):
        return Cell(None, is_faint=True)
    best = max(rows, key=lambda row: row["value"])
    found = cell(best, EFFORT_SAVED)
    return Cell(
        found.value,
        printed=found.printed,
        below=f"{words.point(best['point'])} {found.below}",
    )


def effort(document: Json) -> Json:
    """The figure that decides."""
    found: Json = next(
        each for each in document["figures"] if each["name"] == EFFORT_SAVED
    )
    return found


def axis(document: Json) -> str:
    return str(words.AXES[StudyKind(document["kind"])])


def points(document: Json) -> Table:
    """Effort saved of each point, and beside the first one."""
    rows = effort(document)["points"]
    first = words.point(rows[0]["point"]) if rows else ""
    return Table(
        key="points",
        caption=_("Effort saved, point by point"),
        heads=[
            Head(axis(document), is_text=True, wide=2),
            Head(_("Effort saved"), "%", wide=2),
            Head(
                _("Difference"),
                _("points, to %(first)s") % {"first": first},
                wide=2,
            ),
            Head(_("Seeds")),
            Head(_("Held-out pairs")),
            Head(_("By seed"), "%", is_text=True, wide=2),
        ],
        rows=[
            [
                Cell(words.point(row["point"])),
                cell(row, EFFORT_SAVED),
                cell(row["difference"], EFFORT_SAVED, signed=True),
                Cell(row["seeds"]),
                Cell(row["pairs"]),
                Cell(_by_seed(row)),
            ]
            for row in rows
        ],
    )


def _by_seed(row: Json) -> str:
    values = (value for value in row["by_seed"].values() if value is not None)
    return " · ".join(printed(100 * value, 1) for value in values)


def figures(document: Json) -> Table:
    """All figures of each point."""
    found = document["figures"]
    rows = {
        point: {
            figure["name"]: row
            for figure in found
            for row in figure["points"]
            if row["point"] == point
        }
        for point in document["points"]
    }
    return Table(
        key="figures",
        caption=_("All figures"),
        heads=[
            Head(axis(document), is_text=True, wide=2),
            *(Head(str(FIGURES[each["name"]]), unit(each), wide=2) for each in found),
        ],
        rows=[
            [
                Cell(words.point(point)),
                *(cell(told.get(each["name"]), each["name"]) for each in found),
            ]
            for point, told in rows.items()
        ],
    )


def every_figure(document: Json) -> Table:
    """One line a figure, point and slice, for spreadsheets."""
    rows = [
        [
            Cell(row["point"]),
            Cell(""),
            Cell(figure["name"]),
            *(Cell(row[name]) for name in ("value", "low", "high")),
            Cell(figure["unit"]),
            Cell(row["seeds"]),
            Cell(row["pairs"]),
        ]
        for figure in document["figures"]
        for row in figure["points"]
    ]
    rows += [
        [
            Cell(row["train"]),
            Cell(row["test"]),
            Cell(EFFORT_SAVED),
            *(
                Cell((row["value"] or {}).get(name))
                for name in ("value", "low", "high")
            ),
            Cell(effort(document)["unit"]),
            Cell(None),
            Cell(row["pairs"]),
        ]
        for row in document["matrix"]
    ]
    names = ("point", "slice", "figure", "value", "low", "high", "unit")
    return Table(
        caption="",
        heads=[Head(name) for name in (*names, "seeds", "pairs")],
        rows=rows,
    )


def matrix(document: Json) -> Table:
    """Effort saved by who learned from one slice, on each slice."""
    rows = document["matrix"]
    slices = list(dict.fromkeys(row["test"] for row in rows))
    found = {(row["train"], row["test"]): row for row in rows}
    pairs = {row["test"]: row["pairs"] for row in rows}
    return Table(
        key="matrix",
        caption=_("Effort saved on each slice"),
        heads=[
            Head(axis(document), is_text=True, wide=2),
            *(
                Head(name, _("%%, of %(n)s pairs") % {"n": pairs[name]}, wide=2)
                for name in slices
            ),
        ],
        rows=[
            [
                Cell(words.point(point)),
                *(cell(found[point, name]["value"], EFFORT_SAVED) for name in slices),
            ]
            for point in document["points"]
        ],
    )


def pace(document: Json) -> Table:
    """What each base model costs: the mean over its seeds, the most of memory."""
    timed: dict[str, list[Json]] = {}
    for each in document["cells"]:
        if each["pace"]:
            timed.setdefault(each["point"], []).append(each["pace"])
    saved = {row["point"]: row for row in effort(document)["points"]}
    return Table(
        key="pace",
        caption=_("Pace and memory"),
        heads=[
            Head(axis(document), is_text=True, wide=3),
            Head(_("Speed"), _("tokens/s"), wide=2),
            Head(_("Speed"), _("drafts/min"), wide=2),
            Head(_("Peak memory"), _("GB"), wide=2),
            Head(_("Effort saved"), "%", wide=2),
        ],
        rows=[
            [
                Cell(point),
                Cell(_a_second(found, "tokens"), 0),
                Cell(60 * _a_second(found, "drafts"), 1),
                _memory(found),
                cell(saved.get(point), EFFORT_SAVED),
            ]
            for point, found in timed.items()
        ],
    )


def _a_second(found: list[Json], what: str) -> float:
    seconds = sum(each["seconds"] for each in found)
    return float(sum(each[what] for each in found) / seconds) if seconds else 0.0


def _memory(found: list[Json]) -> Cell:
    known = [each["memory"] for each in found if each["memory"] is not None]
    on_gpu = any(each["device"] == "cuda" for each in found)
    value = max(known) / 1e9 if known else None
    return Cell(value, 2, note=_("of the GPU") if on_gpu and known else "")


def coaches(document: Json) -> Table:
    """The coaches that were trained, one a line."""
    return Table(
        key="coaches",
        caption=_("Coaches"),
        heads=[
            Head(axis(document), is_text=True, wide=2),
            Head(_("Seed")),
            Head(_("Pairs learned"), wide=2),
            Head(_("Minutes"), _("when it was made")),
            Head(_("SHA-256 of its data"), _("begin"), is_text=True, wide=2),
            Head(_("SHA-256 of the adapter"), _("begin"), is_text=True, wide=2),
        ],
        rows=[
            [
                Cell(words.point(each["point"])),
                Cell(str(each["seed"])),
                Cell(each["learned"], is_faint=each["learned"] is None),
                _minutes(each),
                Cell(each["train"]),
                Cell(
                    each["adapter_sha256"][:16]
                    if each["adapter_sha256"]
                    else _("missing"),
                    is_faint=each["adapter_sha256"] is None,
                ),
            ]
            for each in document["cells"]
        ],
    )


def _minutes(each: Json) -> Cell:
    if each["seconds"] is None:
        return Cell(None, is_faint=True)
    return Cell(each["seconds"] / 60, 1)


def manifest(document: Json, minutes: float) -> Table:
    """What is needed to do it again."""
    papers, order = document["manifest"], document["manifest"]["order"]
    rows = [
        (_("Base model"), order["base_model"] or _("the installation's")),
        (_("Seeds"), ", ".join(map(str, order["seeds"]))),
        (_("Epochs"), str(order["epochs"])),
        (_("Pairs to learn from"), printed(papers["train"], 0)),
        (_("Held-out pairs"), printed(papers["held_out"], 0)),
        (_("Pairs left out: a held-out one asks for the same"), str(papers["leaked"])),
        (_("Recipe"), papers["recipe"]),
        (_("Engine"), papers["backend"]),
        (
            _("Who accepts drafts of generations"),
            f"{papers['judge']['name']} ({papers['judge']['version']})",
        ),
        (_("Minutes of work"), printed(minutes, 1)),
    ]
    return Table(
        caption=_("What it was made of"),
        heads=[
            Head(_("What"), is_text=True, wide=2),
            Head(_("Value"), is_text=True, wide=5),
        ],
        rows=[[Cell(label), Cell(value, look="wrapped")] for label, value in rows],
    )
