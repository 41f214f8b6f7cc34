"""The default backend: torch, transformers and peft in this process.

bf16 on the CPU, CUDA when there is one; greedy decoding, in batches of like length.
"""

from __future__ import annotations

import gc
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.generation.streamers import BaseStreamer

from revision_engine import base_models
from revision_engine.adapters import verified_folder
from revision_engine.prompts import chat_ids
from revision_engine.types import CoachRef, Completion

DTYPE = torch.bfloat16
MAX_NEW_TOKENS = 640
"""A revision may be this long, or 1.5 times its prompt if that is more."""
CONTEXT_TOKENS = 2048
BATCH_TOKENS = 16_384
"""Rows times (prompt + new tokens): bounds the key-value cache."""
KEPT_MODELS = 2
"""The active coach and the one before it, while drafts of both are under way."""
LOOP_TOKENS = 12
LOOP_STRIDE = 8
"""Look for loops every so many tokens."""

REFUSED = Completion(text="", new_tokens=0, finished=False, refused=True)
TELL_EVERY = 0.5
"""Seconds between two looks at a text that is being written."""
TEMPERATURE = 0.7
"""For candidates: a second greedy answer would be the first one again."""

_loaded: OrderedDict[tuple[str, str, str], tuple[Any, Any]] = OrderedDict()
_loading = threading.Lock()


class HfBackend:
    """One coach on this machine's processor."""

    def __init__(self, coach: CoachRef, store: Path) -> None:
        self.coach, self.store = coach, store
        _load(coach, store)

    def complete(self, prompts: Sequence[str]) -> list[Completion]:
        """Answer each turn, in order; one too long for the context is refused."""
        model, tokenizer = _load(self.coach, self.store)
        ids = [chat_ids(tokenizer, prompt) for prompt in prompts]
        answers: dict[int, Completion] = {}
        for rows in batches([len(row) for row in ids], _context(model)):
            written = write(model, tokenizer, [ids[row] for row in rows])
            answers.update(zip(rows, written, strict=True))
        return [answers.get(row, REFUSED) for row in range(len(ids))]

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        model, tokenizer = _load(self.coach, self.store)
        ids = chat_ids(tokenizer, prompt)
        if len(ids) > _context(model) // 2:
            return REFUSED
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            telling = Telling(tokenizer, tell)
            return write(model, tokenizer, [ids], live=telling)[0]


class Telling(BaseStreamer):
    """Hands on the text so far, at most twice a second."""

    def __init__(self, tokenizer: Any, tell: Callable[[str], None]) -> None:
        self.tokenizer, self.tell = tokenizer, tell
        self.ids: list[int] = []
        self.prompt_seen = False
        self.told_at = 0.0

    def put(self, value: torch.Tensor) -> None:
        if not self.prompt_seen:  # transformers sends the prompt first
            self.prompt_seen = True
            return
        self.ids.extend(value.flatten().tolist())
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            self.tell(self.tokenizer.decode(self.ids, skip_special_tokens=True))

    def end(self) -> None:
        """The whole text follows as the completion."""


def batches(
    lengths: Sequence[int], context: int, budget: int = BATCH_TOKENS
) -> Iterator[list[int]]:
    """Indexes of the prompts that fit, longest first, cut by the token budget.

    A revision is about as long as its pair, so a prompt may take half the context.
    """
    fitting = [row for row, length in enumerate(lengths) if length <= context // 2]
    fitting.sort(key=lambda row: -lengths[row])
    while fitting:
        longest = lengths[fitting[0]]
        size = max(1, budget // (longest + new_tokens(longest, context)))
        yield fitting[:size]
        fitting = fitting[size:]


def new_tokens(prompt: int, context: int) -> int:
    """How many tokens may be written after a prompt of this many."""
    return min(max(MAX_NEW_TOKENS, prompt * 3 // 2), context - prompt)


@torch.inference_mode()
def write(
    model: Any,
    tokenizer: Any,
    rows: Sequence[list[int]],
    live: Telling | None = None,
) -> list[Completion]:
    """Complete prompts of token ids together, padded on the left.

    Greedily; `live` is told of the one row as it grows, and its words are sampled.
    """
    width = max(map(len, rows))
    ends = _end_tokens(model, tokenizer)
    pad = ends[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    filled = [[pad] * (width - len(row)) + row for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    context = _context(model)
    # Each row has its own limit, so that a pair's draft is the same in any company.
    limits = [new_tokens(len(row), context) for row in rows]
    stop = StopRows(width, limits)
    written = model.generate(
        input_ids=torch.tensor(filled, device=model.device),
        attention_mask=torch.tensor(mask, device=model.device),
        generation_config=GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=live is not None,
            temperature=TEMPERATURE if live else None,
            max_new_tokens=max(limits),
            pad_token_id=pad,
            eos_token_id=ends,
        ),
        stopping_criteria=StoppingCriteriaList([stop]),
        streamer=live,
    )
    return [
        _read(tokenizer, new, ends, stop.stopped[row])
        for row, new in enumerate(written[:, width:].tolist())
    ]


def _read(
    tokenizer: Any, new: list[int], ends: Sequence[int], stopped: int
) -> Completion:
    """`stopped`: how many tokens a row had when it was stopped; 0 for never.

    What comes after is padding, which may look like an end.
    """
    if stopped:
        new = new[:stopped]
    end = next((place for place, token in enumerate(new) if token in ends), None)
    new = new[:end]
    text = tokenizer.decode(new, skip_special_tokens=True)
    return Completion(text=text, new_tokens=len(new), finished=end is not None)


class StopRows(StoppingCriteria):
    """End a row at its own limit, or as soon as its tail is one block of tokens three
    times over (a shorter loop is found as a multiple of itself)."""

    def __init__(self, start: int, limits: Sequence[int]) -> None:
        self.start = start
        self.limits = limits
        self.stopped = [0] * len(limits)
        """How many tokens a row had when it was stopped first; 0 for not yet."""

    def __call__(
        self, input_ids: torch.LongTensor, scores: Any, **_: Any
    ) -> torch.BoolTensor:
        new = input_ids[:, self.start :]
        count = new.shape[1]
        stop = torch.tensor([count >= limit for limit in self.limits])
        stop = stop.to(new.device)
        if count % LOOP_STRIDE == 0:
            stop |= _looping(new)
        for row in stop.nonzero().flatten().tolist():
            self.stopped[row] = self.stopped[row] or count
        return stop  # type: ignore[return-value]


def _looping(new: torch.Tensor) -> torch.Tensor:
    """Which rows end in one block three times; at most 120 steps of a small compare."""
    stop = torch.zeros(len(new), dtype=torch.bool, device=new.device)
    for size in range(LOOP_TOKENS, min(new.shape[1] // 3, 10 * LOOP_TOKENS) + 1):
        tail = new[:, -3 * size :].reshape(len(new), 3, size)
        stop |= (tail == tail[:, -1:]).flatten(1).all(1)
    return stop


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


def _load(coach: CoachRef, store: Path) -> tuple[Any, Any]:
    """The coach's model and tokenizer; the last KEPT_MODELS stay in memory."""
    key = (coach.base_model, coach.base_revision, coach.adapter_sha256)
    with _loading:
        if key not in _loaded:
            fresh = _fresh(coach, store)
            while len(_loaded) >= KEPT_MODELS:
                _loaded.popitem(last=False)
                gc.collect()
            _loaded[key] = fresh
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
        source, revision=revision, dtype=DTYPE
    )
    if folder:
        model = PeftModel.from_pretrained(model, folder, use_safetensors=True)
        model = model.merge_and_unload(safe_merge=True)
    return model.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer
