"""What a model study found, in people's words: the page and the PDF are made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.formats.paper import Block, Paper, Section, Words
from annotator.formats.tables import Cell
from annotator.models import ModelStudy
from annotator.web import moments, raters
from annotator.web.model_studies import tables, words
from annotator.web.model_studies.tables import Json


def made_at(study: ModelStudy) -> datetime:
    return study.ended_at or study.created_at


def paper(study: ModelStudy, people: Sequence[Json]) -> Paper:
    """The whole study but for its answers; of one that is done."""
    document = study.document
    return Paper(
        title=_("Model study %(number)s: %(name)s")
        % {"number": study.pk, "name": tables.named(study)},
        of=study.project.name,
        lead=_lead(study),
        made=_("Made %(when)s %(zone)s")
        % {
            "when": moments.at(made_at(study)),
            "zone": timezone.get_current_timezone_name(),
        },
        page=_("Page {n} of {all}"),
        sections=(
            *found(document, people),
            Section(
                "limits",
                _("What this does not show"),
                (Words(tuple(map(Cell, words.limits()))),),
            ),
            Section("manifest", _("What it was made of"), (tables.manifest(document),)),
        ),
        notes=(),
        replaced=_(
            "This font lacks {n} of the characters in people's texts: each stands "
            "as “?”."
        ),
    )


def _lead(study: ModelStudy) -> str:
    items = study.document["report"]["items"]
    told = ngettext("%(n)s test instruction.", "%(n)s test instructions.", items) % {
        "n": items
    }
    if study.is_whole:
        return told
    rest = _("The minutes were over: %(n)s of %(of)s models have answered.")
    return f"{told} {rest % {'n': study.done, 'of': study.total}}"


def found(document: Json, people: Sequence[Json]) -> list[Section]:
    """Figures by judge, the judges beside each other, and what people say of it."""
    return list(_found(document, people))


def _found(document: Json, people: Sequence[Json]) -> Iterator[Section]:
    judges = tables.judgements(document)
    yield Section(
        "arms",
        _("What each arm's models answer"),
        tuple(tables.arms(document, each) for each in judges),
    )
    yield Section(
        "win-rates",
        _("How often a judge prefers an arm's answers"),
        tuple(_win_rates(judges)),
        _(
            "with intervals over test instructions and seeds; heavy where half is "
            "surely not among them"
        ),
    )
    if document["report"].get("agreement"):
        yield Section(
            "judges",
            _("Do the judges agree with each other?"),
            (tables.agreement(document),),
            _("with intervals over test instructions"),
        )
    yield Section(
        "seeds", _("WR1 by seed"), tuple(tables.by_seed(each) for each in judges)
    )
    if said := raters.section(people, words.arm):
        yield said


def _win_rates(judges: Sequence[Json]) -> Iterator[Block]:
    for each in judges:
        yield tables.win_rates(each)
        if sentences := list(_of_judge(each)):
            yield Words(tuple(map(Cell, sentences)))
    yield Words(
        (
            Cell(
                _(
                    "WR1 counts a tie as half a win, WR2 leaves ties out, QS counts "
                    "them as wins. “Longer” is how often the arm's answer is the "
                    "longer one: what a judge that looks at length alone would call "
                    "WR1."
                )
            ),
        )
    )


def _of_judge(found: Json) -> Iterator[str]:
    """What went wrong, how it leans, and what it cost."""
    for why, n in found.get("problems", {}).items():
        yield _("%(n)s answers of this judge are missing: %(why)s.") % {
            "n": n,
            "why": why,
        }
    bias: dict[str, Any] = found.get("position_bias") or {}
    if bias.get("lean") is not None:
        yield _(
            "Asked in both orders it named the same winner %(same)s of %(of)s times; "
            "it leans by %(lean)s points towards what is shown first."
        ) % {
            "same": bias["consistent"],
            "of": bias["contests"],
            "lean": tables.printed(100 * bias["lean"], 1),
        }
    if usage := found.get("usage"):
        yield _("It was asked %(n)s questions, %(kept)s of them before.") % {
            "n": usage["questions"],
            "kept": usage["from_kept"],
        }
        if usage["cost"] is not None:
            yield _("That cost %(cost)s.") % {"cost": tables.printed(usage["cost"], 2)}
