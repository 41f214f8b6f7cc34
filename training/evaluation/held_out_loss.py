"""How surprising the experts' texts are to a coach: nats for each held-out pair.

    python -m training.evaluation.held_out_loss RUN_FOLDER [--adapter FOLDER]
        [--limit N]

Reads what training.evaluation.held_out reads, and adds a line a pair to
`losses.jsonl`: the summed cross-entropy of the expert's text (its end included), given
the raw pair, and how many tokens that is. A process of its own, since it loads torch
and must give the memory back. Pairs longer than the context are left out; a pair that
has its line is not measured again.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import base_models, prompts
from revision_engine.adapters import verified_folder
from revision_engine.types import CoachRef
from training.evaluation.coaches import coach_of
from training.evaluation.done_lines import keep, kept
from training.examples import RevisionExample, read_jsonl
from training.target_logits import TargetLogits

NAME = "losses.jsonl"
CONTEXT_TOKENS = 2048
BATCH_TOKENS = 2048
"""Padded tokens a forward pass."""
IGNORE = -100


@dataclass(frozen=True, slots=True)
class EncodedPair:
    """One pair as token ids; the loss is taken on the target alone."""

    source_id: str
    prompt: list[int]
    target: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)


def measure(folder: Path, *, adapter: Path | None, limit: int | None = None) -> None:
    """Add the lines that are missing for this coach."""
    parent, path = os.getppid(), folder / NAME
    coach, store = coach_of(adapter or folder / "adapter", folder)
    done = {row["source_id"] for row in kept(path, coach)}
    examples = islice(read_jsonl(folder / "held_out.jsonl"), limit)
    todo = [example for example in examples if example.source_id not in done]
    if not todo:
        return
    model, tokenizer = load(coach, store)
    logits_at = TargetLogits(model.get_base_model())
    for batch in _batches(encode(todo, tokenizer, coach)):
        for row, loss in zip(batch, losses(logits_at, batch), strict=True):
            tokens = len(row.target)
            keep(path, coach, source_id=row.source_id, loss=loss, tokens=tokens)
        if os.getppid() != parent:
            raise SystemExit("The process that started this evaluation is gone.")


def load(coach: CoachRef, store: Path) -> tuple[Any, Any]:
    """The base in bf16 with the coach's adapter, and its tokenizer."""
    source = base_models.resolve(coach.base_model)
    revision = coach.base_revision or "main"
    adapter = verified_folder(store, coach.adapter, coach.adapter_sha256)
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    base = AutoModelForCausalLM.from_pretrained(
        source,
        revision=revision,
        dtype=torch.bfloat16,
        use_safetensors=True,
    )
    model = PeftModel.from_pretrained(base, adapter, use_safetensors=True)
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer


def encode(
    examples: Sequence[RevisionExample], tokenizer: Any, coach: CoachRef
) -> list[EncodedPair]:
    """Token ids as in training; without the pairs that are too long."""
    prompt = prompts.by_version(coach.prompt)
    rows = []
    for example in examples:
        asked = prompt.render(example.raw, coach.wording)
        answer = prompt.target(example.revised, example.raw)
        row = EncodedPair(
            example.source_id,
            prompts.chat_ids(tokenizer, asked),
            [*prompts.text_ids(tokenizer, answer), tokenizer.eos_token_id],
        )
        if len(row) <= CONTEXT_TOKENS:
            rows.append(row)
    return rows


def _batches(rows: Sequence[EncodedPair]) -> Iterator[list[EncodedPair]]:
    """Shortest first, so that little is padded; at least one row each."""
    batch: list[EncodedPair] = []
    for row in sorted(rows, key=len):
        if batch and len(row) * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


@torch.no_grad()
def losses(logits_at: TargetLogits, rows: Sequence[EncodedPair]) -> list[float]:
    """Each row's cross-entropy in nats, summed over its target."""
    shape = len(rows), max(map(len, rows))
    ids = torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    labels = torch.full(shape, IGNORE)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = torch.tensor(row.prompt + row.target)
        mask[place, : len(row)] = 1
        start = len(row.prompt) - 1  # the last prompt token predicts the first target
        labels[place, start : len(row) - 1] = torch.tensor(row.target)
    device = logits_at.whole.device
    wanted = labels != IGNORE
    with torch.autocast(device.type, torch.bfloat16):
        logits = logits_at(ids.to(device), mask.to(device), wanted.to(device))
    each = functional.cross_entropy(
        logits.float(), labels[wanted].to(device), reduction="none"
    )
    parts = torch.split(each, [len(row.target) for row in rows])
    return [float(part.sum()) for part in parts]


def main() -> None:
    """Measure the coach that the command line names."""
    parser = argparse.ArgumentParser(description="A coach's loss on held-out pairs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--adapter", type=Path, help="instead of the run's own")
    parser.add_argument("--limit", type=int, help="only so many pairs")
    measure(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
