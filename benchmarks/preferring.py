"""What does a second stage bring, learned from what people decided about drafts?

    COACHLM_DATA=FOLDER ./coachlm benchmark preferring [pairs] [--held-out N]
        [--most-characters N] [--epochs N] [--folder FOLDER]

The shipped coach drafts `pairs` of the pairs of expert_revisions.json that it was
trained on (an order drawn by seed). A simulated reviewer decides about each change of
a draft: they take it if the raw text with that change alone is nearer to the expert's
text (Levenshtein, characters), and reject it otherwise; they write nothing themselves.
So there are kept raw pairs, final texts over drafts, rejected and taken changes
(annotator/domain/preferring.py), no returns and no candidates. The recipe learns them
(coach_preference, as the product starts it); then the coach before and after draft the
same held-out pairs, which neither has seen, and are measured as any run is.

Pairs longer than `--most-characters`, raw and expert's text together, are passed over
on both sides: they take the most time. With `--folder` an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from annotator.domain.diffs import word_diff
from annotator.domain.preferring import PairDeeds, ShownDraft, preferences
from benchmarks import shipped
from benchmarks.shipped import SHIPPED
from revision_engine.backends.local import LocalBackend
from revision_engine.pipeline import drafts
from revision_engine.types import DraftRequest, PairText
from training.config import PREFERENCE_DEFAULTS, Learns, LoraConfig
from training.evaluation import held_out
from training.evaluation.gate import decide
from training.evaluation.metrics import recount
from training.evaluation.rule import Rule
from training.examples import FIELDS, RevisionExample, edit_distance, write_jsonl
from training.manifest import PRINT_CHARS, START, Manifest
from training.preferences import NAME, Preference, write_preferences

SHAPE = ("rank", "lora_alpha", "targets")
SEED = 17


def main() -> None:
    """Print the decisions, the losses, and the figures before and after."""
    parser = argparse.ArgumentParser(description="Measure what a second stage brings.")
    parser.add_argument("pairs", type=int, nargs="?", default=200)
    parser.add_argument("--held-out", type=int, default=200)
    parser.add_argument("--most-characters", type=int, default=2000)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep the run here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = asked.folder or Path(place)
        folder.mkdir(parents=True, exist_ok=True)
        _measure(folder, asked)


def _measure(folder: Path, asked: argparse.Namespace) -> None:
    papers = Manifest.read(SHIPPED)
    train, kept = _split(papers, asked)
    print(f"load {os.getloadavg()[0]:.1f}; {len(train)} pairs, {len(kept)} held out")
    began = time.monotonic()
    if not (folder / NAME).exists():
        _lay_out(folder, papers, train, kept, asked.epochs)
    _tell_decisions(folder)
    print(f"drafted after {time.monotonic() - began:.0f} s", flush=True)
    recipe = [sys.executable, "-m", "training.recipes.coach_preference", str(folder)]
    subprocess.run(recipe, check=True)
    _tell_losses(folder)
    print(f"learned after {time.monotonic() - began:.0f} s", flush=True)
    report = held_out.evaluate(folder, current=SHIPPED)
    print(f"measured after {time.monotonic() - began:.0f} s", flush=True)
    _tell_figures(report)


def _split(
    papers: Manifest, asked: argparse.Namespace
) -> tuple[list[RevisionExample], list[RevisionExample]]:
    """Pairs that the shipped coach was trained on, and pairs that it has not seen."""
    found = [e for e in expert_pairs() if _length(e) <= asked.most_characters]
    random.Random(SEED).shuffle(found)
    known = set(papers.trained_on)
    sides: tuple[list[RevisionExample], ...] = ([], [])
    for example in found:
        sides[example.fingerprint[:PRINT_CHARS] not in known].append(example)
    return sides[0][: asked.pairs], sides[1][: asked.held_out]


def expert_pairs() -> Iterator[RevisionExample]:
    folder = Path(os.environ.get("COACHLM_DATA", "../shared/data"))
    pairs = json.loads((folder / "expert_revisions.json").read_text())
    for row, pair in enumerate(pairs):
        raw, revised = (
            PairText(**{name: pair[f"{side} {name.title()}"] for name in FIELDS})
            for side in ("Raw", "Revised")
        )
        yield RevisionExample(
            source_id=f"row:{row}",
            raw=raw,
            revised=revised,
            distance=edit_distance(raw, revised),
        )


def _length(example: RevisionExample) -> int:
    texts = (example.raw, example.revised)
    return sum(len(getattr(text, name)) for text in texts for name in FIELDS)


def _lay_out(
    folder: Path,
    papers: Manifest,
    train: Sequence[RevisionExample],
    kept: Sequence[RevisionExample],
    epochs: int,
) -> None:
    """What the recipe reads, the preferences last."""
    shape = {name: papers.config[name] for name in SHAPE}
    config = LoraConfig(
        base_model=papers.base_model,
        base_revision=papers.base_revision,
        prompt=papers.prompt,
        wording=papers.wording,
        start_from=papers.adapter_sha256,
        learns=Learns.PREFERENCES,
        **{**PREFERENCE_DEFAULTS, "epochs": epochs, **shape},
    )
    (folder / "config.json").write_text(json.dumps(config.as_dict()))
    shutil.copytree(SHIPPED, folder / START, dirs_exist_ok=True)
    write_jsonl(folder / "train.jsonl", train)
    write_jsonl(folder / "held_out.jsonl", kept)
    write_preferences(folder / NAME, list(_decided(train)))


def _decided(train: Sequence[RevisionExample]) -> Iterator[Preference]:
    coach = shipped.coach()
    backend = LocalBackend(coach, SHIPPED.parent.absolute())
    by_key = {example.source_id: example for example in train}
    requests = [DraftRequest(key=key, text=e.raw) for key, e in by_key.items()]
    written = {one.key: one for one in drafts(coach, backend, requests)}
    for key, example in by_key.items():
        if not written[key].problem:
            draft = ShownDraft(written[key].text)
            yield from preferences(
                PairDeeds(
                    source_id=key,
                    raw=example.raw,
                    final=reviewed(example, draft.text),
                    draft=draft,
                )
            )


def reviewed(example: RevisionExample, draft: PairText) -> PairText:
    """The raw pair with those changes of the draft that bring it nearer to the expert's
    text."""
    return PairText(
        **{
            name: _reviewed(*(getattr(text, name) for text in texts))
            for texts in [(example.raw, draft, example.revised)]
            for name in FIELDS
        }
    )


def _reviewed(raw: str, draft: str, expert: str) -> str:
    found = word_diff(raw, draft)
    before = [hunk.before for hunk in found]
    now = _far(raw, expert)
    sides = []
    for place, hunk in enumerate(found):
        alone = "".join([*before[:place], hunk.after, *before[place + 1 :]])
        sides.append(hunk.after if _far(alone, expert) < now else hunk.before)
    return "".join(sides)


def _far(text: str, expert: str) -> int:
    return edit_distance(
        PairText(instruction="", response=text),
        PairText(instruction="", response=expert),
    )


def _tell_decisions(folder: Path) -> None:
    lines = (folder / NAME).read_text().splitlines()
    kinds = Counter(json.loads(line)["kind"] for line in lines)
    print(f"{kinds.total()} preferences: {dict(kinds)}")


def _tell_losses(folder: Path) -> None:
    for line in (folder / "progress.jsonl").read_text().splitlines():
        told = json.loads(line)
        match told["kind"]:
            case "start":
                print(f"{told['examples']} learned, {told['too_long']} too long")
            case "step":
                print(f"step {told['step']}: {told['loss']:.4f}, {told['seconds']} s")
            case "held_out":
                print(f"held-out loss at step {told['step']}: {told['loss']:.4f}")


def _tell_figures(report: dict[str, Any]) -> None:
    """Of the raw pairs, the coach before and after, and after less before."""
    found = recount(report["samples"])
    for figure in found:
        if not figure.category:
            low, high = figure.low, figure.high
            said = f"{figure.value:.3f} [{low:.3f}, {high:.3f}]"
            print(f"{figure.name:24} {figure.side:12} {said}")
    gate = decide(Rule(), found)
    print(f"the gate says: {gate.outcome}")


if __name__ == "__main__":
    main()
