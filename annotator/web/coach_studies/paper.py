"""What a coach study found, in people's words: the page and the PDF are made of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotator.domain.coach_studies import StudyKind
from annotator.formats.paper import Bars, Paper, Section, Tile, Tiles, Words
from annotator.formats.tables import Cell, Series
from annotator.models import CoachStudy
from annotator.web import moments
from annotator.web.coach_studies import tables, words
from annotator.web.coach_studies.tables import Json, printed
from annotator.web.punctuation import listed
from annotator.web.tables import Plot
from training.evaluation.coach_studies.kinds import KINDS
from training.evaluation.figures import EFFORT_SAVED

POINTS = "points"
"""The section whose bars a page draws as a curve where points are numbers."""


def made_at(study: CoachStudy) -> datetime:
    return study.ended_at or study.created_at


def paper(study: CoachStudy) -> Paper:
    """The whole study, of one that is done."""
    return Paper(
        title=_("Coach study %(number)s: %(name)s")
        % {"number": study.pk, "name": words.name(study)},
        of=study.project.name,
        lead=lead(study),
        made=_("Made %(when)s %(zone)s")
        % {
            "when": moments.at(made_at(study)),
            "zone": timezone.get_current_timezone_name(),
        },
        page=_("Page {n} of {all}"),
        sections=(*sections(study), _limits(study), _manifest(study)),
        notes=(),
        replaced=_(
            "This font lacks {n} of the characters in people's texts: each stands "
            "as “?”."
        ),
    )


def lead(study: CoachStudy) -> str:
    """What it asks, and what is missing."""
    told = str(words.QUESTIONS[study.order.kind])
    missing = study.document["missing"]
    if not missing:
        return told
    rest = ngettext(
        "%(n)s of %(of)s coaches is missing: the minutes were over.",
        "%(n)s of %(of)s coaches are missing: the minutes were over.",
        len(missing),
    ) % {"n": len(missing), "of": len(study.document["cells"])}
    return f"{told} {rest}"


def sections(study: CoachStudy) -> list[Section]:
    """What was found, without limits and papers."""
    return list(_sections(study.document))


def _sections(document: Json) -> Iterator[Section]:
    if tiles := tuple(_tiles(document)):
        yield Section("short", _("In short"), (Tiles(tiles),))
    kind = KINDS[document["kind"]]
    yield Section(
        POINTS,
        _("Effort saved"),
        (bars(document), tables.points(document)),
        _("with intervals over held-out pairs and seeds; heavy where surely different"),
    )
    if document["fit"]:
        sentences = tuple(map(Cell, _of_the_law(document["fit"])))
        yield Section("law", _("Where the curve flattens"), (Words(sentences),))
    if kind.is_sliced:
        yield Section(
            "matrix", _("Effort saved on each slice"), (tables.matrix(document),)
        )
    if any(each["pace"] for each in document["cells"]):
        yield Section("pace", _("Pace and memory"), (tables.pace(document),))
    yield Section("figures", _("All figures"), (tables.figures(document),))
    yield Section("coaches", _("Coaches"), (tables.coaches(document),))
    if document["missing"]:
        cells = [each for each in document["cells"] if each["adapter_sha256"] is None]
        names = [f"{words.point(each['point'])} ({each['seed']})" for each in cells]
        told = _("No figures yet of: %(names)s.") % {"names": listed(names)}
        yield Section("missing", _("Missing"), (Words((Cell(told),)),))


def _tiles(document: Json) -> Iterator[Tile]:
    rows = tables.effort(document)["points"]
    if not rows:
        return
    best = max(rows, key=lambda row: row["value"])
    found = tables.cell(best, EFFORT_SAVED)
    yield Tile(
        _("Most effort saved, at %(point)s") % {"point": words.point(best["point"])},
        found.text,
        "%",
        found.below,
    )
    last = rows[-1]
    if last["difference"] and KINDS[document["kind"]].is_number:
        step = tables.cell(last["difference"], EFFORT_SAVED, signed=True)
        yield Tile(
            _("From %(first)s to %(last)s")
            % {"first": rows[0]["point"], "last": last["point"]},
            step.text,
            _("points"),
            step.below,
        )
    if fit := document["fit"]:
        yield Tile(_("Flat from"), _flat(fit), _("pairs on"), _flat_bounds(fit))


def _flat(fit: Json) -> str:
    """The size, if it is not beyond what the law may be asked."""
    value = fit["flat_from"]["value"]
    if value >= fit["farthest"]:
        return f"> {printed(fit['farthest'], 0)}"
    return printed(value, 0)


def _flat_bounds(fit: Json) -> str:
    """Empty where all of it lies beyond what is told."""
    low, high = fit["flat_from"]["low"], fit["flat_from"]["high"]
    if low >= fit["farthest"]:
        return ""
    above = "> " if high >= fit["farthest"] else ""
    return f"[{printed(low, 0)}, {above}{printed(high, 0)}]"


def _of_the_law(fit: Json) -> Iterator[str]:
    limit = tables.cell(fit["limit"], EFFORT_SAVED)
    yield _(
        "Fitted: effort saved = %(limit)s − %(gap)s · n^−%(exponent)s, in per cent of "
        "n pairs; the points lie %(error)s points from it."
    ) % {
        "limit": printed(100 * fit["limit"]["value"], 1),
        "gap": printed(100 * fit["gap"], 1),
        "exponent": printed(fit["exponent"], 2),
        "error": printed(100 * fit["error"], 2),
    }
    yield _("Its end, with ever more such pairs: %(value)s %% %(bounds)s.") % {
        "value": limit.text,
        "bounds": limit.below,
    }
    doubled = tables.cell(fit["doubled"], EFFORT_SAVED, signed=True)
    yield _(
        "Twice as many pairs as the most that were tried (%(n)s) would gain %(value)s "
        "points %(bounds)s."
    ) % {
        "n": printed(fit["largest"], 0),
        "value": doubled.text,
        "bounds": doubled.below,
    }
    step = printed(100 * fit["step"], 0)
    if fit["flat_from"]["value"] >= fit["farthest"]:
        yield _("Up to %(n)s pairs each doubling gains %(step)s point or more.") % {
            "n": printed(fit["farthest"], 0),
            "step": step,
        }
        return
    yield _(
        "A doubling gains less than %(step)s point from %(n)s pairs on %(bounds)s."
    ) % {"step": step, "n": _flat(fit), "bounds": _flat_bounds(fit)}


def bars(document: Json) -> Bars:
    """Effort saved, for paper and for points that are no numbers; none below 0."""
    rows = tables.effort(document)["points"]
    return Bars(
        caption=_("Effort saved, %"),
        labels=tuple(words.point(row["point"]) for row in rows),
        series=(
            Series(
                _("Effort saved"),
                [round(100 * max(0, row["value"]), 1) for row in rows],
                hue=0,
                digits=1,
            ),
        ),
    )


def curve(document: Json) -> Plot | None:
    """The same as a line with its bounds; None where points are no numbers, or one
    alone is there."""
    kind, rows = KINDS[document["kind"]], tables.effort(document)["points"]
    if not kind.is_number or len(rows) < 2:
        return None
    at = {float(row["point"]): row for row in rows}
    law = dict(document["fit"]["curve"]) if document["fit"] else {}
    x = sorted({*at, *law})

    def values(name: str) -> list[float | None]:
        return [100 * at[each][name] if each in at else None for each in x]

    series = [
        Series(_("Effort saved"), values("value"), hue=0, look="points", digits=1),
        Series(_("lower bound"), values("low"), hue=0, look="low", digits=1),
        Series(_("upper bound"), values("high"), hue=0, look="high", digits=1),
    ]
    if law:
        fitted = [100 * law[each] if each in law else None for each in x]
        series.append(Series(_("Fitted"), fitted, hue=1, look="dash", digits=1))
    return Plot(
        key=POINTS,
        title=_("Effort saved"),
        unit="%",
        x=x,
        series=series,
        table=tables.points(document),
        over="doublings" if document["kind"] == StudyKind.SIZE else "values",
    )


def _limits(study: CoachStudy) -> Section:
    sentences = tuple(map(Cell, words.limits(study.order.kind)))
    return Section("limits", _("What this does not show"), (Words(sentences),))


def _manifest(study: CoachStudy) -> Section:
    table = tables.manifest(study.document, study.seconds / 60)
    return Section("manifest", _("What it was made of"), (table,))
