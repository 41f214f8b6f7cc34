"""The list of rules, its runs, what a trial found, and what waits for a lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotator.domain.diffs import FieldDiff, field_diffs, word_diff
from annotator.domain.rubric import ExclusionReason
from annotator.formats.rows import PairRow, RowProblem
from annotator.formats.rules import besides
from annotator.formats.rules.applying import Treated
from annotator.formats.tables import Cell, Head, Table
from annotator.models import (
    Pair,
    Project,
    ProjectRule,
    RuleCount,
    RuleProposal,
    RuleRun,
)
from annotator.models.texts import RAW_LABELS
from annotator.web import labels, moments
from annotator.web.http import Request
from annotator.web.rules import words
from annotator.web.tables import count, excerpt

FIGURES = ("found", "fixed", "tagged", "proposed")
"""What is counted of a rule, in the order of the columns."""


def rules(
    request: Request,
    project: Project,
    listed: Sequence[ProjectRule],
    counted: Mapping[str, RuleCount],
) -> Table:
    """The rules in order, with what the last run made of the pairs."""
    return Table(
        caption=_("Rules in the order in which they run; numbers are of the last run"),
        heads=[
            Head(_("Order"), is_unseen=True),
            Head(_("Rule"), is_text=True),
            Head(_("Found"), _("pairs")),
            Head(_("Fixed")),
            Head(_("Tagged")),
            Head(_("Proposed")),
            Head(_("On or off"), is_unseen=True),
        ],
        rows=[
            _rule(request, project, rule, counted.get(rule.key), number)
            for number, rule in enumerate(listed, start=1)
        ],
        looks=["" if rule.is_on else "uncertain" for rule in listed],
        named_by=1,
    )


def _rule(
    request: Request,
    project: Project,
    rule: ProjectRule,
    counted: RuleCount | None,
    number: int,
) -> list[Cell]:
    context = {"project": project, "rule": rule, "title": words.title(rule.key),
               "number": number}  # fmt: skip
    return [
        Cell("", markup=render_to_string("rules/_order.html", context, request)),
        Cell(
            str(words.title(rule.key)),
            href=reverse("rule", args=[project.slug, rule.key]),
            below=str(words.about(rule.key)),
        ),
        *_figures(counted),
        Cell("", markup=render_to_string("rules/_switch.html", context, request)),
    ]


def _figures(counted: RuleCount | None) -> list[Cell]:
    """Of a rule that found nothing one 0; the row stays, since it holds the switch."""
    if counted is not None and not counted.found:
        return [Cell(0, is_faint=True), *(Cell("") for _name in FIGURES[1:])]
    numbers = [getattr(counted, name, None) for name in FIGURES]
    return [Cell(each, is_faint=not each) for each in numbers]


def runs(project: Project, found: Iterable[RuleRun]) -> Table:
    return Table(
        caption=_("Runs, newest first; numbers are pairs"),
        heads=[
            Head(_("Begun"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Altered")),
            Head(_("Put back")),
        ],
        rows=[
            [
                Cell(
                    moments.at(run.created_at),
                    href=reverse("rules-run", args=[project.slug, run.pk]),
                    below=str(run.started_by or ""),
                ),
                Cell(run.get_state_display(), state=words.SIGNS[run.state]),
                count(run.changed),
                count(run.put_back),
            ]
            for run in found
        ],
    )


def found_by_rule(run: RuleRun, counted: Mapping[str, RuleCount]) -> Table:
    """What each rule of a run made of the pairs, in the order of the run."""
    return Table(
        caption=_("What each rule made of the pairs"),
        folds_zeros=True,
        heads=[
            Head(_("Rule"), is_text=True),
            Head(_("Found"), _("pairs")),
            Head(_("Fixed")),
            Head(_("Tagged")),
            Head(_("Proposed")),
        ],
        rows=[
            [
                Cell(str(words.title(each["key"]))),
                *(
                    Cell(number, is_faint=not number)
                    for number in (
                        getattr(counted.get(each["key"]), name, 0) for name in FIGURES
                    )
                ),
            ]
            for each in run.rules
        ],
    )


def trial(project: Project, found: Sequence[tuple[Pair, Treated]]) -> Table:
    """What would become of each pair, with the changes in its texts."""
    return Table(
        caption=_("What the rules would make of these pairs"),
        heads=[
            Head(_("Pair"), is_text=True),
            Head(_("What would change"), is_text=True),
            Head(_("Tags and proposals"), is_text=True),
        ],
        rows=[
            [
                Cell(str(pair.pk), href=reverse("pair", args=[project.slug, pair.pk])),
                _changes(pair, treated),
                Cell(_told(treated), look="text"),
            ]
            for pair, treated in found
        ],
        empty=_("No rule says anything of these pairs."),
    )


def _changes(pair: Pair, treated: Treated) -> Cell:
    if not treated.is_changed:
        return excerpt(pair.instruction, 120, look="text")
    parts = (
        (
            RAW_LABELS[diff.name],
            render_to_string(
                "components/_diff.html#words", {"hunks": diff.hunks, "side": "both"}
            ),
        )
        for diff in _diffs(pair, treated)
        if any(hunk.kind != "equal" for hunk in diff.hunks)
    )
    shown: SafeString = format_html_join(
        "",
        '<div class="unit">{}</div><p class="text rule-diff" dir="auto">{}</p>',
        parts,
    )
    return Cell("", markup=shown)


def _diffs(pair: Pair, treated: Treated) -> list[FieldDiff]:
    beside = [
        FieldDiff(
            name,
            word_diff(besides.spoken(getattr(pair, name)), besides.spoken(part)),
        )
        for name, part in treated.altered.items()
    ]
    return beside + field_diffs(pair.text, treated.text)


def _told(treated: Treated) -> str:
    parts = [name for _rule, name in treated.tags]
    parts += [exclusion.sentence for _rule, exclusion in treated.exclusions]
    return " · ".join(parts) or "–"


def parsed(rows: Sequence[PairRow | RowProblem]) -> Table:
    """What a pattern made of some lines."""
    return Table(
        caption=_("What the pattern makes of these lines"),
        heads=[
            Head(_("Line")),
            Head(_("Instruction"), is_text=True),
            Head(_("Input"), is_text=True),
            Head(_("Response"), is_text=True),
            Head(_("Id, category"), is_text=True),
        ],
        rows=[_parsed(row) for row in rows],
        looks=["uncertain" if isinstance(row, RowProblem) else "" for row in rows],
        named_by=None,
    )


def _parsed(row: PairRow | RowProblem) -> list[Cell]:
    if isinstance(row, RowProblem):
        told = Cell(row.message, below=row.source[:120], look="text")
        return [count(row.number), told, Cell(""), Cell(""), Cell("")]
    beside = " · ".join(filter(None, (row.external_id, row.category)))
    return [
        count(row.number),
        excerpt(row.instruction, 160, look="text"),
        excerpt(row.input, 80, look="text"),
        excerpt(row.response, 160, look="text"),
        Cell(beside),
    ]


def proposals(
    request: Request, project: Project, found: Iterable[RuleProposal]
) -> Table:
    return Table(
        caption=_("Pairs that rules would exclude"),
        heads=[
            Head(_("Pair"), is_text=True),
            Head(_("Why"), is_text=True),
            Head(_("Decide"), is_unseen=True),
        ],
        rows=[_proposal(request, project, each) for each in found],
        empty=_("Nothing waits for a decision."),
        named_by=None,
    )


def _proposal(request: Request, project: Project, each: RuleProposal) -> list[Cell]:
    context = {"project": project, "proposal": each}
    return [
        Cell(
            each.pair.instruction[:160],
            href=reverse("pair", args=[project.slug, each.pair_id]),
            look="text",
        ),
        Cell(
            str(labels.EXCLUSIONS[ExclusionReason(each.reason)]),
            note=str(words.title(each.rule)),
            below=each.sentence.replace("\n", " "),
            look="text",
        ),
        Cell("", markup=render_to_string("rules/_decide.html", context, request)),
    ]
