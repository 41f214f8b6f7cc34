"""A coach by transformers and peft as they are: any model that they load, on CUDA when
there is one, in bf16 where the machine multiplies it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
)

from revision_engine import base_models
from revision_engine.backends import limits
from revision_engine.backends.local import LocalBackend, adapter_folder
from revision_engine.converting import token_bytes
from revision_engine.types import CoachRef
from revision_engine.writing import CONTEXT_TOKENS, Text, Writer


class HfBackend(LocalBackend):
    """One coach on this machine, by transformers whatever else it has."""

    def load(self) -> Writer:
        return load(self.coach, self.store)


def load(coach: CoachRef, store: Path) -> HfWriter:
    """Load the base and merge the adapter into it: writing then runs at base speed."""
    folder = adapter_folder(coach, store)
    source = base_models.resolve(coach.base_model)
    revision = coach.base_revision or "main"
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    model: Any = AutoModelForCausalLM.from_pretrained(
        source, revision=revision, dtype=dtype(), use_safetensors=True
    )
    if folder:
        model = PeftModel.from_pretrained(model, folder, use_safetensors=True)
        model = model.merge_and_unload(safe_merge=True)
    return HfWriter(model.to(device()).eval(), tokenizer)


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def dtype() -> torch.dtype:
    """bf16 where the processor multiplies it; elsewhere fp32 is faster."""
    ops: Any = torch.ops.mkldnn
    fast = torch.cuda.is_available() or ops._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """What ends a turn: the tokenizer's end, on which coaches are trained, and the
    base model's own."""
    known = model.generation_config.eos_token_id
    known = known if isinstance(known, list) else [known]
    ends = [tokenizer.eos_token_id, *known]
    found = list(dict.fromkeys(token for token in ends if token is not None))
    if not found:
        raise ValueError("The base model has no token that ends a text (eos_token).")
    return found


class HfWriter:
    """Writes texts in batches by `generate`, which runs in a thread of its own: what
    is done is handed over while the rest is written on."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model, self.tokenizer = model, tokenizer
        self.ends = end_tokens(model, tokenizer)
        most = getattr(model.config, "max_position_embeddings", CONTEXT_TOKENS)
        self.context = min(most, CONTEXT_TOKENS)
        self.token_bytes = token_bytes(model.config.to_dict(), model.dtype.itemsize)

    def fits(self, text: Text) -> bool:
        return self._bytes(text) <= limits.CACHE_BYTES

    def _bytes(self, text: Text) -> int:
        return (len(text.prompt) + text.limit) * self.token_bytes

    def write(
        self, texts: Sequence[Text], before_step: Callable[[], None] = lambda: None
    ) -> Iterator[Text]:
        waiting = sorted(texts, key=lambda text: -len(text.prompt))
        while waiting:
            batch, waiting = self._batch(waiting)
            yield from self._write(batch, before_step)
            waiting = [text for text in batch if not text.done] + waiting

    def _batch(self, waiting: list[Text]) -> tuple[list[Text], list[Text]]:
        """As many as there may be at once: all are as wide as the widest."""
        widest, count = 0, 0
        for text in waiting[: limits.ROWS]:
            widest = max(widest, self._bytes(text))
            if count and widest * (count + 1) > limits.CACHE_BYTES:
                break
            count += 1
        return waiting[:count], waiting[count:]

    def _write(
        self, batch: Sequence[Text], before_step: Callable[[], None]
    ) -> Iterator[Text]:
        steps = _Steps(batch, self.ends)
        thread = threading.Thread(target=self._generate, args=(batch, steps))
        thread.start()
        try:
            while (news := steps.news.get()) is not None:
                if isinstance(news, BaseException):
                    raise news
                if isinstance(news, Text):
                    yield news
                    continue
                before_step()
                steps.go_on.set()
        finally:
            steps.given_up = True
            steps.go_on.set()
            thread.join()

    @torch.inference_mode()
    def _generate(self, batch: Sequence[Text], steps: _Steps) -> None:
        try:
            rows = [text.tokens for text in batch]
            width = max(map(len, rows))
            pad = self.ends[0]
            self.model.generate(
                input_ids=self._ids([[pad] * (width - len(r)) + r for r in rows]),
                attention_mask=self._ids(
                    [[0] * (width - len(r)) + [1] * len(r) for r in rows]
                ),
                generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
                    max_new_tokens=max(
                        text.limit - len(text.written) for text in batch
                    ),
                    do_sample=False,
                    pad_token_id=pad,
                    eos_token_id=None,
                ),
                logits_processor=LogitsProcessorList([steps]),
                stopping_criteria=StoppingCriteriaList([_Done(steps)]),
            )
            steps.news.put(None)
        except BaseException as fault:
            steps.news.put(fault)

    def _ids(self, rows: Sequence[Sequence[int]]) -> Tensor:
        return torch.tensor(rows, device=self.model.device)


class _Steps(LogitsProcessor):
    """Chooses each text's next token, and hands the text over when it is done."""

    def __init__(self, batch: Sequence[Text], ends: Sequence[int]) -> None:
        self.batch, self.ends = batch, frozenset(ends)
        self.chance = [_generator(text) for text in batch]
        self.closed = [False] * len(batch)
        self.news: queue.SimpleQueue[Text | BaseException | str | None] = (
            queue.SimpleQueue()
        )
        self.go_on = threading.Event()
        self.given_up = False

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        self._wait()
        chosen = torch.full_like(scores, -torch.inf)
        sums = scores.float().logsumexp(-1).tolist()
        for row, text in enumerate(self.batch):
            token = 0
            if not self.closed[row]:
                token = self._choose(row, scores[row])
                score = float(scores[row, token]) - sums[row]
                self.closed[row] = not text.take([token], [score], self.ends)
                if text.done:
                    self.news.put(text)
            chosen[row, token] = 0
        return chosen

    def _wait(self) -> None:
        """Until whoever reads lets the next step be taken."""
        self.news.put("step")
        self.go_on.wait()
        self.go_on.clear()

    def _choose(self, row: int, scores: Tensor) -> int:
        text, chance = self.batch[row], self.chance[row]
        if barred := text.barred_next:
            scores = scores.clone()
            scores[list(barred)] = -torch.inf
        if chance is None:
            return int(scores.argmax())
        chances = (scores.float() / text.temperature).softmax(-1)
        return int(torch.multinomial(chances.cpu(), 1, generator=chance))


def _generator(text: Text) -> torch.Generator | None:
    return torch.Generator().manual_seed(text.seed) if text.temperature else None


class _Done(StoppingCriteria):
    """Which texts write no further in this batch."""

    def __init__(self, steps: _Steps) -> None:
        self.steps = steps

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        closed = [True] * len(input_ids) if self.steps.given_up else self.steps.closed
        return torch.tensor(closed, device=input_ids.device)
