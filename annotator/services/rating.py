"""Have judges rate both sides of a dataset, so that a kill costs a few ratings.

Each rating is a line of a file beside the report, under the judge's version and the
pair's text: whoever goes on asks only for those that are not there. Equal texts are
rated once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from annotator.domain.errors import Invalid
from annotator.formats.two_sided import TwoSides
from revision_engine.types import PairText
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.endpoint import EndpointJudge
from training.evaluation.judges.judge import Judge, Judgement
from training.examples import fingerprint
from training.services import judging

AT_ONCE = 16
"""Pairs that a judge is given together: between them the job says that it lives."""
REASON = 500
"""Characters of a judge's reason that are kept."""
Tell = Callable[[int, int], None]
"""Called with the ratings that are there and how many there are to be; what it raises
ends the rating."""


@dataclass(frozen=True, slots=True)
class RatedPair:
    """What one judge says of one pair before and after."""

    raw: Judgement
    revised: Judgement


@dataclass(slots=True, kw_only=True)
class Panel:
    """One judge's word on all pairs, in their order."""

    name: str
    version: str
    pairs: list[RatedPair] = field(default_factory=list)
    seen: list[bool] = field(default_factory=list)
    """Of each pair whether the judge was fitted on its revision."""
    papers: dict[str, Any] = field(default_factory=dict)
    """How good it was found to be, and what it was asked, as far as it says so."""

    @property
    def problems(self) -> Counter[str]:
        """Why ratings are missing, and how many for each reason."""
        sides = (side for pair in self.pairs for side in (pair.raw, pair.revised))
        return Counter(side.problem for side in sides if side.problem)


def known() -> dict[str, Callable[[], Judge]]:
    """The judges that can be asked here, each made when it is."""
    return {kind.value: partial(_made, kind) for kind in judging.available()}


def _made(kind: judging.Kind) -> Judge:
    try:
        return judging.judge(kind)
    except judging.NoJudge as fault:
        raise Invalid(str(fault)) from None


def check(names: Sequence[str]) -> None:
    """Invalid names a judge that there is not."""
    there = known()
    if unknown := [name for name in names if name not in there]:
        raise Invalid(
            gettext("judges: there is no %(unknown)s; there is %(offered)s.")
            % {"unknown": ", ".join(unknown), "offered": ", ".join(there) or "-"}
        )


def rate(
    pairs: Sequence[TwoSides],
    judges: Mapping[str, Callable[[], Judge]],
    kept: Path,
    tell: Tell,
) -> list[Panel]:
    """Every judge's ratings of both sides; what is in `kept` is not asked again."""
    texts = {fingerprint(side): side for pair in pairs for side in _sides(pair)}
    made, whole = [], len(texts) * len(judges)
    for number, (name, make) in enumerate(judges.items()):
        judge = make()
        before = number * len(texts)

        def heard(done: int, before: int = before) -> None:
            tell(before + done, whole)

        found = _asked(judge, texts, kept, heard)
        panel = Panel(name=name, version=judge.version)
        panel.pairs = [
            RatedPair(*(found[fingerprint(side)] for side in _sides(pair)))
            for pair in pairs
        ]
        panel.seen = [_has_seen(judge, pair) for pair in pairs]
        panel.papers = _papers(judge)
        made.append(panel)
    return made


def _has_seen(judge: Judge, pair: TwoSides) -> bool:
    return isinstance(judge, EmbeddedJudge) and judge.has_seen(pair.raw)


def _papers(judge: Judge) -> dict[str, Any]:
    if isinstance(judge, EmbeddedJudge):
        papers = judge.model.papers
        return {
            "beats_length": papers.beats_length,
            "gain": papers.gain,
            "gain_low": papers.gain_low,
            "gain_high": papers.gain_high,
            "apart": papers.apart,
        }
    if isinstance(judge, EndpointJudge):
        return {"model": judge.options.model, "usage": asdict(judge.usage)}
    return {}


def _sides(pair: TwoSides) -> tuple[PairText, PairText]:
    return pair.raw, pair.revised


def _asked(
    judge: Judge,
    texts: Mapping[str, PairText],
    kept: Path,
    heard: Callable[[int], None],
) -> dict[str, Judgement]:
    found = dict(_kept(kept, judge))
    left = [key for key in texts if key not in found]
    there = len(texts) - len(left)
    heard(there)
    for start in range(0, len(left), AT_ONCE):
        some = left[start : start + AT_ONCE]
        answers = judge.rate([texts[key] for key in some])
        new = dict(zip(some, answers, strict=True))
        _keep(kept, judge, new)
        found |= new
        heard(there + start + len(some))
    return found


def _keep(kept: Path, judge: Judge, new: Mapping[str, Judgement]) -> None:
    with kept.open("a", encoding="utf-8") as file:
        for key, judgement in new.items():
            said = asdict(judgement) | {"reason": judgement.reason[:REASON]}
            line = {"judge": judge.name, "version": judge.version, "text": key, **said}
            file.write(json.dumps(line) + "\n")


def _kept(kept: Path, judge: Judge) -> Iterator[tuple[str, Judgement]]:
    """Ratings of this very judge; a line that a kill left half-written is none."""
    if not kept.exists():
        return
    for line in kept.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if (row["judge"], row["version"]) == (judge.name, judge.version):
            said = {name: row[name] for name in ("rating", "reason", "problem")}
            yield row["text"], Judgement(**said)
