"""Examples as token ids, and the batches they are trained in."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, TypeVar

from revision_engine import prompts
from training.config import LoraConfig
from training.examples import RevisionExample

Row = TypeVar("Row", bound=Sized)
"""An example, or a choice between two."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as token ids; the loss is taken on the target alone."""

    prompt: list[int]
    target: list[int]
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.prompt) + len(self.target)

    @property
    def ids(self) -> list[int]:
        return self.prompt + self.target


def encode(
    examples: Sequence[RevisionExample], tokenizer: Any, config: LoraConfig
) -> list[Encoded]:
    """Tokenize; leave out what is longer than `max_tokens`."""
    prompt = prompts.by_version(config.prompt)
    rows = []
    for example in examples:
        asked = prompt.render(example.raw, config.wording)
        answer = prompt.target(example.revised, example.raw)
        row = Encoded(
            prompts.chat_ids(tokenizer, asked),
            [*prompts.text_ids(tokenizer, answer), tokenizer.eos_token_id],
            example.weight,
        )
        if len(row) <= config.max_tokens:
            rows.append(row)
    return rows


def some_of(
    examples: Sequence[RevisionExample], limit: int
) -> Sequence[RevisionExample]:
    """At most `limit` examples (0: all), chosen by their text alone: the same for
    every run, and about the same when the set grows."""
    if not limit or len(examples) <= limit:
        return examples
    return sorted(examples, key=lambda e: _digest(e.fingerprint))[:limit]


def _digest(fingerprint: str) -> str:
    # Not the fingerprint itself: what is held out may have been chosen by it.
    return hashlib.sha256(f"measured:{fingerprint}".encode()).hexdigest()


def target_tokens(rows: Sequence[Encoded]) -> int:
    return sum(len(row.target) for row in rows)


def weighted_tokens(rows: Sequence[Encoded]) -> float:
    """What a batch's summed loss is divided by."""
    return sum(row.weight * len(row.target) for row in rows)


def epoch_batches(
    rows: Sequence[Row], epoch: int, config: LoraConfig
) -> list[list[Row]]:
    """The epoch's optimizer batches; a function of seed and epoch alone."""
    order = list(rows)
    random.Random(f"{config.seed}:{epoch}").shuffle(order)
    return [
        order[start : start + config.batch_size]
        for start in range(0, len(order), config.batch_size)
    ]


Cost = Callable[[Sequence[Any]], int]
"""The tokens that a forward pass over these rows computes."""


def padded(rows: Sequence[Sized]) -> int:
    return max(map(len, rows)) * len(rows)


def unpadded(rows: Sequence[Sized]) -> int:
    return sum(map(len, rows))


def micro_batches(
    rows: Sequence[Row], budget: int, cost: Cost = padded
) -> Iterator[list[Row]]:
    """Cut rows, shortest first, into batches that cost at most `budget` tokens; a row
    that alone costs more is a batch of its own."""
    batch: list[Row] = []
    for row in sorted(rows, key=len):
        if batch and cost([*batch, row]) > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
