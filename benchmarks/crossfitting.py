"""Do drafts of coaches of parts make a better estimate of which drafts help?

    COACHLM_DATA=FOLDER ./coachlm benchmark crossfitting [pairs] [--folds N]
        [--epochs N] [--good N] [--folder FOLDER] [--only-fit]

Coaches learn all but one fold of `pairs` pairs of expert_revisions.json that the
shipped coach was trained on (drawn by seed), from the base model, in the shipped way:
every seventh of them once more as a pair that stays as it is. Each drafts its fold, and
`--good` experts' texts of it as if they were raw pairs. The estimate is then fitted
with and without these drafts beside those of the shipped coach, whose features lie in
its help_estimate.json, and judged by the latter alone. No pair is alike to one that is
judged by (training/folds.py).

Prints AUC with its interval, the share at which the drafts count, and every threshold:
of the flawed pairs the share shown, those nearer than raw, edit distance, effort saved;
good pairs left alone; and the differences where as many are shown. With `--folder` an
interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.preferring import expert_pairs
from benchmarks.shipped import SHIPPED
from training import folds
from training.config import LoraConfig
from training.evaluation import logistic, quiet, unlearned
from training.evaluation.helpfulness import Estimate, Example, Origin, estimate, example
from training.evaluation.logistic import Numbers
from training.examples import RevisionExample, read_jsonl, write_jsonl
from training.manifest import PRINT_CHARS, Manifest

SEED = 17
GOOD = ":good"
STAYS_EVERY = 7
STEPS = 20
SHOWN = 0.45
RESAMPLES = 2000


def main() -> None:
    """Make what is not there yet, and print what it brings."""
    parser = argparse.ArgumentParser(description="Measure what cross-fitting brings.")
    parser.add_argument("pairs", type=int, nargs="?", default=500)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--good", type=int, default=60, help="good pairs of a fold")
    parser.add_argument("--folder", type=Path, help="keep the run here")
    parser.add_argument("--only-fit", action="store_true", help="on what is there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        if not asked.only_fit:
            _make(folder, asked)
        _tell(own(), list(_crossed(folder)))


def _make(folder: Path, asked: argparse.Namespace) -> None:
    began = time.monotonic()
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    for number, part in enumerate(_parts(asked)):
        place = folder / f"fold{number}"
        if not (place / "config.json").exists():
            _lay_out(place, *part, asked.epochs, asked.good)
        for module in ("training.recipes.coach_lora", "training.evaluation.unlearned"):
            subprocess.run([sys.executable, "-m", module, str(place)], check=True)
        print(f"{place.name} after {time.monotonic() - began:.0f} s", flush=True)


def _parts(
    asked: argparse.Namespace,
) -> Iterator[tuple[list[RevisionExample], list[RevisionExample]]]:
    """What each fold's coach learns, and the fold."""
    known = set(Manifest.read(SHIPPED).trained_on)
    found = list(expert_pairs())
    judged = [e.raw for e in found if e.fingerprint[:PRINT_CHARS] not in known]
    learned = [e for e in found if e.fingerprint[:PRINT_CHARS] in known]
    apart = folds.deal(learned, asked.folds, judged)
    kept = [e for e, part in zip(learned, apart, strict=True) if part != folds.NOWHERE]
    random.Random(SEED).shuffle(kept)
    chosen = kept[: asked.pairs]
    dealt = folds.deal(chosen, asked.folds)
    for number in range(asked.folds):
        both = list(zip(chosen, dealt, strict=True))
        yield (
            [e for e, part in both if part != number],
            [e for e, part in both if part == number],
        )


