"""A coach on this machine's processor, by OpenVINO GenAI: no torch.

Continuous batching over a paged cache is OpenVINO's. Here is what it has not: a text
that runs into a loop leaves it another way, and nothing is begun that the cache could
not hold to its end.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import openvino_genai

from revision_engine import converting
from revision_engine.backends import limits
from revision_engine.converting import MODEL, Unconvertible
from revision_engine.tokenizing import ChatTokenizer, UnknownTokenizer
from revision_engine.writing import CONTEXT_TOKENS, Text

BLOCK = 32
"""Tokens in a block of the cache."""
STEP_TOKENS = 2048
"""Prompts are read in portions of so many tokens, beside the texts under way."""
SPARE_BLOCKS = 4
"""A text's own: for the ways that are weighed when it leaves a loop."""


@cache
def properties() -> dict[str, str]:
    """How the processor is to multiply: bf16 where it can, and the cache with it.

    OpenVINO would choose so itself; here it is said, since the cache is counted by it.
    """
    able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if "BF16" in able:
        return {"INFERENCE_PRECISION_HINT": "bf16", "KV_CACHE_PRECISION": "bf16"}
    return {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f16"}


def load(base: Path, adapter: Path | None) -> OpenVinoWriter:
    """The coach, ready to write; Unconvertible if OpenVINO cannot run it."""
    try:
        tokenizer = ChatTokenizer.read(base)
    except UnknownTokenizer as fault:
        raise Unconvertible(str(fault)) from fault
    config = json.loads((base / "config.json").read_text())
    ends = _end_tokens(base, config, tokenizer)
    if not ends:
        raise Unconvertible("The base names no token that ends a text.")
    folder = converting.converted(base, adapter, converting.cache_folder())
    return OpenVinoWriter(folder / MODEL, config, tokenizer, ends)


def _end_tokens(
    base: Path, config: dict[str, Any], tokenizer: ChatTokenizer
) -> list[int]:
    """What ends a turn: the tokenizer's end, on which coaches are trained, and the
    base model's own."""
    path = base / "generation_config.json"
    told = json.loads(path.read_text()) if path.exists() else config
    known = told.get("eos_token_id")
    known = known if isinstance(known, list) else [known]
    ends = [tokenizer.eos_token_id, *known]
    return list(dict.fromkeys(token for token in ends if token is not None))


class OpenVinoWriter:
    """Writes many texts with one model, at most `limits.ROWS` at a time.

    `limits.CACHE_BYTES` bounds the key-value cache: a text is begun when all that it
    may need is free, so memory never runs out on the way.
    """

    def __init__(
        self,
        model: Path,
        config: dict[str, Any],
        tokenizer: ChatTokenizer,
        ends: Sequence[int],
    ) -> None:
        self.tokenizer, self.ends = tokenizer, list(ends)
        most = config.get("max_position_embeddings", CONTEXT_TOKENS)
        self.context = min(most, CONTEXT_TOKENS)
        value_bytes = 4 if properties()["KV_CACHE_PRECISION"] == "f32" else 2
        block_bytes = BLOCK * converting.token_bytes(config, value_bytes)
        self.blocks = max(1, limits.CACHE_BYTES // block_bytes)
        self.unpromised = self.blocks
        """Blocks that no text under way may come to need."""
        plan = openvino_genai.SchedulerConfig()
        plan.num_kv_blocks = self.blocks
        plan.max_num_batched_tokens = STEP_TOKENS
        plan.dynamic_split_fuse = True
        plan.enable_prefix_caching = False
        self.pipe = openvino_genai.ContinuousBatchingPipeline(
            str(model.parent), plan, "CPU", properties()
        )
        self._number = 0

    def fits(self, text: Text) -> bool:
        return self._needs(text) <= self.blocks

    def _needs(self, text: Text) -> int:
        return -(-(len(text.prompt) + text.limit) // BLOCK) + SPARE_BLOCKS

    def write(
        self, texts: Sequence[Text], before_step: Callable[[], None] = lambda: None
    ) -> Iterator[Text]:
        waiting = deque(sorted(texts, key=lambda text: -len(text.prompt)))
        active: dict[Text, Any] = {}
        try:
            while waiting or active:
                before_step()
                self._admit(waiting, active)
                self.pipe.step()
                for text in list(active):
                    self._read(text, active)
                    if text.done:
                        self._release(text, active)
                        yield text
        finally:
            for text in list(active):
                self._release(text, active)
            while self.pipe.has_non_finished_requests():  # lets go of what is cancelled
                self.pipe.step()

    def _admit(self, waiting: deque[Text], active: dict[Text, Any]) -> None:
        while (
            waiting
            and len(active) < limits.ROWS
            and self._needs(waiting[0]) <= self.unpromised
        ):
            text = waiting.popleft()
            self.unpromised -= self._needs(text)
            active[text] = self._ask(text)

    def _release(self, text: Text, active: dict[Text, Any]) -> None:
        active.pop(text).cancel()
        self.unpromised += self._needs(text)

    def _ask(self, text: Text) -> Any:
        """Have the text written on from where it is."""
        self._number += 1
        tokens = openvino.Tensor(np.array([text.tokens], np.int64))
        return self.pipe.add_request(self._number, tokens, self._way(text))

    def _way(self, text: Text) -> openvino_genai.GenerationConfig:
        way = openvino_genai.GenerationConfig()
        way.eos_token_id = self.ends[0]
        way.stop_token_ids = set(self.ends)
        if ways := len(text.barred_next):
            # One token, and beside the best as many more as are barred.
            way.num_beams = way.num_return_sequences = ways + 1
            way.max_new_tokens = 1
            return way
        way.max_new_tokens = text.limit - len(text.written)
        way.logprobs = 1
        way.do_sample = text.temperature > 0
        if way.do_sample:
            way.temperature, way.rng_seed = text.temperature, text.seed
        return way

    def _read(self, text: Text, active: dict[Text, Any]) -> None:
        """Take what has been written since; ask anew if the text has left a loop."""
        handle = active[text]
        if text.barred_next:
            if handle.get_status() == openvino_genai.GenerationStatus.RUNNING:
                return
            self._take_another(text, handle)
        else:
            if self._take_on(text, handle):
                return
            handle.cancel()
        if not text.done:
            active[text] = self._ask(text)

    def _take_another(self, text: Text, handle: Any) -> None:
        ways = [way for way in handle.read_all() if way.generated_ids]
        found = [(way.score, way.generated_ids[0]) for way in ways]
        text.take_another(found, self.ends)

    def _take_on(self, text: Text, handle: Any) -> bool:
        """Whether the text goes straight on."""
        while handle.can_read():
            for new in handle.read().values():
                scores = new.generated_log_probs
                if not text.take(new.generated_ids, scores, self.ends):
                    return False
        if handle.get_status() != openvino_genai.GenerationStatus.RUNNING:
            raise RuntimeError(f"OpenVINO gave a text up: {handle.get_status().name}.")
        return True
