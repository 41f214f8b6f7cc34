"""What people say of texts that they rated blind, as sections of a report or a study,
on a page and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from annotator.domain.blind_ratings import Mode
from annotator.formats.paper import Block, Section, Words
from annotator.formats.tables import Cell, Head, Table
from annotator.web.labels import judge_name
from training.evaluation.judges.beside_people import LENGTH, PEOPLE

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

Json = Mapping[str, Any]
SAYS: dict[bool | None, StrPromise] = {
    None: gettext_lazy("too few pairs to tell"),
    True: gettext_lazy("better than length"),
    False: gettext_lazy("no better than length"),
}
"""Of a judge beside length."""
Named = Callable[[str], str]
"""What people call a side."""


def section(found: Sequence[Json], named: Named) -> Section | None:
    """All orders of a report or a study, the newest first; None without any."""
    if not found:
        return None
    blocks = [block for each in found for block in _blocks(each, named)]
    note = _("blind: nobody knew whose text was whose")
    return Section("people", _("What people say"), tuple(blocks), note)


def _blocks(found: Json, named: Named) -> Iterator[Block]:
    yield Words((Cell(_told(found, named)), *map(Cell, _remarks(found))))
    if not found["answers"]:
        return
    if found["ratings"]:
        yield _ratings(found, named)
    if found["comparison"]:
        yield _comparison(found, named)
    yield _agreement(found)
    yield _beside_people(found)
    yield _judges(found)


def _told(found: Json, named: Named) -> str:
    sides = {"one": named(found["one"]), "other": named(found["other"])}
    words = {
        **sides,
        "pairs": _pairs(found["pairs"]),
        "raters": ngettext("%(n)s person", "%(n)s people", found["raters"])
        % {"n": found["raters"]},
        "answers": printed(found["answers"], 0),
        "wanted": printed(found["wanted"], 0),
        "number": found["id"],
    }
    if found["mode"] == Mode.COMPARE:
        return (
            _(
                "Order %(number)s: %(other)s beside %(one)s, %(pairs)s compared side "
                "by side, each by %(raters)s; %(answers)s of %(wanted)s answers."
            )
            % words
        )
    return (
        _(
            "Order %(number)s: %(other)s and %(one)s, %(pairs)s rated text by text "
            "from 0 to 100, each by %(raters)s; %(answers)s of %(wanted)s "
            "answers."
        )
        % words
    )


def _remarks(found: Json) -> Iterator[str]:
    if found["passed"]:
        yield ngettext(
            "%(n)s time somebody could not tell, and passed the text on.",
            "%(n)s times somebody could not tell, and passed the text on.",
            found["passed"],
        ) % {"n": found["passed"]}
    if found["ended_at"] and found["answers"] < found["wanted"]:
        yield _("It was ended before all answers were in.")
    for judge in found["beside_people"]:
        if judge["beats_length"] is False:
            yield _(
                "The judge %(judge)s agrees with people no better than length does: "
                "do not take its word for quality."
            ) % {"judge": judge_name(judge["judge"])}


def printed(value: float, digits: int, *, signed: bool = False) -> str:
    """A number as printers set it."""
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "−")


def _cell(
    found: Json | None,
    digits: int,
    scale: float = 1,
    *,
    signed: bool = False,
    even: float | None = None,
) -> Cell:
    """A value with its bounds beneath it; heavy if it is surely not `even`."""
    if found is None or found["value"] is None:
        return Cell(None, is_faint=True)
    value = scale * found["value"]
    below, is_sure = "", False
    if found["low"] is not None:
        low, high = scale * found["low"], scale * found["high"]
        bounds = (printed(each, digits, signed=signed) for each in (low, high))
        below = f"[{', '.join(bounds)}]"
        is_sure = even is not None and (low > even or high < even)
    return Cell(
        value,
        printed=printed(value, digits, signed=signed),
        below=below,
        is_strong=is_sure,
    )


def _ratings(found: Json, named: Named) -> Table:
    names = {"response": _("Response"), "instruction": _("Instruction")}
    return Table(
        caption=_("Mean score by people, 0 to 100"),
        is_captioned=True,
        heads=[
            Head(_("What was scored"), is_text=True, wide=3),
            Head(named(found["one"]), wide=2),
            Head(named(found["other"]), wide=2),
            Head(_("Difference"), wide=2),
        ],
        rows=[
            [
                Cell(name, below=_pairs(rated["pairs"])),
                _cell(rated["one"], 1),
                _cell(rated["other"], 1),
                _cell(rated["difference"], 1, signed=True, even=0),
            ]
            for key, name in names.items()
            if (rated := found["ratings"].get(key))
        ],
    )


def _pairs(n: int) -> str:
    return ngettext("%(n)s pair", "%(n)s pairs", n) % {"n": printed(n, 0)}


def _comparison(found: Json, named: Named) -> Table:
    rates = found["comparison"]
    outcomes = (rates["wins"], rates["ties"], rates["losses"])
    return Table(
        caption=_("How often people prefer %(other)s to %(one)s")
        % {"other": named(found["other"]), "one": named(found["one"])},
        is_captioned=True,
        heads=[
            Head(_("Wins, ties, losses"), is_text=True, wide=2),
            Head("WR1", "%"),
            Head("WR2", "%"),
            Head("QS", "%"),
            Head(_("WR1 at equal length"), "%"),
            Head(_("Longer"), "%"),
        ],
        rows=[
            [
                Cell(" / ".join(printed(each, 0) for each in outcomes)),
                _cell(rates["wr1"], 1, 100, even=50),
                _cell(rates["wr2"], 1, 100, even=50),
                _cell(rates["qs"], 1, 100),
                _cell(rates["length_controlled"], 1, 100, even=50),
                _cell(rates["longer"], 1, 100),
            ]
        ],
    )


def _agreement(found: Json) -> Table:
    names = {
        "choice": _("Which is better"),
        "response": _("Score of the response"),
        "instruction": _("Score of the instruction"),
    }
    return Table(
        caption=_("Do people agree with each other?"),
        is_captioned=True,
        heads=[
            Head(_("Question"), is_text=True, wide=3),
            Head(_("Texts"), _("with two answers or more"), wide=2),
            Head(_("Answers"), wide=1),
            Head(_("Krippendorff's alpha"), _("1: always, 0: as chance would"), wide=2),
        ],
        rows=[
            [
                Cell(names[each["about"]]),
                Cell(each["texts"]),
                Cell(each["answers"]),
                _cell({**each, "value": each["alpha"]}, 2, even=0),
            ]
            for each in found["agreement"]
        ],
    )


def _beside_people(found: Json) -> Table:
    return Table(
        caption=_("Which judge agrees with people?"),
        is_captioned=True,
        heads=[
            Head(_("Who judged"), is_text=True, wide=2),
            Head(_("Pairs"), _("that people decided"), wide=1),
            Head(_("Agrees with people"), "%", wide=2),
            Head(_("Length alone"), "%", wide=2),
            Head(_("Lead over length"), _("points"), wide=2),
            Head(_("So"), is_text=True, wide=3),
        ],
        rows=[
            [
                Cell(judge_name(each["judge"]), below=_seen(each["seen"])),
                Cell(each["n"]),
                _cell(each["agreed"], 1, 100),
                _cell(each["length"], 1, 100),
                _cell(each["lead"], 1, 100, signed=True, even=0),
                Cell(str(SAYS[each["beats_length"]])),
            ]
            for each in found["beside_people"]
        ],
        empty=_("No other judge was asked about these texts."),
    )


def _seen(n: int) -> str:
    if not n:
        return ""
    return ngettext(
        "without %(n)s pair that it was fitted on",
        "without %(n)s pairs that it was fitted on",
        n,
    ) % {"n": n}


def _judges(found: Json) -> Table:
    names = {PEOPLE: _("People"), LENGTH: _("Longer is better")}
    has_ranks = any(each["rank"] for each in found["judges"])
    return Table(
        caption=_("Do the judges agree with each other?"),
        is_captioned=True,
        heads=[
            Head(_("Who judged"), is_text=True, wide=2),
            Head(_("Beside"), is_text=True, wide=2),
            Head(_("Pairs"), wide=1),
            Head(_("Same winner"), "%", wide=2),
            Head(_("Kappa"), _("beyond chance"), wide=2),
            *([Head(_("Spearman"), _("of ratings"), wide=2)] if has_ranks else []),
        ],
        rows=[
            [
                Cell(names.get(each["one"], each["one"])),
                Cell(names.get(each["other"], each["other"])),
                Cell(each["same"]["n"]),
                _cell(each["same"], 1, 100),
                _cell(each["kappa"], 2, even=0),
                *([_cell(each["rank"], 2, even=0)] if has_ranks else []),
            ]
            for each in found["judges"]
        ],
    )
