"""The default backend: torch, transformers and peft in this process.

bf16, on CUDA when there is one; greedy decoding by `decoding.py`.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import base_models
from revision_engine.adapters import verified_folder
from revision_engine.backends import turn
from revision_engine.decoding import Decoder, Row
from revision_engine.fast_model import FastModel
from revision_engine.prompts import chat_ids
from revision_engine.types import CoachRef, Completion

MAX_NEW_TOKENS = 640
"""A revision may be this long, or 1.5 times its prompt if that is more."""
CONTEXT_TOKENS = 2048
KEPT_MODELS = 2
"""The active coach and the one before it, while drafts of both are under way."""
ROWS = int(os.environ.get("ENGINE_ROWS", "") or 32)
"""Texts written at once."""
CACHE_BYTES = int(os.environ.get("ENGINE_CACHE_MB", "") or 1024) << 20
"""Most memory of the key-value cache."""

REFUSED = Completion(text="", new_tokens=0, finished=False, refused=True)
TELL_EVERY = 0.5
"""Seconds between two looks at a text that is being written."""
TEMPERATURE = 0.7
"""For candidates: a second greedy answer would be the first one again."""

_loaded: OrderedDict[tuple[str, str, str], Writer] = OrderedDict()
_loading = threading.Lock()


class HfBackend:
    """One coach on this machine's processor."""

    def __init__(self, coach: CoachRef, store: Path) -> None:
        self.coach, self.store = coach, store
        _load(coach, store)

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        writer = _load(self.coach, self.store)
        rows = [writer.row(place, prompt) for place, prompt in enumerate(prompts)]
        for place, row in enumerate(rows):
            if row is None:
                yield place, REFUSED
        with turn.giving_way(self.store) as gate:
            for done in writer.decoder.write([row for row in rows if row], gate):
                yield done.number, writer.read(done)

    def draw(
        self, prompts: Sequence[str], seeds: Sequence[int], temperature: float
    ) -> Iterator[tuple[int, Completion]]:
        """As `complete`, but each turn's words are drawn, by a seed of its own."""
        writer = _load(self.coach, self.store)
        rows = []
        for place, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True)):
            if row := writer.row(place, prompt):
                row.temperature = temperature
                row.generator = torch.Generator().manual_seed(seed)
                rows.append(row)
            else:
                yield place, REFUSED
        for done in writer.decoder.write(rows):
            yield done.number, writer.read(done)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        writer = _load(self.coach, self.store)
        row = writer.row(0, prompt)
        if row is None:
            return REFUSED
        row.temperature = TEMPERATURE
        row.generator = torch.Generator().manual_seed(seed)
        row.tell = Telling(writer.tokenizer, tell)
        with turn.first(self.store):
            [done] = writer.decoder.write([row])
        return writer.read(done)


class Writer:
    """A loaded coach: its tokenizer, and the decoder with its cache."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.context = _context(model)
        self.decoder = Decoder(
            FastModel(model),
            _end_tokens(model, tokenizer),
            rows=ROWS,
            cache_bytes=CACHE_BYTES,
        )

    def row(self, place: int, prompt: str) -> Row | None:
        """The text to write for a prompt; None if it is too long.

        A revision is about as long as its pair, so a prompt may take half the
        context, and must fit into the cache.
        """
        ids = chat_ids(self.tokenizer, prompt)
        if len(ids) > self.context // 2:
            return None
        row = Row(place, ids, new_tokens(len(ids), self.context))
        return row if self.decoder.fits(row) else None

    def read(self, row: Row) -> Completion:
        return Completion(
            text=self.tokenizer.decode(row.written, skip_special_tokens=True),
            new_tokens=len(row.written),
            finished=row.ended,
            mean_logprob=row.mean_logprob,
        )


class Telling:
    """Hands on the text so far, at most twice a second."""

    def __init__(self, tokenizer: Any, tell: Callable[[str], None]) -> None:
        self.tokenizer, self.tell = tokenizer, tell
        self.told_at = 0.0

    def __call__(self, tokens: Sequence[int]) -> None:
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            self.tell(self.tokenizer.decode(tokens, skip_special_tokens=True))


def new_tokens(prompt: int, context: int) -> int:
    """How many tokens may be written after a prompt of this many."""
    return min(max(MAX_NEW_TOKENS, prompt * 3 // 2), context - prompt)


def _end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """What ends a turn: the tokenizer's end, on which coaches are trained, and the
    base model's own."""
    known = model.generation_config.eos_token_id
    known = known if isinstance(known, list) else [known]
    ends = [tokenizer.eos_token_id, *known]
    return list(dict.fromkeys(token for token in ends if token is not None))


def _context(model: Any) -> int:
    limit = getattr(model.config, "max_position_embeddings", CONTEXT_TOKENS)
    return min(limit, CONTEXT_TOKENS)


def _load(coach: CoachRef, store: Path) -> Writer:
    """The coach, ready to write; the last KEPT_MODELS stay in memory."""
    key = (coach.base_model, coach.base_revision, coach.adapter_sha256)
    with _loading:
        if key not in _loaded:
            fresh = _fresh(coach, store)
            while len(_loaded) >= KEPT_MODELS:
                _loaded.popitem(last=False)
                gc.collect()
            _loaded[key] = Writer(*fresh)
        _loaded.move_to_end(key)
        return _loaded[key]


def _fresh(coach: CoachRef, store: Path) -> tuple[Any, Any]:
    """Load the base and merge the adapter into it: decoding then runs at base speed.

    The base is read anew for each coach, for a merge changes it in place; from the
    page cache that takes less than a copy kept in memory is worth.
    """
    folder = None
    if coach.adapter:
        folder = verified_folder(store, coach.adapter, coach.adapter_sha256)
    source = base_models.resolve(coach.base_model)
    revision = coach.base_revision or "main"
    tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
    model: Any = AutoModelForCausalLM.from_pretrained(
        source,
        revision=revision,
        dtype=dtype(),
        use_safetensors=True,
    )
    if folder:
        model = PeftModel.from_pretrained(model, folder, use_safetensors=True)
        model = model.merge_and_unload(safe_merge=True)
    return model.to(device()).eval(), tokenizer


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def dtype() -> torch.dtype:
    """bf16 where the processor multiplies it; elsewhere fp32 is faster."""
    ops: Any = torch.ops.mkldnn
    fast = torch.cuda.is_available() or ops._is_mkldnn_bf16_supported()
    return torch.bfloat16 if fast else torch.float32
