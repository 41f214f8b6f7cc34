"""Writing systems: whether a revision is written in the pair's own."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

FOREIGN_SHARE = 0.2
"""More letters than this share must not be of scripts the pair does not use."""
MIN_LETTERS = 20
STRAY_SHARE = 0.05
"""Fewer letters than this (a formula's pi) make no script the pair's own."""

SCRIPT_OF_LANGUAGE = {
    "ar": "ARABIC",
    "bg": "CYRILLIC",
    "el": "GREEK",
    "fa": "ARABIC",
    "he": "HEBREW",
    "hi": "DEVANAGARI",
    "ja": "CJK",
    "ko": "HANGUL",
    "ru": "CYRILLIC",
    "th": "THAI",
    "uk": "CYRILLIC",
    "zh": "CJK",
}
_ASKS_FOR_ANOTHER = re.compile(
    r"translat|transliterat|\b(?:arabic|bengali|bulgarian|chinese|cyrillic|greek|"
    r"hebrew|hindi|japanese|kanji|korean|mandarin|persian|russian|thai|ukrainian|"
    r"urdu|english|alphabet|unicode|emoji|language)\b|翻译|英文|英语|日语|韩语",
    re.IGNORECASE,
)


def is_foreign(revised: str, raw: str, language: str) -> bool:
    """Whether much of a text is of a script that the raw one does not use.

    A raw text that asks for another language or script allows them all; for one
    without letters, `language` (ISO 639-1) tells the script. Letters that the raw text
    has as often are never foreign.
    """
    if _ASKS_FOR_ANOTHER.search(raw):
        return False
    home = _scripts(raw) or {SCRIPT_OF_LANGUAGE.get(language, "LATIN")}
    found = Counter(_script(sign) for sign in revised if sign.isalpha())
    new = found - Counter(_script(sign) for sign in raw if sign.isalpha())
    foreign = sum(count for script, count in new.items() if script not in home)
    return found.total() >= MIN_LETTERS and foreign > FOREIGN_SHARE * found.total()


def _scripts(text: str) -> set[str]:
    found = Counter(_script(sign) for sign in text if sign.isalpha())
    least = STRAY_SHARE * found.total()
    return {script for script, count in found.items() if count >= least}


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """As Unicode's names begin: LATIN, CYRILLIC; kana and han are both CJK."""
    name = unicodedata.name(letter, "UNKNOWN").split()[0]
    return {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}.get(name, name)
