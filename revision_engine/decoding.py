"""The decode loop: continuous batching over a paged cache, with prompt lookup.

A row that is finished makes room at once, so no row waits for another's length. Rows
guess ahead from what they have read (prompt-lookup decoding): a revision copies from
its source, and one step checks several guesses. A guess is right if it is the token
chosen or drawn there, so the tokens are those of decoding one by one.

A row that runs into a loop goes back to the end of the loop's first block, or of what
its prompt has of that loop, where the token that went round again is barred, and goes
on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import torch
from torch import Tensor

from revision_engine.fast_model import BLOCK, Blocks, Decode, FastModel, Prefill

LOOP_TOKENS = 12
LOOP_STRIDE = 8
"""Look for loops every so many tokens."""
WAYS_OUT = 3
"""A row that is in a loop for the fourth time is left there; it is cut later on."""
SEED_STEP = 1_000_003
"""Between the seeds of a row before and after it has left a loop."""
GUESSES = 6
"""At most so many tokens are guessed ahead."""
FIRST_GUESSES = 3
PREFILL_TOKENS = 2048
"""Prompts are read in portions of about so many tokens, which bounds their memory."""


@dataclass(slots=True, eq=False)
class Row:
    """One text being written."""

    number: int
    """The caller's, untouched."""
    prompt: Sequence[int]
    limit: int
    """New tokens at most."""
    temperature: float = 0.0
    """0 is greedy."""
    generator: torch.Generator | None = None
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
    blocks: list[int] = field(default_factory=list)
    cached: int = 0
    """Tokens in the cache; the last one written is not yet."""
    source: Source = field(default_factory=lambda: Source())
    guesses: int = FIRST_GUESSES

    @property
    def mean_logprob(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def done(self) -> bool:
        return self.ended or self.stopped


class Source:
    """All tokens of a row, and where each pair of neighbours was last seen."""

    __slots__ = ("_after", "_next", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self._after: dict[tuple[int, int], int] = {}
        self._next: int | None = None

    def extend(self, tokens: Iterable[int]) -> None:
        for token in tokens:
            self._next = None
            self.tokens.append(token)
            if len(self.tokens) > 1:
                pair = (self.tokens[-2], token)
                self._next = self._after.get(pair)
                self._after[pair] = len(self.tokens)

    def guess(self, count: int) -> list[int]:
        """What followed the last two tokens where they came before."""
        return self.tokens[self._next : self._next + count] if self._next else []


class Decoder:
    """Writes many rows with one model, at most `rows` at a time.

    `cache_bytes` bounds the key-value cache: a row is let in when all it may need is
    free, so memory never runs out on the way.
    """

    def __init__(
        self,
        model: FastModel,
        ends: Sequence[int],
        *,
        rows: int,
        cache_bytes: int,
        look_ahead: bool = True,
    ) -> None:
        self.model, self.ends, self.rows = model, frozenset(ends), rows
        self.guesses = GUESSES if look_ahead else 0
        count = max(1, cache_bytes // Blocks.bytes_each(model.shape))
        self.cache = Blocks(model.shape, count)
        self.free = list(range(count))
        heapify(self.free)
        self.unpromised = count
        """Blocks that no row in the batch may come to need."""

    def fits(self, row: Row) -> bool:
        """Whether the row could be written if it were alone."""
        return self._needs(row) <= self.cache.count

    def _needs(self, row: Row) -> int:
        return -(-(len(row.prompt) + row.limit + self.guesses) // BLOCK)

    @torch.inference_mode()
    def write(
        self, rows: Iterable[Row], before_step: Callable[[], None] = lambda: None
    ) -> Iterator[Row]:
        """Each row as soon as it is done. Longest prompts first, so that the last
        rows, which run alone, are short. Closing the iterator frees all."""
        waiting = deque(sorted(rows, key=lambda row: -len(row.prompt)))
        active: list[Row] = []
        try:
            while waiting or active:
                before_step()
                fresh = self._admit(waiting, len(active))
                if fresh:
                    active += fresh
                    self._read_prompts(fresh)
                else:
                    self._step(active)
                for row in [row for row in active if row.done]:
                    active.remove(row)
                    self._release(row)
                    yield row
        finally:
            for row in active:
                self._release(row)

    def _admit(self, waiting: deque[Row], active: int) -> list[Row]:
        fresh: list[Row] = []
        tokens = 0
        while (
            waiting
            and active + len(fresh) < self.rows
            and self._needs(waiting[0]) <= self.unpromised
            and (not fresh or tokens + len(waiting[0].prompt) <= PREFILL_TOKENS)
        ):
            row = waiting.popleft()
            self.unpromised -= self._needs(row)
            self._grow(row, len(row.prompt))
            tokens += len(row.prompt)
            row.source.extend(row.prompt)
            fresh.append(row)
        return fresh

    def _grow(self, row: Row, tokens: int) -> None:
        """Give a row the lowest free blocks: those in use stay close together."""
        while len(row.blocks) * BLOCK < tokens:
            block = heappop(self.free)
            self.cache.clear(block)
            row.blocks.append(block)

    def _release(self, row: Row) -> None:
        self.unpromised += self._needs(row)
        for block in row.blocks:
            heappush(self.free, block)
        row.blocks = []

    def _read_prompts(self, rows: Sequence[Row]) -> None:
        spans, start = [], 0
        for row in rows:
            spans.append((start, start + len(row.prompt)))
            start += len(row.prompt)
            row.cached = len(row.prompt)
        attend = Prefill(self.cache, spans, [row.blocks for row in rows])
        hidden = self.model.hidden(
            self._ids([token for row in rows for token in row.prompt]),
            self._ids([place for row in rows for place in range(len(row.prompt))]),
            attend,
        )
        logits = self.model.logits(hidden[self._ids([end - 1 for _, end in spans])])
        self._take(rows, [[] for _ in rows], logits)

    def _step(self, rows: Sequence[Row]) -> None:
        guesses = [self._guess(row) for row in rows]
        fed = [
            [row.written[-1], *guess] for row, guess in zip(rows, guesses, strict=True)
        ]
        for row, tokens in zip(rows, fed, strict=True):
            self._grow(row, row.cached + len(tokens))
        attend = Decode(
            self.cache,
            [row.blocks for row in rows],
            [row.cached for row in rows],
            [len(tokens) for tokens in fed],
        )
        hidden = self.model.hidden(
            self._ids([token for tokens in fed for token in tokens]),
            self._ids(
                [
                    row.cached + place
                    for row, tokens in zip(rows, fed, strict=True)
                    for place in range(len(tokens))
                ]
            ),
            attend,
        )
        self._take(rows, guesses, self.model.logits(hidden))

    def _guess(self, row: Row) -> list[int]:
        if not self.guesses:
            return []
        left = row.limit - len(row.written) - 1
        return row.source.guess(min(row.guesses, self.guesses, left))

    def _take(
        self, rows: Sequence[Row], guesses: Sequence[list[int]], logits: Tensor
    ) -> None:
        """Take what the logits say: the next token, and as many guesses as it proves
        right, each giving one more."""
        spans = list(_spans(guesses))
        for row, span in zip(rows, spans, strict=True):
            if row.barred:
                _bar(logits[span], row)
        chosen = logits.argmax(-1)
        for row, guess, span in zip(rows, guesses, spans, strict=True):
            if row.temperature:
                _draw(logits[span], chosen[span], guess, row)
        best = logits.gather(1, chosen[:, None])[:, 0].float()
        scores = (best - logits.logsumexp(-1).float()).tolist()
        tokens = chosen.tolist()
        for row, guess, span in zip(rows, guesses, spans, strict=True):
            found = tokens[span]
            right = _right(guess, found)
            if row.written:  # what was fed, up to the last right guess, is cached
                row.cached += 1 + right
            self._write(row, found[: right + 1], scores[span][: right + 1])
            if guess:
                row.guesses = _next_guesses(row.guesses, right, len(guess))

    def _write(self, row: Row, tokens: Sequence[int], scores: Sequence[float]) -> None:
        for token, score in zip(tokens, scores, strict=True):
            row.scores.append(score)
            if token in self.ends:
                row.ended = True
                return
            row.written.append(token)
            row.source.extend([token])
            if len(row.written) >= row.limit:
                row.stopped = True
                return
            if (block := loop_block(row.written)) and leave(row, block):
                return
        if row.tell:
            row.tell(row.written)

    def _ids(self, numbers: Sequence[int]) -> Tensor:
        return torch.tensor(numbers, device=self.model.shape.device)


def _spans(guesses: Iterable[Sequence[int]]) -> Iterator[slice]:
    """Where each row's logits are: for the token fed, and for each guess."""
    start = 0
    for guess in guesses:
        yield slice(start, start + 1 + len(guess))
        start += 1 + len(guess)


def _draw(logits: Tensor, chosen: Tensor, guess: Sequence[int], row: Row) -> None:
    """Draw a row's next tokens into `chosen`, up to the first guess that is wrong: no
    number is drawn that decoding one by one would not have drawn."""
    for place in range(len(guess) + 1):
        chances = (logits[place].float() / row.temperature).softmax(-1)
        drawn = torch.multinomial(chances.cpu(), 1, generator=row.generator)[0]
        chosen[place] = drawn
        if place < len(guess) and guess[place] != int(drawn):
            return


def _right(guess: Sequence[int], found: Sequence[int]) -> int:
    """How many guesses, from the first, are the tokens found."""
    right = 0
    while right < len(guess) and guess[right] == found[right]:
        right += 1
    return right


def _next_guesses(before: int, right: int, tried: int) -> int:
    """Guess further after a full success, and less after a miss; never give up."""
    if right == tried:
        return min(before + 2, GUESSES)
    return max(1, right)


def _bar(logits: Tensor, row: Row) -> None:
    """Make the row's barred tokens impossible where they are."""
    for place in range(len(logits)):
        for token in row.barred.get(len(row.written) + place, ()):
            logits[place, token] = -torch.inf


def leave(row: Row, block: int) -> bool:
    """Whether the repetition at a row's end is a loop: then the row is out of it.

    Not if the prompt says it as often: a pair may repeat itself.
    """
    start = _run_start(row.written, block)
    copied = _longest_copy(row.written[start:], row.prompt)
    if copied == len(row.written) - start:
        return False
    if row.ways_out:
        _go_back(row, start + (copied if copied >= 2 * block else block))
    else:
        row.stopped = True
    return True


def _run_start(written: Sequence[int], block: int) -> int:
    """Where the text began to repeat the block that ends it."""
    start = len(written) - 3 * block
    while start and written[start - 1] == written[start - 1 + block]:
        start -= 1
    return start


def _longest_copy(run: Sequence[int], prompt: Sequence[int]) -> int:
    """How many tokens of the run, from its first on, stand in the prompt together."""
    longest = 0
    for place in range(len(prompt)):
        size = longest + 1
        while run[:size] == prompt[place : place + size] and longest < len(run):
            longest, size = size, size + 1
    return longest


def _go_back(row: Row, kept: int) -> None:
    """Forget a loop behind its first block, or behind what the prompt has of it, and
    bar the way on."""
    row.barred.setdefault(kept, set()).add(row.written[kept])
    row.ways_out -= 1
    del row.written[kept:], row.scores[kept:]
    row.cached = len(row.prompt) + kept - 1
    row.source = Source()
    row.source.extend([*row.prompt, *row.written])
    if row.generator:  # how much was drawn behind the loop depends on the guesses
        row.generator.manual_seed(row.generator.initial_seed() + SEED_STEP)


def loop_block(tokens: Sequence[int]) -> int:
    """The length of the block that ends the text three times over; 0 if none does.

    Looks every LOOP_STRIDE tokens. A block shorter than LOOP_TOKENS is found as a
    multiple of itself.
    """
    if len(tokens) % LOOP_STRIDE:
        return 0
    for size in range(LOOP_TOKENS, min(len(tokens) // 3, 10 * LOOP_TOKENS) + 1):
        if (
            tokens[-1] == tokens[-1 - size]
            and tokens[-size:] == tokens[-2 * size : -size]
            and tokens[-size:] == tokens[-3 * size : -2 * size]
        ):
            return size
    return 0
