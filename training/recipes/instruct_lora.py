"""Tune a language model on one dataset, to see what the dataset is worth.

    python -m training.recipes.instruct_lora RUN_FOLDER --seen EXAMPLES [--full]

The folder holds `config.json` (a LoraConfig whose prompt is `answer-1`) and
`dataset.jsonl` (RevisionExamples, of which the revised side is learned). The rest is
the coach's recipe (coach_lora): progress, checkpoints, cancelling and `adapter/`. With
--full all weights of the model learn, and it lies in `model/`, as a base model does.

So that datasets of different sizes can be compared, a run sees EXAMPLES of them,
whatever their size: a small dataset is gone through more often, a large one not to its
end. All such runs then take the same number of steps, with the same learning rates.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from revision_engine import prompts
from training.causes import Cause, Failed
from training.config import LoraConfig
from training.examples import read_jsonl, write_jsonl
from training.progress import telling
from training.recipes import coach_lora, loading

Row = TypeVar("Row")


def lay_out(folder: Path, seen: int) -> None:
    """Write the `train.jsonl` that the recipe learns from; one that is there stays.

    Failed if the configuration is a coach's, or the dataset is empty.
    """
    config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    if config.prompt != prompts.ANSWER or config.epochs != 1:
        raise Failed(
            Cause.SETTING,
            f"config.json must have the prompt {prompts.ANSWER!r} and one epoch, got "
            f"{config.prompt!r} and {config.epochs}.",
        )
    if (folder / "train.jsonl").exists():
        return
    rows = list(read_jsonl(folder / "dataset.jsonl"))
    if not rows:
        raise Failed(Cause.SETTING, "dataset.jsonl has no example to learn from.")
    chosen = [replace(row, raw=row.revised) for row in cycled(rows, seen, config.seed)]
    write_jsonl(folder / "held_out.jsonl", ())
    write_jsonl(folder / "train.jsonl", chosen)


def cycled(rows: Sequence[Row], count: int, seed: int) -> Iterator[Row]:
    """`count` of the rows, each as often as any other or once more, in an order that
    the seed decides."""
    whole, rest = divmod(count, len(rows))
    for turn in range(whole + bool(rest)):
        order = list(rows)
        random.Random(f"{seed}:{turn}").shuffle(order)
        yield from order if turn < whole else order[:rest]


def main() -> None:
    """Tune in the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Tune a model on a dataset.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seen", type=int, required=True, help="examples in all")
    parser.add_argument("--full", action="store_true", help="without an adapter")
    asked = parser.parse_args()
    load = loading.load_whole if asked.full else loading.load_model
    with telling(asked.folder):
        lay_out(asked.folder, asked.seen)
        coach_lora.train_in_memory(asked.folder, load=load)


if __name__ == "__main__":
    main()
