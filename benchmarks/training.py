"""How long does an epoch take, beside TRL's SFTTrainer?

    COACHLM_DATA=FOLDER ./coachlm benchmark training [examples] [--epochs N]
        [--held-out N] [--batches N [N ...]]

Takes the same examples of expert_revisions.json (seeded shuffle, lengths as they come),
the same token ids, base model, LoRA, learning rates and batch size for both. Each side
is a process of its own: the recipe as the product starts it, then the trainer with
each number of rows a pass, then the recipe again, so that a machine that slows down
shows. The recipe's seconds are those of its steps, the trainer's those of its epochs;
loading is in neither. The held-out loss of every adapter is taken by one function, the
padded pass, on pairs that nobody trained on.

Prints seconds an epoch, tokens a second, peak memory, held-out loss, and the ratio to
the trainer's best.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import base_models
from revision_engine.types import PairText
from training.config import LoraConfig
from training.examples import RevisionExample, read_jsonl, write_jsonl
from training.recipes.batches import encode, micro_batches, target_tokens
from training.recipes.losses import PaddedLoss

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Measured:
    """One side's run over all epochs."""

    name: str
    seconds: float
    """An epoch."""
    tokens: int
    """An epoch."""
    peak_mb: float
    loss: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the recipe beside TRL.")
    parser.add_argument("examples", type=int, nargs="?", default=200)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--held-out", type=int, default=50)
    parser.add_argument("--batches", type=int, nargs="*", default=[2, 4, 8])
    options = parser.parse_args()
    if find_spec("trl") is None:
        wanted = ["-r", str(HERE / "requirements.txt")]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", *wanted], check=True
        )
    base_models.resolve(base_models.DEFAULT)
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}", flush=True)
    runs = [_recipe("the recipe", options)]
    _tell(runs[-1], None)
    theirs = []
    for batch in options.batches:
        theirs.append(_trainer(f"SFTTrainer, {batch} rows a pass", options, batch))
        _tell(theirs[-1], None)
    best = min(theirs, key=lambda run: run.seconds)
    runs.append(_recipe("the recipe again", options))
    for run in (best, *runs):
        _tell(run, best)
    print(f"load of the machine after: {os.getloadavg()[0]:.1f}")


def _tell(run: Measured, best: Measured | None) -> None:
    line = (
        f"{run.name}: {run.seconds:.1f} s an epoch, {run.tokens / run.seconds:.0f} "
        f"tokens/s, peak {run.peak_mb:.0f} MB, held-out loss {run.loss:.4f}"
    )
    if best:
        line += f"; {best.seconds / run.seconds:.2f} times the trainer's speed"
    print(line, flush=True)


def _recipe(name: str, options: argparse.Namespace) -> Measured:
    with tempfile.TemporaryDirectory() as place:
        folder = _folder(Path(place), options)
        peak = _run("training.recipes.coach_lora", str(folder))
        told = [
            json.loads(line)
            for line in (folder / "progress.jsonl").read_text().splitlines()
        ]
        steps = [line for line in told if line["kind"] == "step"]
        return Measured(
            name,
            sum(step["seconds"] for step in steps) / options.epochs,
            sum(step["tokens"] for step in steps) // options.epochs,
            peak,
            _held_out_loss(folder, folder / "adapter"),
        )


def _trainer(name: str, options: argparse.Namespace, batch: int) -> Measured:
    with tempfile.TemporaryDirectory() as place:
        folder = _folder(Path(place), options)
        _run("benchmarks.trl_peer", str(folder), str(batch))
        told = json.loads((folder / "peer.json").read_text())
        return Measured(
            name,
            sum(told["seconds"]) / options.epochs,
            told["tokens"],
            told["peak_mb"],
            _held_out_loss(folder, folder / "peer"),
        )


def _run(*module: str) -> float:
    """Run a side to its end; its peak memory, in MB."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{module[0]} failed: {said[-2000:]}")
    return _megabytes(usage)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def _folder(folder: Path, options: argparse.Namespace) -> Path:
    """A run folder; measured by us, so the recipe holds nothing out."""
    config = LoraConfig(epochs=options.epochs)
    (folder / "config.json").write_text(json.dumps(config.as_dict()))
    examples = _examples(options.examples + options.held_out)
    write_jsonl(folder / "train.jsonl", examples[: options.examples])
    write_jsonl(folder / "held_out.jsonl", [])
    write_jsonl(folder / "measured.jsonl", examples[options.examples :])
    return folder


def _examples(count: int) -> Sequence[RevisionExample]:
    folder = Path(os.environ.get("COACHLM_DATA", "../shared/data"))
    pairs = json.loads((folder / "expert_revisions.json").read_text())
    random.Random(1).shuffle(pairs)
    return [
        RevisionExample(
            source_id=str(number),
            raw=_text(pair, "Raw"),
            revised=_text(pair, "Revised"),
            distance=pair["Distance"],
        )
        for number, pair in enumerate(pairs[:count])
    ]


def _text(pair: dict[str, str], side: str) -> PairText:
    return PairText(
        instruction=pair[f"{side} Instruction"],
        input=pair[f"{side} Input"],
        response=pair[f"{side} Response"],
    )


@torch.no_grad()
def _held_out_loss(folder: Path, adapter: Path) -> float:
    config = LoraConfig.from_dict(json.loads((folder / "config.json").read_text()))
    source = base_models.resolve(config.base_model)
    tokenizer = AutoTokenizer.from_pretrained(source)
    base = AutoModelForCausalLM.from_pretrained(source, dtype=torch.bfloat16)
    loss = PaddedLoss(PeftModel.from_pretrained(base, adapter))
    rows = encode(list(read_jsonl(folder / "measured.jsonl")), tokenizer, config)
    passes = micro_batches(rows, config.micro_batch_tokens, loss.cost)
    return sum(loss(part).item() for part in passes) / target_tokens(rows)


if __name__ == "__main__":
    main()
