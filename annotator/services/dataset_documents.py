"""A dataset report as one JSON document: figures, samples, papers and limits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext_noop

from annotator import __version__
from annotator.domain.blind_ratings import MOST_TEXTS, draw
from annotator.domain.dataset_reports import ReportOrder
from annotator.formats.two_sided import TwoSides
from annotator.services import dataset_figures, rating
from annotator.services.dataset_figures import Counted
from annotator.services.rating import Panel
from annotator.services.report_pairs import Read
from revision_engine.types import PairText
from training.evaluation import paired
from training.evaluation.diversity import hashed
from training.evaluation.judges.judge import Judge, Judgement
from training.examples import fingerprint
from training.services.judging import Kind

FORMAT = 1
"""Of the document."""
SAMPLES = 5
"""Of each kind."""
SHOWN = 1_500
"""Characters of a sample's field."""
Json = dict[str, Any]
Tell = Callable[[str, int, int], None]
"""Called with the stage, what of it is done, and how much there is (0: not known)."""

LIMITS = {
    "always": gettext_noop(
        "Both sides are the same pairs. Nothing here says that a model tuned on the "
        "revised side is better."
    ),
    "intervals": gettext_noop(
        "Intervals are 95 %: by the bootstrap over pairs where a figure is a mean or a "
        "median, else over drawn parts of the pairs. They say how far the figure of "
        "other such pairs may lie, not whether the figure measures the right thing."
    ),
    "no_judge": gettext_noop(
        "No judge was chosen: nothing here says which side is better."
    ),
    "judge": gettext_noop(
        "A rating is a judge's opinion, and judges like long answers: see the pairs of "
        "like length, and how far the change in rating follows the change in length."
    ),
    "embedded": gettext_noop(
        "The embedded judge sees the form of texts (lengths, layout, wording), not "
        "whether they are right. Its ratings are places among the texts that it was "
        "fitted on: they do not compare with those of another judge, nor the paper's."
    ),
    "words": gettext_noop(
        "Words are counted without punctuation; each sign of a script without spaces "
        "counts as one."
    ),
    "languages": gettext_noop(
        "Languages are told by py3langid from the first 400 characters outside code. A "
        "text of fewer than six words, or that is not sure, is counted as unknown."
    ),
    "repeats": gettext_noop(
        "Repeats are found by MinHash (64 numbers, 16 bands) and compared word for "
        "word; nearly the same means that four in five word triples are shared. "
        "Translations and paraphrases are not found."
    ),
    "distinct": gettext_noop(
        "Distinct-n, self-BLEU, spread and Vendi score change with the length of texts "
        "alone, and self-BLEU and Vendi score with their number: compare them at equal "
        "length, where of longer texts only the begin is read."
    ),
    "hashed": gettext_noop(
        "The embedding is made of character n-grams and knows no meaning: spread and "
        "Vendi score say how differently texts are written, not what they say."
    ),
    "openings": gettext_noop(
        "Opening verbs and objects are found by a list of English verbs, not by a "
        "parser: instructions that open otherwise are left out of the map."
    ),
}


def document(
    read: Read,
    order: ReportOrder,
    *,
    judges: Mapping[str, Callable[[], Judge]],
    kept: Path,
    tell: Tell,
    keep: Callable[[list[Json]], None] = lambda _: None,
) -> Json:
    """The whole report; `kept` is the file that ratings are kept in meanwhile, `keep`
    takes the texts that people may be asked to rate."""
    pairs = read.found.pairs
    how = Counted(
        embed=hashed.embed,
        embedding=hashed.NAME,
        seed=order.seed,
        threshold=order.threshold,
    )
    panels = rating.rate(pairs, judges, kept, lambda done, of: tell("rating", done, of))
    keep(for_raters(pairs, panels))
    figures = dataset_figures.figures(pairs, how, lambda: tell("counting", 0, 0))
    return {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "order": order.as_dict(),
        "pairs": len(pairs),
        "left_out": dict(read.found.left_out),
        "ratings": dataset_figures.rated(pairs, panels, how),
        **figures,
        "samples": samples(pairs, panels, order.seed),
        "limits": limits(panels),
        "manifest": manifest(read, panels, how),
    }


