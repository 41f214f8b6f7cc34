from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.domain.errors import Invalid
from annotator.services import judging
from training.evaluation.judges.ratings import GOOD
from training.services.judging import Kind, NoJudge, judge

Figures = dict[str, Any]
SAY_EVERY = 2.0
"""Seconds between two lines of progress."""


class Command(BaseCommand):
    help = (
        "Rate the pairs of a file from 0 to 5, and compare raw and revised texts where "
        "it has both (docs/proof.md). Stopped or broken off, the same command asks a "
        "server only for what is missing."
    )
    requires_system_checks: list[str] = []
    said = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path)
        parser.add_argument(
            "--by",
            action="append",
            choices=[kind.value for kind in Kind],
            help="a judge (embedded); may be given twice, for their agreement",
        )
        parser.add_argument(
            "--by-people",
            action="store_true",
            help="the revised texts are people's: test the judges against them",
        )
        parser.add_argument("--out", type=Path, help="write all of it as JSON")
        parser.add_argument(
            "--leave-out-bad",
            action="store_true",
            help="judge the other rows if some cannot be read",
        )

    def handle(self, *, source: Path, out: Path | None, **options: Any) -> None:
        if out and not out.parent.is_dir():
            raise CommandError(f"There is no folder {out.parent}: make it first.")
        order = judging.Order(
            source=source,
            by_people=options["by_people"],
            leave_out_bad=options["leave_out_bad"],
        )
        kinds = dict.fromkeys(options["by"] or [Kind.EMBEDDED])
        try:
            judges = [judge(Kind(kind)) for kind in kinds]
            report = judging.judge_file(order, judges, self._progress)
            if out:
                _write(out, report)
        except (Invalid, NoJudge, OSError) as fault:
            raise CommandError(str(fault)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. Give the same command again to go on."
            ) from None
        self._tell(report)
        if out:
            self.stdout.write(f"{out} is written.")

    def _progress(self, done: int, whole: int) -> None:
        if time.monotonic() - self.said >= SAY_EVERY or done == whole:
            self.said = time.monotonic()
            self.stderr.write(f"{done} of {whole} answers")

    def _tell(self, report: Figures) -> None:
        counts = [
            f"{report['pairs']} pairs",
            f"{report['revised']} with a revised text",
        ]
        counts += [f"{report['left_out']} left out"] if report["left_out"] else []
        self.stdout.write(", ".join(counts))
        for each in report["judges"]:
            self.stdout.write(f"{each['version']}")
            for line in _of_judge(each):
                self.stdout.write(f"  {line}")
        for two in report["agreement"]:
            self.stdout.write(f"agreement of {' and '.join(two['judges'])}")
            for figure in [*two["ratings"], *two["preferences"]]:
                self.stdout.write(f"  {figure['name']} {_number(figure)}")


def _write(out: Path, report: Figures) -> None:
    part = out.with_name(f"{out.name}.part")
    part.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    part.rename(out)


def _of_judge(told: Figures) -> list[str]:
    lines = [_rated(side, told[side]) for side in ("raw", "revised") if side in told]
    if wins := told.get("win_rate"):
        lines += [
            (
                f"revised over raw: {wins['wins']} wins, {wins['ties']} ties, "
                f"{wins['losses']} losses, {wins['unanswered']} unanswered"
            ),
            (
                f"WR1 {_share(wins['wr1'])}, WR2 {_share(wins['wr2'])}, "
                f"QS {_share(wins['qs'])}"
            ),
            (
                f"WR1 at equal length {_share(wins['length_controlled'])}; "
                f"the revised text is longer {_share(wins['longer'])}"
            ),
        ]
    if bias := told.get("position_bias"):
        lines.append(_leaning(bias))
    if people := told.get("people"):
        lines += _with_people(people)
    if papers := told.get("papers"):
        lines.append(_fitted(papers))
    if usage := told.get("usage"):
        lines.append(_used(usage))
    return lines


def _rated(side: str, told: Figures) -> str:
    mean = "-"
    if rate := told["mean"]:
        mean = f"{rate['value']:.2f} [{rate['low']:.2f}, {rate['high']:.2f}]"
    parts = [f"{side}: rating {mean}", f"{GOOD} or better {_share(told['good'])}"]
    parts += [f"{told['n']} rated"]
    parts += [f"{n} {name}" for name, n in sorted(told["problems"].items())]
    return ", ".join(parts)


def _leaning(bias: Figures) -> str:
    lean = "-" if bias["lean"] is None else f"{100 * bias['lean']:+.1f} points"
    return (
        f"asked in both orders: {bias['consistent']} of {bias['contests']} alike; lean "
        f"towards the text shown first {lean}"
    )


def _with_people(people: Figures) -> list[str]:
    lines = [
        _agreed("agrees with people", people["agreed"], people["n"], people["longer"]),
        _agreed(
            "where responses are of like length",
            people["agreed_matched"],
            people["matched"],
            people["longer_matched"],
        ),
    ]
    if people["fitted_on"]:
        lines.append(
            f"{people['fitted_on']} pairs it was fitted on are left out of that"
        )
    verdict = {
        True: "It agrees with people more often than length does.",
        False: "IT AGREES WITH PEOPLE NO BETTER THAN LENGTH DOES.",
        None: "Too few texts of like length to tell it from a judge of length.",
    }
    return [*lines, verdict[people["beats_length"]]]


def _agreed(what: str, rate: Figures | None, n: int, length: Figures | None) -> str:
    return f"{what} {_share(rate)} of {n}, length alone {_share(length)}"


def _fitted(papers: Figures) -> str:
    gained = (
        f"{100 * papers['gain']:+.1f} points [{100 * papers['gain_low']:+.1f}, "
        f"{100 * papers['gain_high']:+.1f}]"
    )
    mark = "" if papers["beats_length"] else ": NO BETTER THAN LENGTH"
    return (
        f"fitted on {papers['fitted_on']} revisions; over length, at like length, "
        f"{gained}{mark}"
    )


def _used(usage: Figures) -> str:
    cost = "" if usage["cost"] is None else f", cost {usage['cost']:.4f}"
    return (
        f"{usage['questions']} questions, {usage['from_kept']} answered before; "
        f"{usage['prompt_tokens']} tokens read, {usage['completion_tokens']} written"
        f"{cost}; {usage['refused']} refused, {usage['too_long']} too long, "
        f"{usage['unreadable']} unreadable"
    )


def _share(rate: Figures | None) -> str:
    if rate is None:
        return "-"
    return f"{rate['value']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}]"


def _number(figure: Figures) -> str:
    if figure["value"] is None:
        return f"- (n = {figure['n']})"
    low, high = figure["low"], figure["high"]
    return f"{figure['value']:.2f} [{low:.2f}, {high:.2f}] (n = {figure['n']})"
