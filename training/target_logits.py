"""A causal model's logits at the few places that have a target."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class TargetLogits:
    """Only those places go through the vocabulary projection, which for a small model
    is a quarter of the work.

    Some models squeeze or scale what comes out of their head (Gemma 2, Granite). Those
    are found out by asking, once, whether the head alone says what the model says; they
    compute their own logits, at each place where any row has a target.
    """

    def __init__(self, whole: Any) -> None:
        self.whole = whole
        self.backbone = getattr(whole, whole.base_model_prefix)
        self.is_plain = self._is_plain()

    @torch.no_grad()
    def _is_plain(self) -> bool:
        ids = torch.arange(4, device=self.whole.device)[None]
        was_training = self.whole.training
        self.whole.eval()
        whole = self.whole(input_ids=ids, use_cache=False).logits
        head = self._head(self._hidden(ids, torch.ones_like(ids)))
        self.whole.train(was_training)
        scale = head.abs().max().item()
        return torch.allclose(whole.float(), head.float(), atol=0.01 * scale)

    def __call__(self, ids: Tensor, mask: Tensor, wanted: Tensor) -> Tensor:
        """One line for each place that is wanted, row by row."""
        if self.is_plain:
            return self._head(self._hidden(ids, mask)[wanted])
        places = wanted.any(0).nonzero()[:, 0]
        logits: Tensor = self.whole(
            input_ids=ids, attention_mask=mask, use_cache=False, logits_to_keep=places
        ).logits
        return logits[wanted[:, places]]

    def _hidden(self, ids: Tensor, mask: Tensor) -> Tensor:
        found: Tensor = self.backbone(
            input_ids=ids, attention_mask=mask, use_cache=False
        ).last_hidden_state
        return found

    def _head(self, hidden: Tensor) -> Tensor:
        found: Tensor = self.whole.get_output_embeddings()(hidden)
        return found
