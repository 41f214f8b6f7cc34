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

_LANGUAGES = {
    "ARABIC": "ar fa ks ps sd ug ur",
    "ARMENIAN": "hy",
    "BENGALI": "as bn",
    "CJK": "ja zh",
    "CYRILLIC": "ba be bg ce cv kk ky mk mn os ru sr tg tt uk",
    "DEVANAGARI": "bh hi mr ne sa",
    "ETHIOPIC": "am ti",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he yi",
    "KANNADA": "kn",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "ORIYA": "or",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAANA": "dv",
    "THAI": "th",
    "TIBETAN": "bo dz",
}
SCRIPT_OF_LANGUAGE = {
    language: script
    for script, languages in _LANGUAGES.items()
    for language in languages.split()
}
"""Others are written in Latin letters."""
_SCRIPT_OF_CODE = {
    "arab": "ARABIC",
    "cyrl": "CYRILLIC",
    "deva": "DEVANAGARI",
    "grek": "GREEK",
    "guru": "GURMUKHI",
    "hans": "CJK",
    "hant": "CJK",
    "hebr": "HEBREW",
    "jpan": "CJK",
    "kore": "HANGUL",
    "latn": "LATIN",
    "mong": "MONGOLIAN",
    "tibt": "TIBETAN",
}
"""ISO 15924, for languages with more than one script."""
_ASKS_FOR_ANOTHER = re.compile(
    r"translat|transliterat|\b(?:arabic|bengali|bulgarian|chinese|cyrillic|greek|"
    r"hebrew|hindi|japanese|kanji|korean|mandarin|persian|russian|thai|ukrainian|"
    r"urdu|english|alphabet|unicode|emoji|language)\b|翻译|英文|英语|日语|韩语",
    re.IGNORECASE,
)


def is_foreign(revised: str, raw: str, language: str) -> bool:
    """Whether much of a text is of a script that the raw one does not use.

    A raw text that asks for another language or script allows them all; for one
    without letters, `language` (a tag) tells the script. Letters that the raw text has
    as often are never foreign.
    """
    if _ASKS_FOR_ANOTHER.search(raw):
        return False
    home = _scripts(raw) or {script_of(language)}
    found = Counter(_script(sign) for sign in revised if sign.isalpha())
    new = found - Counter(_script(sign) for sign in raw if sign.isalpha())
    foreign = sum(count for script, count in new.items() if script not in home)
    return found.total() >= MIN_LETTERS and foreign > FOREIGN_SHARE * found.total()


def script_of(tag: str) -> str:
    """The script of a language tag: sr-Latn is Latin, sr and sr-RS are Cyrillic."""
    language, *more = tag.lower().replace("_", "-").split("-")
    named = next(
        (_SCRIPT_OF_CODE[part] for part in more if part in _SCRIPT_OF_CODE), ""
    )
    return named or SCRIPT_OF_LANGUAGE.get(language, "LATIN")


def _scripts(text: str) -> set[str]:
    found = Counter(_script(sign) for sign in text if sign.isalpha())
    least = STRAY_SHARE * found.total()
    return {script for script, count in found.items() if count >= least}


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """As Unicode's names begin: LATIN, CYRILLIC; kana and han are both CJK."""
    name = unicodedata.name(letter, "UNKNOWN").split()[0]
    return {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}.get(name, name)
