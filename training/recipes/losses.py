"""The loss of a coach on a few rows: two ways to the same number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from training.recipes import packed
from training.recipes.batches import Encoded, padded, unpadded
from training.target_logits import TargetLogits

IGNORE = -100


class Loss(Protocol):
    """Cross-entropy of the target tokens, each times its row's weight, summed."""

    name: str

    def cost(self, rows: Sequence[Encoded]) -> int:
        """The tokens that a pass over these rows computes."""
        ...

    def __call__(self, rows: Sequence[Encoded]) -> Tensor: ...

    def tokens(self, rows: Sequence[Encoded]) -> Tensor:
        """Of each target token alone, row by row, without weights."""
        ...


def _weighted(loss: Loss, rows: Sequence[Encoded]) -> Tensor:
    found = loss.tokens(rows)
    return (found.double() * _weights(rows).to(found.device)).sum()


def by_row(loss: Loss, rows: Sequence[Encoded]) -> Tensor:
    """The loss of each row, summed over its target tokens."""
    lengths = [len(row.target) for row in rows]
    parts = torch.split(loss.tokens(rows).double(), lengths)
    return torch.stack([part.sum() for part in parts])


def fastest(model: Any) -> Loss:
    """The packed pass where the model can take it, else the padded one; the packed one
    gives gradients to an adapter alone."""
    is_whole = not hasattr(model, "peft_config")
    return PaddedLoss(model) if is_whole or packed.why_not(model) else PackedLoss(model)


def base_of(model: Any) -> Any:
    """The model without its adapter, if it has one."""
    return model.get_base_model() if hasattr(model, "peft_config") else model


class PaddedLoss:
    """Any causal language model: a padded batch through its own forward."""

    name = "padded"
    cost = staticmethod(padded)

    def __init__(self, model: Any) -> None:
        self.model = model
        self.whole = base_of(model)
        self.logits = TargetLogits(self.whole)
        for module in model.modules():
            # Autocast brings the adapter down to its input; PEFT would cast that up.
            if hasattr(module, "cast_input_dtype_enabled"):
                module.cast_input_dtype_enabled = self.whole.dtype == torch.float32

    def __call__(self, rows: Sequence[Encoded]) -> Tensor:
        return _weighted(self, rows)

    def tokens(self, rows: Sequence[Encoded]) -> Tensor:
        device, dtype = self.whole.device, self.whole.dtype
        ids, mask, labels = (part.to(device) for part in _pad(rows))
        wanted = labels != IGNORE
        half = dtype if dtype != torch.float32 else torch.bfloat16
        with torch.autocast(device.type, half, enabled=dtype != torch.float32):
            logits = self.logits(ids, mask, wanted)
        return functional.cross_entropy(
            logits.float(), labels[wanted], reduction="none"
        )


def _pad(rows: Sequence[Encoded]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, mask, and at each place the token that is to come next there."""
    shape = (len(rows), max(map(len, rows)))
    ids = torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    labels = torch.full(shape, IGNORE)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row.ids)
        mask[index, : len(row)] = 1
        start = len(row.prompt) - 1  # the last prompt token predicts the first target
        labels[index, start : len(row) - 1] = torch.tensor(row.target)
    return ids, mask, labels


def _weights(rows: Sequence[Encoded]) -> Tensor:
    lengths = torch.tensor([len(row.target) for row in rows])
    return torch.tensor([row.weight for row in rows]).repeat_interleave(lengths)


class PackedLoss:
    """Llama-like models on a CPU: rows one after the other, without padding."""

    name = "packed"
    cost = staticmethod(unpadded)

    def __init__(self, model: Any) -> None:
        self.run = packed.PackedLlama(model)
        self.head = model.get_base_model().get_output_embeddings().weight.detach()

    def __call__(self, rows: Sequence[Encoded]) -> Tensor:
        return _weighted(self, rows)

    def tokens(self, rows: Sequence[Encoded]) -> Tensor:
        lengths = [len(row) for row in rows]
        starts = [sum(lengths[:number]) for number in range(len(rows))]
        ids = torch.tensor([token for row in rows for token in row.ids])
        wanted = torch.cat(
            [
                torch.arange(len(row.prompt) - 1, len(row) - 1) + start
                for row, start in zip(rows, starts, strict=True)
            ]
        )
        targets = torch.tensor([token for row in rows for token in row.target])
        hidden = self.run(lengths, ids, wanted)
        return packed.apply(packed.TargetLoss, hidden, self.head, targets)
