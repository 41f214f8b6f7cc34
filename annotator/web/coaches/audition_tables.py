"""The tables and words of auditions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.formats.tables import Cell, Head, Table
from annotator.models import Audition, AuditionDraft, Project
from annotator.models.texts import FIELD_LABELS
from annotator.selectors.auditions import AuditionBoard, Heard, HeardDraft, HeardPair
from annotator.web import labels, moments
from annotator.web.numbers import number, rounded
from annotator.web.tables import count
from revision_engine.postprocess import Problem

SIGNS = {
    Audition.State.RUNNING: "training",
    Audition.State.DONE: "ready",
    Audition.State.CANCELLED: "cancelled",
}
State = AuditionDraft.State


def auditions(project: Project, found: Iterable[Any]) -> Table:
    """Auditions (selectors.auditions.of_project), newest first."""
    return Table(
        caption=_("Auditions, newest first"),
        heads=[
            Head(_("On what"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Drafts")),
        ],
        rows=[_audition(project, each) for each in found],
    )


def _audition(project: Project, row: Any) -> list[Cell]:
    by = [moments.at(row.created_at), str(row.created_by or "")]
    return [
        Cell(
            subject(row),
            href=reverse("audition", args=[project.slug, row.pk]),
            below=" · ".join(filter(None, by)),
        ),
        Cell(row.get_state_display(), state=SIGNS[row.state]),
        Cell(str(row.done), note=f"/ {row.total}"),
    ]


def subject(audition: Audition) -> str:
    """What the coaches are heard on."""
    if audition.draw is None:
        return _("One pair")
    return _("Draw %(number)d") % {"number": audition.draw}


def coaches(project: Project, board: AuditionBoard) -> Table:
    """What there is to count of each coach."""
    return Table(
        caption=_("Of these pairs alone: too few to tell which coach is better"),
        is_captioned=True,
        heads=[
            Head(_("Coach"), is_text=True),
            Head(_("Drafts"), _("of pairs")),
            Head(_("Unchanged")),
            Head(_("Not used")),
            Head(_("Held back")),
            Head(_("Time"), _("s a draft, median")),
            Head(_("Speed"), _("tokens/s")),
            Head(_("Log-probability"), _("nats a token, mean")),
        ],
        rows=[_coach(project, each) for each in board.coaches],
    )


def _coach(project: Project, heard: Heard) -> list[Cell]:
    coach = heard.coach
    return [
        Cell(
            coach.name,
            href=reverse("coach", args=[project.slug, coach.pk]),
            below=coach.base_model,
        ),
        Cell(str(heard.done), note=f"/ {heard.pairs}"),
        count(heard.unchanged),
        count(heard.unusable + heard.failed),
        count(heard.held_back) if heard.is_estimated else Cell(None, is_faint=True),
        Cell(rounded(heard.seconds, 1)),
        Cell(rounded(heard.tokens_per_second, 0)),
        Cell(rounded(heard.mean_logprob, 2)),
    ]


def pairs(board: AuditionBoard) -> list[dict[str, Any]]:
    """Each raw pair with what the coaches made of it, ready to print."""
    return [_pair(each) for each in board.pairs]


def _pair(pair: HeardPair) -> dict[str, Any]:
    text = pair.row.text
    fields = ((label, getattr(text, name)) for name, label in FIELD_LABELS.items())
    return {
        "row": pair.row,
        "fields": [(label, value) for label, value in fields if value],
        "drafts": [_draft(each) for each in pair.drafts],
    }


def _draft(heard: HeardDraft) -> dict[str, Any]:
    row = heard.row
    return {
        "coach": row.coach,
        "was_trained_on": row.was_trained_on,
        "is_awaited": row.state in (State.WAITING, State.SENT),
        "problem": _problem(row),
        "fields": [(FIELD_LABELS[each.name], each.hunks) for each in heard.changes],
        "is_unchanged": row.state == State.DONE
        and not row.problem
        and not heard.changes,
        "note": _note(row) if row.state == State.DONE else "",
    }


def _problem(row: AuditionDraft) -> str:
    if row.state == State.FAILED:
        return _("the engine failed on it: its log says why")
    return str(labels.PROBLEMS[Problem(row.problem)]) if row.problem else ""


def _note(row: AuditionDraft) -> str:
    """Time, tokens, and what is thought of it, in one line."""
    tokens = ngettext("%(n)s token", "%(n)s tokens", row.new_tokens)
    told = [
        _("%(n)s s") % {"n": rounded(row.seconds, 1)},
        tokens % {"n": number(row.new_tokens)},
    ]
    if row.helpfulness is not None:
        told.append(
            _("saves work with probability %(p)s") % {"p": rounded(row.helpfulness, 2)}
        )
    if row.is_held_back:
        told.append(_("people would be shown the raw pair"))
    return " · ".join(told)
