"""A dataset report in people's words: the page and the PDF are both made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotator.formats.paper import Paper, Section, Tile, Tiles, Words
from annotator.formats.tables import Cell, Head, Table
from annotator.models import DatasetReport
from annotator.web import moments, raters
from annotator.web.dataset_reports import counts, diversity, ratings
from annotator.web.dataset_reports.figures import Json, arrow, printed, rise
from annotator.web.dataset_reports.words import LEFT_OUT
from annotator.web.labels import ARMS_OF_MODELS, judge_name
from annotator.web.punctuation import comma, listed


def made_at(report: DatasetReport) -> datetime:
    return datetime.fromisoformat(report.document["made_at"])


def paper(report: DatasetReport, people: Sequence[Json] = ()) -> Paper:
    """The whole report, of one that is made; `people`: what raters say of its texts
    (selectors.blind_results)."""
    document = report.document
    return Paper(
        title=_("Dataset report: %(name)s") % {"name": report.name},
        of=report.project.name,
        lead=_lead(report),
        made=_("Made %(when)s %(zone)s")
        % {
            "when": moments.at(made_at(report)),
            "zone": timezone.get_current_timezone_name(),
        },
        page=_("Page {n} of {all}"),
        sections=tuple(_sections(document, people)),
        notes=(),
        replaced=_(
            "This font lacks {n} of the characters in people's texts: each stands "
            "as “?”."
        ),
    )


def _lead(report: DatasetReport) -> str:
    left = [
        _("%(n)s %(why)s") % {"n": printed(n, 0), "why": LEFT_OUT.get(why, why)}
        for why, n in report.document["left_out"].items()
    ]
    told = _("%(pairs)s pairs before and after revision.") % {
        "pairs": printed(report.document["pairs"], 0)
    }
    if left:
        told += " " + _("Not among them: %(left)s.") % {"left": listed(left)}
    return told


def _sections(document: Json, people: Sequence[Json]) -> Iterator[Section]:
    yield Section("short", _("In short"), (Tiles(tuple(_tiles(document))),))
    yield ratings.section(document)
    if said := raters.section(people, side):
        yield said
    yield counts.changed(document)
    yield counts.lengths(document)
    yield diversity.section(document)
    yield counts.openings(document)
    yield counts.languages(document)
    yield counts.repeats(document)
    yield Section("limits", _("What this does not show"), (_limits(document),))
    yield Section("manifest", _("What it was made of"), (_manifest(document),))


def _tiles(document: Json) -> Iterator[Tile]:
    for judge in document["ratings"]["judges"]:
        if "whole" not in judge:
            continue
        whole = judge["whole"]
        yield Tile(
            _("Mean rating by %(judge)s, of 5") % {"judge": judge_name(judge["judge"])},
            arrow(whole["mean"], 2),
            note=rise(whole["mean"], 2),
        )
        yield Tile(
            _("Rated %(from)s or better by %(judge)s")
            % {
                "from": printed(document["order"]["threshold"], 1),
                "judge": judge_name(judge["judge"]),
            },
            arrow(whole["share"], 1, scale=100),
            "%",
            rise(whole["share"], 1, scale=100),
        )
    share = document["changed"]["shares"]["pair"]
    yield Tile(
        _("Pairs changed"),
        printed(100 * share["value"], 1),
        "%",
        _("%(n)s of %(of)s")
        % {"n": printed(share["count"], 0), "of": printed(share["of"], 0)},
    )
    words = document["lengths"]["response"]["words"]["median"]
    yield Tile(_("Words of a response, median"), arrow(words, 0), note=rise(words, 0))
    yield from diversity.tiles(document)


def side(name: str) -> str:
    """Raw or revised, as people call it."""
    return str(ARMS_OF_MODELS[name])


def _limits(document: Json) -> Words:
    return Words(tuple(Cell(_(sentence)) for sentence in document["limits"]))


def _manifest(document: Json) -> Table:
    manifest = document["manifest"]
    rows = [
        (_("CoachLM"), manifest["coachlm"]),
        *_source(manifest["source"]),
        (_("Pairs"), printed(manifest["pairs"], 0)),
        (_("SHA-256 of the raw side"), manifest["raw_sha256"]),
        (_("SHA-256 of the revised side"), manifest["revised_sha256"]),
        *(
            (
                pgettext("of texts", "Judge"),
                f"{judge_name(judge['name'])}{comma()}{judge['version']}",
            )
            for judge in manifest["judges"]
        ),
        (_("Embedding"), _(manifest["embedding"])),
        (_("A rating is good from"), printed(manifest["threshold"], 2)),
        (_("Seed"), str(manifest["seed"])),
        (
            _("Resamples"),
            _("%(n)d; %(parts)d drawn parts for what depends on the number of texts")
            % {"n": manifest["resamples"], "parts": manifest["drawn_parts"]},
        ),
    ]
    return Table(
        caption=_("What it was made of"),
        heads=[
            Head(_("What"), is_text=True, wide=2),
            Head(_("Value"), is_text=True, wide=5),
        ],
        rows=[[Cell(str(name)), Cell(value, look="wrapped")] for name, value in rows],
    )


def _source(source: Json) -> Iterator[tuple[str, str]]:
    names: dict[str, Any] = {
        "project": _("Project"),
        "batch": _("Batch"),
        "rewrite": _("Rewrite"),
        "export": _("Export"),
        "coach": _("Coach"),
    }
    for key, label in names.items():
        if key in source:
            yield label, _told(source[key])
    for file in source.get("files", ()):
        yield (
            _("File"),
            _("%(name)s, %(bytes)s bytes, SHA-256 %(sha256)s")
            % {**file, "bytes": printed(file["bytes"], 0)},
        )


def _told(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return listed(str(each) for each in value.values() if each not in ("", None))
