"""What can be told of a pair without understanding it: lengths, layout, wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log, log1p

from revision_engine.prompts import is_placeholder
from revision_engine.types import PairText
from training.evaluation.helpfulness import LIST_LINE, SENTENCE_END

VERSION = 1
"""Of the features: a model that was fitted on others cannot be used."""
FEATURES = (
    *("placeholder as input", "instruction begins in lower case"),
    "instruction ends whole",
    *("response length", "sentences", "words a sentence"),
    *("paragraphs", "lines", "list lines"),
    *("response begins in lower case", "response ends whole"),
    *("different words", "repetition", "word length"),
    *("commas", "colons", "exclamation marks", "question marks", "digits"),
    *("double blanks", "addresses the reader"),
    *("instruction's words used", "instruction's words repeated"),
)
LAYOUT = frozenset({"paragraphs", "lines", "list lines"})
RUN = 3
"""Words in a row that count as repeated if they come again."""
LONG = 4
"""Letters from which a word of the instruction is looked for in the response."""
YOU = frozenset({"you", "your", "yours", "yourself", "你", "您"})
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_ENDS = (".", "!", "?", "。", "！", "？")
_CLOSING = "\"')]}*`”’」』 \n"


def features(pair: PairText) -> tuple[float, ...]:
    """The numbers of FEATURES. Lengths in characters and counts are logarithms, marks
    and digits shares of the response's characters. How long the task is, is none of
    them: pairs of different tasks would be rated by it."""
    return (
        float(bool(pair.input) and is_placeholder(pair.input)),
        float(pair.instruction[:1].islower()),
        float(_ends_whole(pair.instruction) or pair.instruction.endswith(":")),
        *_of_response(pair.response),
        *_on_topic(pair),
    )


def _of_response(text: str) -> tuple[float, ...]:
    words, size = _words(text), max(len(text), 1)
    count = max(len(words), 1)
    sentences = max(len(SENTENCE_END.findall(text)), 1)
    return (
        log1p(len(text)),
        log(sentences),
        log(count / sentences),
        log1p(text.count("\n\n")),
        log1p(text.count("\n")),
        log1p(len(LIST_LINE.findall(text))),
        float(text[:1].islower()),
        float(_ends_whole(text)),
        log(max(len(set(words)), 1) / count),
        _repetition(words),
        sum(map(len, words)) / count,
        *(_of(mark, text) / size for mark in (",，、", ":：", "!！", "?？")),
        sum(map(str.isdigit, text)) / size,
        float("  " in text),
        sum(word in YOU for word in words) / count,
    )


def _on_topic(pair: PairText) -> tuple[float, float]:
    """The share of the instruction's longer words that the response uses, and the share
    of the response that they make up."""
    asked = {w for w in _words(f"{pair.instruction} {pair.input}") if len(w) >= LONG}
    told = Counter(_words(pair.response))
    if not asked or not told:
        return 0.0, 0.0
    used = sum(word in told for word in asked) / len(asked)
    return used, sum(told[word] for word in asked) / told.total()


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _of(marks: str, text: str) -> int:
    return sum(map(text.count, marks))


def _repetition(words: Sequence[str]) -> float:
    """The share of the runs of words that have been there before."""
    runs = [tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def _ends_whole(text: str) -> bool:
    return text.rstrip(_CLOSING).endswith(_ENDS)
