"""A text as words and signs, in any script: what diffs compare and tallies count.

Nothing is ever cut within what a reader takes for one sign (a grapheme cluster of UAX
29): a letter keeps its accents and vowel signs, an emoji its skin tone, a flag its two
halves.
"""

from __future__ import annotations

import regex

_UNSPACED = (
    r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    r"\U00020000-\U0003fffd"  # Chinese, Japanese, Korean
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
)
"""Scripts that put no spaces between words, Thai, Lao, Burmese and Khmer among them:
each sign stands for itself."""

# A word with its marks, a run of white space, or one sign. Flags in a row are taken two
# halves at a time: \X would look back to the first of them each time.
_FLAG = r"\p{Regional_Indicator}"
_TOKEN = regex.compile(
    rf"(?:(?![{_UNSPACED}])(?=[\p{{L}}\p{{N}}_])\X)+|(?:(?=\s)\X)+"
    rf"|{_FLAG}{{2}}(?={_FLAG})|\X"
)
# static/js/signs.js counts by the same pattern; tests/texts.json holds both to it.
_MARK = r"[\p{M}\u0e33\u0eb3\u200c\u200d]*"
_WORD = regex.compile(
    rf"(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}]{_MARK})"
    rf"(?:(?![{_UNSPACED}])[\p{{L}}\p{{N}}_]{_MARK})*"
    rf"|[\p{{L}}\p{{N}}]{_MARK}"
)


def words(text: str) -> list[str]:
    """The text as tokens that join to it again."""
    found: list[str] = _TOKEN.findall(text)
    return found


def is_word(token: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(map(str.isalnum, token))


def word_count(text: str) -> int:
    """Words that somebody reads; a sign of an unspaced script is one, too."""
    return sum(1 for _ in _WORD.finditer(text))
