"""One draft beside the raw pair and the expert's text, turned into numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq
from sacrebleu.metrics.helpers import extract_all_char_ngrams

from revision_engine import prompts
from revision_engine.postprocess import has_loop, is_parseable
from revision_engine.types import PairText
from training.examples import edit_distance

CHRF_ORDER = 6
"""Longest character n-gram of chrF (Popović 2015; sacrebleu's default)."""
REPEATED_WORDS = 4
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One version of a pair, compared with the expert's."""

    text: str
    chrf: tuple[int, ...]
    """For n = 1 to 6: character n-grams of the text, of the expert's, of both."""
    rouge_l: float
    """ROUGE-L, 0 to 100."""
    distance: int
    """Characters to edit over the three fields until it is the expert's."""
    repetition: float
    """Share of the response's word 4-grams that stand earlier in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One held-out pair with one coach's draft of it."""

    raw: Reading
    draft: Reading
    """What an annotator would be shown: the raw pair if there is a problem."""
    expert: str
    problem: str
    parseable: bool
    loop: bool
    loss: float | None = None
    """Nats that the coach needs for the expert's text, in all; None: not known."""
    tokens: int = 0
    """Tokens of the expert's text, its end included."""
    category: str = ""


def as_text(pair: PairText) -> str:
    """The three fields as one text, as coaches are trained to write them."""
    return prompts.by_version(prompts.DEFAULT).target(pair)


def read(pair: PairText, expert: PairText) -> Reading:
    """Compare one version of a pair with the expert's."""
    text, wanted = as_text(pair), as_text(expert)
    return Reading(
        text=text,
        chrf=chrf_counts(text, wanted),
        rouge_l=rouge_l(text, wanted),
        distance=edit_distance(pair, expert),
        repetition=repetition(pair.response),
    )


def measure(
    raw: PairText,
    draft: PairText,
    expert: PairText,
    *,
    problem: str,
    output: str,
    prompt: str = prompts.DEFAULT,
) -> Measured:
    """Compare one draft, cut from the model's `output`, with the expert's text."""
    return Measured(
        raw=read(raw, expert),
        draft=read(draft, expert),
        expert=as_text(expert),
        problem=problem,
        parseable=is_parseable(output, raw, prompt),
        loop=has_loop(output, raw),
    )


def chrf_counts(text: str, wanted: str) -> tuple[int, ...]:
    """What chrF is counted from; these add up over pairs (see metrics.chrf)."""
    counts: list[int] = []
    mine = extract_all_char_ngrams(text, CHRF_ORDER, include_whitespace=False)
    theirs = extract_all_char_ngrams(wanted, CHRF_ORDER, include_whitespace=False)
    for one, other in zip(mine, theirs, strict=True):
        sizes = (one.total() if other else 0, other.total(), (one & other).total())
        counts.extend(sizes)
    return tuple(counts)


def rouge_l(text: str, wanted: str) -> float:
    """F1 of the longest common subsequence of words, 0 to 100 (Lin 2004).

    Words are compared in lower case and unstemmed; each kana or han sign is a word.
    """
    mine, theirs = _words(text), _words(wanted)
    if not mine or not theirs:
        return 100.0 * (mine == theirs)
    common = LCSseq.similarity(mine, theirs)
    return 200 * common / (len(mine) + len(theirs))


def repetition(text: str) -> float:
    """seq-rep-4 of Welleck et al. (arXiv 1908.04319): 1 - distinct / all 4-grams.

    0 for a text of fewer than four words.
    """
    words = _words(text)
    grams = Counter(
        tuple(words[place : place + REPEATED_WORDS])
        for place in range(len(words) - REPEATED_WORDS + 1)
    )
    return 1 - len(grams) / grams.total() if grams else 0.0


def _words(text: str) -> Sequence[str]:
    return _WORD.findall(text.lower())
