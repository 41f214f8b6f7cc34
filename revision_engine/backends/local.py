"""The default backend: one coach in this process, by the fastest library that runs it.

On a processor that is OpenVINO, without torch. What it cannot run, and whatever there
is on a machine with an NVIDIA GPU, transformers runs (hf.py).
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import logging
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from revision_engine import base_models, converting, stopping
from revision_engine.adapters import verified_folder
from revision_engine.backends import turn
from revision_engine.converting import Unconvertible
from revision_engine.tokenizing import ChatTokenizer, UnknownTokenizer
from revision_engine.types import CoachRef, Completion
from revision_engine.writing import Text, Writer, completion_of, text_of

logger = logging.getLogger(__name__)
KEPT_MODELS = 2
"""The active coach and the one before it, while drafts of both are under way."""
REFUSED = Completion(text="", new_tokens=0, finished=False, refused=True)
TELL_EVERY = 0.5
"""Seconds between two looks at a text that is being written."""
TEMPERATURE = 0.7
"""For candidates: a second greedy answer would be the first one again."""
Loader = Callable[[CoachRef, Path], Writer]

_loaded: OrderedDict[tuple[Any, ...], Writer] = OrderedDict()
_loading = threading.Lock()


class EngineMissing(RuntimeError):
    """No library on this machine can run the coach."""


class _Stopped(Exception):
    """The worker is told to stop."""


class LocalBackend:
    """One coach on this machine."""

    def __init__(self, coach: CoachRef, store: Path) -> None:
        self.coach, self.store = coach, store
        self._writer()

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        """As the protocol says; what is not written when the worker is told to stop is
        left out."""
        writer = self._writer()
        texts = [text_of(writer, place, prompt) for place, prompt in enumerate(prompts)]
        for place, text in enumerate(texts):
            if text is None:
                yield place, REFUSED
        with turn.giving_way(self.store) as gate:
            yield from _written(writer, [text for text in texts if text], gate)

    def draw(
        self, prompts: Sequence[str], seeds: Sequence[int], temperature: float
    ) -> Iterator[tuple[int, Completion]]:
        """As `complete`, but each turn's words are drawn, by a seed of its own."""
        writer = self._writer()
        texts = []
        for place, (prompt, seed) in enumerate(zip(prompts, seeds, strict=True)):
            if text := text_of(writer, place, prompt):
                text.temperature, text.seed = temperature, seed
                texts.append(text)
            else:
                yield place, REFUSED
        yield from _written(writer, texts, lambda: None)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        writer = self._writer()
        text = text_of(writer, 0, prompt)
        if text is None:
            return REFUSED
        text.temperature, text.seed = TEMPERATURE, seed
        text.tell = _Telling(writer.tokenizer, tell)
        with turn.first(self.store):
            [done] = writer.write([text])
        return completion_of(writer, done)

    def load(self) -> Writer:
        """Load the coach anew."""
        return load(self.coach, self.store)

    def _writer(self) -> Writer:
        """The coach, ready to write; the last KEPT_MODELS stay in memory."""
        coach = self.coach
        # The same weights may lie in two folders, with other settings beside them.
        adapter = (coach.adapter, coach.adapter_sha256)
        key = (type(self), coach.base_model, coach.base_revision, *adapter)
        with _loading:
            if key not in _loaded:
                while len(_loaded) >= KEPT_MODELS:
                    _loaded.popitem(last=False)
                    gc.collect()
                _loaded[key] = self.load()
            _loaded.move_to_end(key)
            return _loaded[key]


def _written(
    writer: Writer, texts: Sequence[Text], gate: Callable[[], None]
) -> Iterator[tuple[int, Completion]]:
    def before_step() -> None:
        gate()
        if stopping.told.is_set():
            raise _Stopped

    coming = writer.write(texts, before_step)
    try:
        for done in coming:
            yield done.number, completion_of(writer, done)
    except _Stopped:
        return
    finally:
        coming.close()  # type: ignore[attr-defined]


class _Telling:
    """Hands on the text so far, at most twice a second."""

    def __init__(self, tokenizer: Any, tell: Callable[[str], None]) -> None:
        self.tokenizer, self.tell = tokenizer, tell
        self.told_at = 0.0

    def __call__(self, tokens: Sequence[int]) -> None:
        if time.monotonic() - self.told_at >= TELL_EVERY:
            self.told_at = time.monotonic()
            self.tell(self.tokenizer.decode(tokens, skip_special_tokens=True))


def load(coach: CoachRef, store: Path) -> Writer:
    """The coach by OpenVINO, or by transformers where that cannot be."""
    if why := unfit_machine():
        logger.info("transformers writes: %s.", why)
        return by_transformers(coach, store)
    adapter = adapter_folder(coach, store)
    try:
        base = base_models.folder(coach.base_model, coach.base_revision)
        openvino = importlib.import_module("revision_engine.backends.openvino")
        writer: Writer = openvino.load(base, adapter)
    except Unconvertible as fault:
        logger.warning("transformers writes, since OpenVINO cannot: %s", fault)
        return by_transformers(coach, store)
    return writer


def adapter_folder(coach: CoachRef, store: Path) -> Path | None:
    """The coach's adapter, after its digest has been checked; None: it has none."""
    if not coach.adapter:
        return None
    return verified_folder(store, coach.adapter, coach.adapter_sha256)


def by_transformers(coach: CoachRef, store: Path) -> Writer:
    """By name, since it loads torch."""
    try:
        hf = importlib.import_module("revision_engine.backends.hf")
    except ModuleNotFoundError as fault:
        raise EngineMissing(
            f"OpenVINO cannot run the coach {coach.name!r}, and transformers cannot "
            f"before {fault.name} is installed."
        ) from fault
    writer: Writer = hf.load(coach, store)
    return writer


def unfit_machine() -> str:
    """Why this machine's coaches are not OpenVINO's; empty if they are."""
    if importlib.util.find_spec("openvino_genai") is None:
        return "OpenVINO GenAI is not installed"
    if shutil.which("nvidia-smi") and importlib.util.find_spec("torch"):
        torch = importlib.import_module("torch")
        if torch.cuda.is_available():
            return "the machine has a GPU"
    return ""


def unfit_base(base_model: str) -> str:
    """Why coaches of this base are not OpenVINO's; empty if they are, and as long as
    the base is not on this machine."""
    folder = base_models.kept(base_model)
    if folder is None:
        return ""
    try:
        converting.check_family(json.loads((folder / "config.json").read_text()))
        ChatTokenizer.read(folder)
    except (Unconvertible, UnknownTokenizer) as fault:
        return str(fault)
    return ""
