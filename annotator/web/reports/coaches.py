"""The part of a weekly report that is about coaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from annotator.formats.paper import Section
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Project
from annotator.selectors.reports.weekly import WeekReport
from annotator.web import gate_words, moments
from annotator.web.drift_alarms import alarm_words
from annotator.web.punctuation import colon
from training.models import Promotion, TrainingRun


def coaching(project: Project, report: WeekReport, *, opens_coaches: bool) -> Section:
    """Coaches compared on the week's work, then what happened to them.

    `opens_coaches`: whether the reader may open the pages of coaches and runs.
    """
    links = Links(project, opens_coaches)
    blocks = [_coaches(project, report), *_events(links, report)]
    return Section("coaches", _("Coaches"), tuple(blocks))


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of what a row is about, for a reader who may go there."""

    project: Project
    opens_coaches: bool

    def to(self, page: str, pk: int) -> str:
        return reverse(page, args=[self.project.slug, pk]) if self.opens_coaches else ""


def _coaches(project: Project, report: WeekReport) -> Table:
    return Table(
        caption=_("Reviews of this week, by whose draft they went on from"),
        is_captioned=True,
        heads=(
            Head(_("Coach"), is_text=True, wide=2),
            Head(_("Reviews")),
            Head(_("Usable"), _("drafts")),
            Head(
                _("As drafted"),
                # xgettext:no-python-format
                _("% of usable"),
            ),
            Head(_("Draft to final"), _("characters, mean")),
            Head(_("A review"), _("s, median")),
            Head(_("Ratings"), _("before and after"), is_text=True),
        ),
        rows=tuple(
            (
                Cell(each.name, href=_pairs_of(project, each.coach)),
                Cell(f"{each.reviews:,}"),
                Cell(f"{each.usable:,}"),
                Cell(
                    f"{100 * each.as_drafted / each.usable:.0f} %"
                    if each.usable
                    else "–"
                ),
                Cell(_rounded(each.mean_edit_distance)),
                Cell(_rounded(each.median_seconds)),
                Cell(_("Dataset report"), href=_dataset_of(project, each.coach)),
            )
            for each in report.coaches
        ),
        empty=_("No review went on from a coach's draft."),
    )


def _rounded(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _pairs_of(project: Project, coach: int) -> str:
    return f"{reverse('pairs', args=[project.slug])}?coach={coach}"


def _dataset_of(project: Project, coach: int) -> str:
    """What its drafts did to the dataset."""
    return reverse("dataset-report-coach", args=[project.slug, coach])


def _events(links: Links, report: WeekReport) -> Iterator[Table]:
    found = report.coaching
    drift = reverse("drift", args=[links.project.slug])
    yield _table(
        _("Promotions"),
        [_promotion(links, each) for each in found.promotions],
        _("No coach was promoted."),
    )
    yield _table(
        _("Training runs"),
        [_run(links, each) for each in found.runs],
        _("No run started or ended."),
    )
    yield _table(
        _("Decisions of the gate"),
        [
            (
                Cell(moments.at(each.created_at)),
                Cell(each.coach.name, href=links.to("coach", each.coach_id)),
                Cell(
                    f"{each.get_outcome_display()}{colon()}"
                    f"{gate_words.first_reason(each.reasons)}"
                ),
            )
            for each in found.decisions
        ],
        _("The gate decided nothing."),
    )
    yield _table(
        _("Drift alarms"),
        [
            (
                Cell(moments.at(each.raised_at)),
                Cell(each.coach.name, href=drift),
                Cell(alarm_words(each)),
            )
            for each in found.alarms
        ],
        _("No drift alarm was raised."),
    )


def _table(title: str, rows: list[tuple[Cell, ...]], empty: str) -> Table:
    return Table(
        caption=title,
        is_captioned=True,
        heads=(
            Head(_("When"), is_text=True, wide=2),
            Head(_("What"), is_text=True, wide=2),
            Head(_("How and why"), is_text=True, wide=7),
        ),
        rows=tuple(rows),
        empty=empty,
    )


def _promotion(links: Links, each: Promotion) -> tuple[Cell, ...]:
    words = [str(each.get_way_display()), gate_words.why_promoted(each)]
    return (
        Cell(moments.at(each.at)),
        Cell(each.coach.name, href=links.to("coach", each.coach_id)),
        Cell(colon().join(filter(None, words)) or "–"),
    )


def _run(links: Links, run: TrainingRun) -> tuple[Cell, ...]:
    name = _("Run %(pk)d") % {"pk": run.pk}
    words = [str(run.get_state_display()), run.problem]
    return (
        Cell(moments.at(run.ended_at or run.started_at or run.created_at)),
        Cell(name, href=links.to("run", run.pk)),
        Cell(colon().join(filter(None, words))),
    )