def _lay_out(
    folder: Path,
    learned: Sequence[RevisionExample],
    drafted: Sequence[RevisionExample],
    epochs: int,
    good: int,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stays = [e for e in learned if int(e.fingerprint[-4:], 16) % STAYS_EVERY == 0]
    write_jsonl(folder / "train.jsonl", [*learned, *map(_as_good, stays)])
    write_jsonl(folder / "held_out.jsonl", [])
    told = [*drafted, *map(_as_good, drafted[:good])]
    write_jsonl(folder / unlearned.EXAMPLES, told)
    config = LoraConfig(epochs=epochs)
    (folder / "config.json").write_text(json.dumps(config.as_dict()))


def _as_good(one: RevisionExample) -> RevisionExample:
    return replace(one, source_id=one.source_id + GOOD, raw=one.revised, distance=0)


def own() -> list[Example]:
    """The shipped coach's drafts of pairs that it had not seen."""
    papers = json.loads((SHIPPED / "help_estimate.json").read_text())
    found = Estimate.from_dict(papers["estimate"]).examples
    return [replace(each, probability=None) for each in found if each.is_own]


def _crossed(folder: Path) -> Iterator[Example]:
    for place in sorted(folder.glob("fold*")):
        examples = {e.source_id: e for e in read_jsonl(place / unlearned.EXAMPLES)}
        for draft in unlearned.drafts_in(place):
            one = examples[draft.key]
            if not draft.problem:
                yield example(
                    key=draft.key,
                    origin=Origin.CROSS_FITTED,
                    raw=one.raw,
                    draft=draft.text,
                    final=one.revised,
                    mean_logprob=draft.mean_logprob,
                )


def _tell(mine: Sequence[Example], crossed: Sequence[Example]) -> None:
    changed = [each for each in crossed if each.features]
    flawed = [each for each in crossed if each.distance_raw]
    print(
        f"{len(crossed)} usable drafts of folds, {len(flawed)} of flawed pairs; "
        f"{len(changed)} change their pair, {sum(e.helps for e in changed)} help"
    )
    saved = quiet.point([replace(e, probability=1.0) for e in flawed if e.features], 0)
    whole = sum(e.distance_raw for e in flawed)
    print(f"taken as they come: effort saved {saved.saved / max(whole, 1):.3f}")
    alone, beside = estimate(mine), estimate([*mine, *crossed])
    _tell_one("own alone", alone)
    _tell_one("beside, share chosen", beside)
    _tell_one("folds alone", _asked(mine, crossed))
    if alone and beside:
        _tell_differences(list(alone.judged), list(beside.judged))


def _tell_differences(alone: Sequence[Example], beside: Sequence[Example]) -> None:
    """Beside less alone, with as many drafts shown, over the same resampled drafts."""
    print(f"\nthe {SHOWN:.0%} of the flawed pairs that are likeliest to be helped:")
    chance, found = np.random.default_rng(SEED), []
    for _ in range(RESAMPLES):
        drawn = chance.integers(0, len(alone), len(alone))
        found.append(_at(beside, drawn) - _at(alone, drawn))
    low, high = np.percentile(np.array(found), (2.5, 97.5), axis=0)
    every = np.arange(len(alone))
    one, other = _at(alone, every), _at(beside, every)
    for place, name in enumerate(("AUC", "nearer", "ratio", "saved", "good alone")):
        print(
            f"{name:10}  {one[place]:.3f} -> {other[place]:.3f}, difference "
            f"{other[place] - one[place]:.3f} [{low[place]:.3f}, {high[place]:.3f}]"
        )


def _at(examples: Sequence[Example], drawn: NDArray[np.int64]) -> Numbers:
    rows = [examples[place] for place in drawn]
    flawed = [each for each in rows if each.distance_raw]
    told = sorted((e.probability or 0.0 for e in flawed), reverse=True)
    threshold = max(told[math.ceil(SHOWN * len(flawed)) - 1], 1e-9)
    at, good = quiet.point(flawed, threshold), quiet.point(rows, threshold)
    changed = [each for each in rows if each.features]
    yes = np.array([float(each.helps) for each in changed])
    area = logistic.area(np.array([e.probability or 0.0 for e in changed]), yes)
    alone = good.left_alone / max(good.good, 1)
    return np.array(
        [area, at.helped_share or 0, at.ratio or 0, at.saved_share or 0, alone]
    )


def _asked(mine: Sequence[Example], crossed: Sequence[Example]) -> Estimate | None:
    """Fitted on the folds' drafts, asked of the coach's own."""
    found = estimate([replace(each, origin=Origin.REVIEWED) for each in crossed])
    if found is None:
        return None
    told = [
        replace(e, probability=found.told(e.features) if e.features else None)
        for e in mine
    ]
    changed = [each for each in told if each.features]
    scores = np.array([each.probability for each in changed])
    auc = logistic.area(scores, np.array([float(each.helps) for each in changed]))
    return replace(found, examples=told, auc=auc, auc_low=math.nan, auc_high=math.nan)


def _tell_one(name: str, found: Estimate | None) -> None:
    if found is None:
        print(f"\n{name}: too few")
        return
    judged = found.judged
    interval = f"[{found.auc_low:.3f}, {found.auc_high:.3f}]"
    print(f"\n{name}: AUC {found.auc:.3f} {interval}, share {found.share}")
    print("from   shown  nearer  ratio  saved  good alone")
    flawed = [each for each in judged if each.distance_raw]
    for step in range(STEPS):
        threshold = step / STEPS
        at = quiet.point(flawed, threshold)
        alone = quiet.point(judged, threshold)
        print(
            f"{threshold:.2f}   {at.shown_share:5.3f}  {at.helped_share or 0:5.3f}  "
            f"{at.ratio or 0:5.3f}  {at.saved_share or 0:5.4f}  "
            f"{alone.left_alone / max(alone.good, 1):5.3f}"
        )


if __name__ == "__main__":
    main()
