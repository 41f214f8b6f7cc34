"""One text while it is written: its tokens, its limit, its way out of loops.

Both local backends, OpenVINO's and transformers', write into it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from revision_engine.loops import kept_of_loop, loop_block
from revision_engine.prompts import chat_ids
from revision_engine.types import Completion

MAX_NEW_TOKENS = 640
"""A revision may be this long, or 1.5 times its prompt if that is more."""
CONTEXT_TOKENS = 2048
WAYS_OUT = 3
"""A text that is in a loop for the fourth time is left there; it is cut later on."""
SEED_STEP = 1_000_003
"""Between the seeds of a text before and after it has left a loop."""


@dataclass(slots=True, eq=False)
class Text:
    """One text being written."""

    number: int
    """The caller's, untouched."""
    prompt: Sequence[int]
    limit: int
    """New tokens at most."""
    temperature: float = 0.0
    """0 is greedy."""
    seed: int = 0
    """Of what is drawn; another one after each way out of a loop."""
    tell: Callable[[Sequence[int]], None] | None = None
    """Is given all new tokens after each step."""

    written: list[int] = field(default_factory=list)
    """The new tokens, without the end token."""
    scores: list[float] = field(default_factory=list)
    """Log-probabilities of the new tokens and the end token."""
    barred: dict[int, set[int]] = field(default_factory=dict)
    """By place, the tokens that led into a loop there."""
    ways_out: int = WAYS_OUT
    ended: bool = False
    """The model ended the text itself."""
    stopped: bool = False
    """At its limit, or in a loop that it found no way out of."""

    @property
    def mean_logprob(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def done(self) -> bool:
        return self.ended or self.stopped

    @property
    def tokens(self) -> list[int]:
        """The prompt and what is written."""
        return [*self.prompt, *self.written]

    @property
    def barred_next(self) -> set[int]:
        """What may not be written next."""
        return self.barred.get(len(self.written), set())

    def take(
        self, tokens: Sequence[int], scores: Sequence[float], ends: Collection[int]
    ) -> bool:
        """Take what the model has written on; whether the text goes straight on.

        If not, it is done, or it has left a loop: it then goes on from what is left.
        """
        for token, score in zip(tokens, scores, strict=True):
            self.scores.append(score)
            if token in ends:
                self.ended = True
                return False
            self.written.append(token)
            if len(self.written) >= self.limit:
                self.stopped = True
                return False
            block = loop_block(self.written)
            if block and self._leave(block):
                return False
        if self.tell:
            self.tell(self.written)
        return True

    def take_another(
        self, ways: Collection[tuple[float, int]], ends: Collection[int]
    ) -> bool:
        """Take the likeliest of these (score, token) that is not barred; whether the
        text goes straight on. Where there is none it is left in its loop."""
        others = [way for way in ways if way[1] not in self.barred_next]
        if not others:  # OpenVINO may give fewer ways than it was asked for
            self.stopped = True
            return False
        score, token = max(others)
        return self.take([token], [score], ends)

    def _leave(self, block: int) -> bool:
        """Whether the repetition at the end is a loop: then the text is out of it."""
        kept = kept_of_loop(self.written, block, self.prompt)
        if kept >= len(self.written):
            return False
        if self.ways_out:
            self.ways_out -= 1
            self.barred.setdefault(kept, set()).add(self.written[kept])
            del self.written[kept:], self.scores[kept:]
            self.seed += SEED_STEP
        else:
            self.stopped = True
        return True


def new_tokens(prompt: int, context: int) -> int:
    """How many tokens may be written after a prompt of this many."""
    return min(max(MAX_NEW_TOKENS, prompt * 3 // 2), context - prompt)


class Writer(Protocol):
    """A loaded coach that writes texts, many at once."""

    tokenizer: Any
    context: int
    """Tokens of prompt and answer together, at most."""

    def fits(self, text: Text) -> bool:
        """Whether the text could be written if it were alone."""
        ...

    def write(
        self, texts: Sequence[Text], before_step: Callable[[], None] = lambda: None
    ) -> Iterator[Text]:
        """Each text as soon as it is done. Longest prompts first, so that the last
        texts, which are written alone, are short. Closing the iterator frees all."""
        ...


def text_of(writer: Writer, number: int, prompt: str) -> Text | None:
    """The text to write for a prompt; None if it is too long.

    A revision is about as long as its pair, so a prompt may take half the context,
    and must fit into the cache.
    """
    ids = chat_ids(writer.tokenizer, prompt)
    if len(ids) > writer.context // 2:
        return None
    text = Text(number, ids, new_tokens(len(ids), writer.context))
    return text if writer.fits(text) else None


def completion_of(writer: Writer, text: Text) -> Completion:
    return Completion(
        text=writer.tokenizer.decode(text.written, skip_special_tokens=True),
        new_tokens=len(text.written),
        finished=text.ended,
        mean_logprob=text.mean_logprob,
    )