def limits(panels: Sequence[Panel]) -> list[str]:
    """The limits of the method, as sentences."""
    unsaid = {"no_judge"} if panels else {"judge"}
    if Kind.EMBEDDED not in [panel.name for panel in panels]:
        unsaid.add("embedded")
    return [sentence for name, sentence in LIMITS.items() if name not in unsaid]


def manifest(read: Read, panels: Sequence[Panel], how: Counted) -> Json:
    """What was read and with what, so that each figure can be counted again."""
    pairs = read.found.pairs
    return {
        "coachlm": __version__,
        "source": dict(read.told),
        "pairs": len(pairs),
        "raw_sha256": digest(pair.raw for pair in pairs),
        "revised_sha256": digest(pair.revised for pair in pairs),
        "judges": [
            {"name": each.name, "version": each.version, **each.papers}
            for each in panels
        ],
        "embedding": how.embedding,
        "threshold": how.threshold,
        "seed": how.seed,
        "resamples": paired.RESAMPLES,
        "drawn_parts": paired.SUBSETS,
    }


def digest(texts: Iterator[PairText]) -> str:
    """SHA-256 of a side: one line of JSON a pair, its three fields in order."""
    found = hashlib.sha256()
    for text in texts:
        fields = [text.instruction, text.input, text.response]
        line = json.dumps(fields, ensure_ascii=False)
        found.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return found.hexdigest()


def samples(
    pairs: Sequence[TwoSides], panels: Sequence[Panel], seed: int
) -> list[Json]:
    """The pairs that the first judge sees rise and fall most, then some drawn ones of
    those that were changed."""
    chosen: dict[int, str] = {}
    if panels:
        rises = dataset_figures.changes(panels[0])
        order = [int(place) for place in np.argsort(rises, kind="stable")]
        known = [place for place in order if np.isfinite(rises[place])]
        for place in known[::-1][:SAMPLES]:
            if rises[place] > 0:
                chosen[place] = "improved"
        for place in known[:SAMPLES]:
            if rises[place] < 0:
                chosen[place] = "worsened"
    changed = [
        place
        for place, pair in enumerate(pairs)
        if pair.raw != pair.revised and place not in chosen
    ]
    drawn = np.random.default_rng(seed).permutation(len(changed))
    wanted = SAMPLES if panels else 2 * SAMPLES
    chosen |= {changed[place]: "drawn" for place in drawn[:wanted]}
    return [
        _sample(pairs[place], kind, {each.name: each.pairs[place] for each in panels})
        for place, kind in chosen.items()
    ]


def for_raters(pairs: Sequence[TwoSides], panels: Sequence[Panel]) -> list[Json]:
    """Pairs that revision changed, whole: those with the least hashes, least first."""
    keys = {
        place: draw(fingerprint(pair.raw))
        for place, pair in enumerate(pairs)
        if pair.raw != pair.revised
    }
    return [
        {
            "number": pairs[place].number,
            "raw": asdict(pairs[place].raw),
            "revised": asdict(pairs[place].revised),
            "judged": {panel.name: _judged(panel, place) for panel in panels},
        }
        for place in sorted(keys, key=lambda place: keys[place])[:MOST_TEXTS]
    ]


def _judged(panel: Panel, place: int) -> Json:
    said = panel.pairs[place]
    return {
        "version": panel.version,
        "raw": said.raw.rating,
        "revised": said.revised.rating,
        "seen": panel.seen[place],
    }


def _sample(pair: TwoSides, kind: str, said: Mapping[str, rating.RatedPair]) -> Json:
    return {
        "kind": kind,
        "number": pair.number,
        "category": pair.category,
        "raw": _cut(pair.raw),
        "revised": _cut(pair.revised),
        "ratings": {
            name: {"raw": _said(one.raw), "revised": _said(one.revised)}
            for name, one in said.items()
        },
    }


def _cut(text: PairText) -> dict[str, str]:
    return {
        name: value if len(value) <= SHOWN else f"{value[:SHOWN]} […]"
        for name, value in asdict(text).items()
    }


def _said(judgement: Judgement) -> Json:
    said = asdict(judgement)
    return said | {"reason": judgement.reason[: rating.REASON]}
