"""What was changed, how long texts are, in which languages, how often they repeat, and
what instructions ask for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from annotator.formats.paper import Bars, Section, Words
from annotator.formats.tables import Cell, Head, Series, Table
from annotator.services.dataset_figures import SIDES, UNKNOWN
from annotator.web.dataset_reports.figures import (
    Json,
    before_after,
    heads,
    printed,
)
from annotator.web.dataset_reports.words import FIELDS, PARTS

MOST_LANGUAGES = 12
CLASSES = 8
"""Bars of a picture: classes at its ends are put together."""


def changed(document: Json) -> Section:
    found = document["changed"]
    rows = []
    for name, label in FIELDS.items():
        share = found["shares"][name]
        bounds = ", ".join(printed(100 * share[key], 1) for key in ("low", "high"))
        rows.append(
            [
                Cell(str(label)),
                Cell(share["count"]),
                Cell(100 * share["value"], 1, below=f"[{bounds}]", whole=100),
            ]
        )
    table = Table(
        caption=_("Pairs in which it differs"),
        heads=[
            Head(_("Field"), is_text=True, wide=3),
            Head(_("Pairs"), wide=2),
            Head(_("Share"), _("of all pairs, %"), wide=2),
        ],
        rows=rows,
    )
    far = found["distance"]
    said = _(
        "From raw to revised a pair is %(median)s characters apart in the median, "
        "%(first)s to %(third)s in the middle half, %(mean)s in the mean (Levenshtein)."
    ) % {name: printed(far[name], 0) for name in ("median", "first", "third", "mean")}
    return Section("changed", _("What was changed"), (table, Words((Cell(said),))))


def lengths(document: Json) -> Section:
    found = document["lengths"]
    rows: list[list[Cell]] = []
    titles = {}
    for name, label in PARTS.items():
        titles[len(rows)] = str(label)
        rows += _length_rows(found[name])
    table = Table(
        caption=_("Lengths"), heads=heads(_("Figure")), rows=rows, titles=titles
    )
    pictures = [
        _picture(found[name]["words"], str(label)) for name, label in PARTS.items()
    ]
    return Section("lengths", _("Lengths"), (*pictures, table))


def _length_rows(found: Json) -> Iterator[list[Cell]]:
    units = {"words": _("words"), "characters": _("characters")}
    for unit, told in units.items():
        figure = found[unit]
        yield [Cell(_("Median"), below=told), *before_after(figure["median"], 0)]
        yield [Cell(_("Mean"), below=told), *before_after(figure["mean"], 1)]
        middle = [
            "{}–{}".format(
                *(printed(figure[side][name], 0) for name in ("first", "third"))
            )
            for side in SIDES
        ]
        yield [
            Cell(_("Middle half"), below=told),
            *map(Cell, middle),
            Cell(None, is_faint=True),
        ]


def _picture(found: Json, part: str) -> Bars:
    edges, raw, revised = _pooled(
        found["edges"], found["raw_counts"], found["revised_counts"]
    )
    labels = [printed(edge, 0) for edge in edges]
    both = [(_("raw"), raw), (_("revised"), revised)]
    return Bars(
        caption=_("%(part)s: %% of texts, by words from") % {"part": part},
        labels=tuple(labels),
        series=tuple(
            Series(name, values, hue) for hue, (name, values) in enumerate(both)
        ),
    )


def _pooled(
    edges: Sequence[int], raw: Sequence[int], revised: Sequence[int]
) -> tuple[list[int], list[float], list[float]]:
    """Per cent in at most CLASSES classes: the emptier end gives way."""
    edges, raw, revised = list(edges), list(raw), list(revised)
    while len(edges) > CLASSES:
        if raw[0] + revised[0] <= raw[-1] + revised[-1]:
            del edges[1]
            place = 0
        else:
            del edges[-1]
            place = len(raw) - 2
        for counts in (raw, revised):
            counts[place] += counts.pop(place + 1)
    return edges, _per_cent(raw), _per_cent(revised)


def _per_cent(counts: Sequence[int]) -> list[float]:
    return [round(100 * n / max(1, sum(counts))) for n in counts]


def languages(document: Json) -> Section:
    found = document["languages"]
    columns = [found[part][side] for part in PARTS for side in SIDES]
    names = sorted(
        {name for column in columns for name in column},
        key=lambda name: (name == UNKNOWN, -sum(c.get(name, 0) for c in columns), name),
    )
    rows = [
        [
            Cell(_("short, or not sure") if name == UNKNOWN else name),
            *(Cell(column.get(name, 0)) for column in columns),
        ]
        for name in [*names[:MOST_LANGUAGES], *names[MOST_LANGUAGES:][-1:]]
    ]
    table = Table(
        caption=_("Languages"),
        heads=[
            Head(_("Language"), "ISO 639-1", is_text=True, wide=2),
            *(
                Head(
                    str(PARTS[part]),
                    _("raw") if side == "raw" else _("revised"),
                    wide=2,
                )
                for part in PARTS
                for side in SIDES
            ),
        ],
        rows=rows,
    )
    moved = _(
        "%(instruction)s instructions and %(response)s responses are in another "
        "language than before, as far as both are known."
    ) % {part: printed(found[part]["moved"], 0) for part in PARTS}
    return Section("languages", _("Languages"), (table, Words((Cell(moved),))))


def repeats(document: Json) -> Section:
    found = document["repeats"]
    wholes = {"pair": _("the whole pair"), "instruction": _("instruction and input")}
    kinds = {
        "same": _("Say the same"),
        "alike": _("The same, or nearly"),
    }
    rows = [
        [
            Cell(said, below=whole),
            *(Cell(found[key][side][kind]) for side in SIDES),
            _plain_rise(*(found[key][side][kind] for side in SIDES)),
        ]
        for key, whole in wholes.items()
        for kind, said in kinds.items()
    ]
    table = Table(
        caption=_("Pairs that repeat an earlier one"),
        heads=heads(_("Repeat"), _("pairs")),
        rows=rows,
    )
    note = _("counted over all pairs: pairs that would go if each stayed once")
    return Section("repeats", _("Repeats"), (table,), note)


def _plain_rise(raw: int, revised: int) -> Cell:
    return Cell(revised - raw, printed=printed(revised - raw, 0, signed=True))


def openings(document: Json) -> Section:
    found = document["openings"]
    tops = {side: {each[0]: each for each in found[side]["top"]} for side in SIDES}
    verbs = dict.fromkeys(verb for side in SIDES for verb in tops[side])
    table = Table(
        caption=_("The most frequent opening verbs and their objects"),
        heads=[
            Head(_("Verb"), is_text=True, wide=2),
            Head(_("Raw"), _("instructions"), wide=1),
            Head(_("Objects, raw"), is_text=True, wide=4),
            Head(_("Revised"), _("instructions"), wide=1),
            Head(_("Objects, revised"), is_text=True, wide=4),
        ],
        rows=[
            [
                Cell(verb, lang="en"),
                *(
                    cell
                    for side in SIDES
                    for cell in _of_verb(tops[side].get(verb), tops[side])
                ),
            ]
            for verb in verbs
        ],
        empty=_("No instruction opens with an English verb that is known."),
    )
    told = [_openings_told(str(label), found[side]) for side, label in _sides()]
    return Section(
        "openings",
        _("What instructions ask for"),
        (Words(tuple(map(Cell, told))), table),
        _("English only"),
    )


def _sides() -> Iterator[tuple[str, str]]:
    yield "raw", _("Raw")
    yield "revised", _("Revised")


def _of_verb(found: Sequence[object] | None, all_of: Json) -> list[Cell]:
    if found is None:
        least = min((each[1] for each in all_of.values()), default=0)
        said = f"≤ {least}" if least else "–"
        return [Cell(said, is_faint=True), Cell("")]
    _verb, count, objects = found
    nouns = ", ".join(f"{noun} {n}" for noun, n in objects)  # type: ignore[attr-defined]
    return [Cell(count, whole=0), Cell(nouns, lang="en")]  # type: ignore[arg-type]


def _openings_told(side: str, found: Json) -> str:
    return _(
        "%(side)s: %(mapped)s of %(all)s instructions open with a known verb, "
        "%(questions)s are questions. %(verbs)s verbs, %(couples)s couples of verb and "
        "object, as diverse as %(effective)s equally frequent ones."
    ) % {
        "side": side,
        "mapped": printed(found["mapped"], 0),
        "all": printed(found["instructions"], 0),
        "questions": printed(found["questions"], 0),
        "verbs": printed(found["verbs"], 0),
        "couples": printed(found["couples"], 0),
        "effective": printed(found["effective_couples"], 0),
    }
