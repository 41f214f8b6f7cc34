"""What judges say: tables, and a picture of all ratings."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from annotator.formats.paper import Bars, Block, Section, Words
from annotator.formats.tables import Cell, Head, Series, Table
from annotator.web.dataset_reports.figures import (
    Json,
    before_after,
    heads,
    printed,
)
from annotator.web.labels import judge_name
from annotator.web.punctuation import colon, parted
from training.evaluation.ratings import OTHER

CLASSES = (0.0, 2.5, 3.0, 3.5, 4.0, 4.5)
"""Begins of the bars: low ratings are rare, and stand together."""


def section(document: Json) -> Section:
    judges = document["ratings"]["judges"]
    if not judges:
        none = Words(
            (
                Cell(
                    _(
                        "No judge was chosen: this report does not say which side is "
                        "better. Start another one with a judge to have both rated."
                    )
                ),
            )
        )
        return Section("ratings", _("Ratings"), (none,))
    threshold = document["order"]["threshold"]
    blocks = [block for judge in judges for block in _of_judge(judge, threshold)]
    if agreement := document["ratings"]["agreement"]:
        blocks.append(_agreement(agreement))
    return Section(
        "ratings", _("Ratings"), tuple(blocks), _("0 to 5, with intervals of 95 %")
    )


def _of_judge(judge: Json, threshold: float) -> Iterator[Block]:
    name = judge_name(judge["judge"])
    if "whole" not in judge:
        nothing = _("%(judge)s rated no pair on both sides (%(why)s).")
        told = nothing % {"judge": name, "why": _problems(judge)}
        yield Words((Cell(told),))
        return
    yield Table(
        caption=_("%(judge)s: all pairs") % {"judge": name},
        is_captioned=True,
        heads=heads(_("Figure")),
        rows=list(_whole(judge, threshold)),
    )
    yield _bars(judge)
    yield Words(tuple(_said(judge)))
    if judge["categories"]:
        yield _categories(judge)


def _whole(judge: Json, threshold: float) -> Iterator[list[Cell]]:
    whole, like, unseen = (judge[name] for name in ("whole", "like_length", "unseen"))
    pairs = _("%(n)s pairs") % {"n": printed(whole["pairs"], 0)}
    yield [Cell(_("Mean rating"), below=pairs), *before_after(whole["mean"], 2)]
    good = _("Share rated %(from)s or better, %%") % {"from": printed(threshold, 1)}
    yield [Cell(good), *before_after(whole["share"], 1, scale=100)]
    if like:
        pairs = _("%(n)s pairs whose response kept its length to 10 %%") % {
            "n": printed(like["pairs"], 0)
        }
        yield [
            Cell(_("Mean rating at like length"), below=pairs),
            *before_after(like["mean"], 2),
        ]
    if unseen:
        pairs = _("%(n)s pairs that it was not fitted on") % {
            "n": printed(unseen["pairs"], 0)
        }
        yield [
            Cell(_("Mean rating of unseen pairs"), below=pairs),
            *before_after(unseen["mean"], 2),
        ]


def _bars(judge: Json) -> Bars:
    edges, counts = judge["edges"], [judge["raw_counts"], judge["revised_counts"]]
    pooled = [_pooled(edges, each) for each in counts]
    labels = [printed(low, 1) for low in CLASSES]
    names = (_("raw"), _("revised"))
    return Bars(
        caption=_("Ratings by %(judge)s, %% of texts, by ratings from")
        % {"judge": judge_name(judge["judge"])},
        labels=tuple(labels),
        series=tuple(
            Series(name, values, hue)
            for hue, (name, values) in enumerate(zip(names, pooled, strict=True))
        ),
    )


def _pooled(edges: list[float], counts: list[int]) -> list[float]:
    """Per cent in each of CLASSES."""
    found = [0] * len(CLASSES)
    for edge, count in zip(edges, counts, strict=True):
        place = max(n for n, low in enumerate(CLASSES) if low <= edge)
        found[place] += count
    return [round(100 * n / max(1, sum(counts))) for n in found]


def _said(judge: Json) -> Iterator[Cell]:
    yield Cell(
        _(
            "The revised text is rated better in %(better)s pairs, worse in %(worse)s, "
            "and the same in %(same)s."
        )
        % {name: printed(judge[name], 0) for name in ("better", "worse", "same")}
    )
    if (follows := judge["with_length"]) is not None:
        yield Cell(
            _(
                "The change in rating goes with the change in length by %(rho)s "
                "(Spearman): 1 would mean that longer is always rated better, 0 that "
                "length makes no difference."
            )
            % {"rho": printed(follows, 2, signed=True)}
        )
    yield from _papers(judge)
    if judge["problems"]:
        yield Cell(
            _(
                "Some texts have no rating, and their pairs count in no figure of it "
                "(%(why)s)."
            )
            % {"why": _problems(judge)}
        )


def _papers(judge: Json) -> Iterator[Cell]:
    """What is known of the judge itself."""
    papers = judge["papers"]
    if judge["seen"]:
        yield Cell(
            _(
                "It was fitted on the revisions of %(seen)s of these %(pairs)s pairs: "
                "there it knows the answer."
            )
            % {name: printed(judge[name], 0) for name in ("seen", "pairs")}
        )
    if papers.get("beats_length") is False:
        yield Cell(
            _(
                "It agrees with experts no better than length does: take its ratings "
                "for a measure of length."
            )
        )
    if usage := papers.get("usage"):
        cost = usage["cost"]
        yield Cell(
            _(
                "%(model)s was asked %(questions)s questions, %(kept)s of them "
                "answered before; it refused %(refused)s. Cost: %(cost)s."
            )
            % {
                "model": papers["model"],
                "questions": printed(usage["questions"], 0),
                "kept": printed(usage["from_kept"], 0),
                "refused": printed(usage["refused"], 0),
                "cost": _("not known") if cost is None else printed(cost, 2),
            }
        )


def _problems(judge: Json) -> str:
    found = judge["problems"].items()
    return parted(f"{why}{colon()}{printed(n, 0)}" for why, n in found)


def _categories(judge: Json) -> Table:
    rows = []
    for each in judge["categories"]:
        name = _("all others") if each["category"] == OTHER else each["category"]
        pairs = _("%(n)s pairs") % {"n": printed(each["pairs"], 0)}
        rows.append([Cell(name, below=pairs), *before_after(each["mean"], 2)])
    return Table(
        caption=_("%(judge)s: mean rating by category")
        % {"judge": judge_name(judge["judge"])},
        is_captioned=True,
        heads=heads(_("Category")),
        rows=rows,
    )


def _agreement(found: list[Json]) -> Table:
    rows = []
    for each in found:
        same, rho = each["same_direction"], each["correlation"]
        bounds = same and ", ".join(
            printed(100 * same[name], 0) for name in ("low", "high")
        )
        rows.append(
            [
                Cell(" · ".join(map(judge_name, each["judges"]))),
                Cell(each["pairs"]),
                Cell(
                    100 * same["value"] if same else None,
                    below=f"[{bounds}]" if same else "",
                ),
                Cell(rho, printed="–" if rho is None else printed(rho, 2, signed=True)),
            ]
        )
    return Table(
        caption=_("Do the judges agree on what rose and fell?"),
        is_captioned=True,
        heads=[
            Head(_("Judges"), is_text=True, wide=3),
            Head(_("Pairs"), wide=1),
            Head(_("Same direction"), _("of pairs both see change in, %"), wide=2),
            Head(_("Correlation"), _("Spearman, of the changes"), wide=2),
        ],
        rows=rows,
    )
