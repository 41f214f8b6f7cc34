"""Take out of a field what only the coach brought and no reader wants to see.

Signs, tokens and repetition that the raw pair has itself stay, if the coach kept them;
and so does the white space around a raw field, which models lose.
"""

from __future__ import annotations

import re

from revision_engine.repetition import cut_loop

_TRAILING_TOKEN = re.compile(r"(?:<\|\w{1,30}\|>|</?s>|<pad>|<eos>|<end_of_turn>)\Z")
# An emoji with a tag sequence: the flags of England, Scotland, Wales.
_TAGGED = r"\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"
# Control, zero-width and direction signs, replacement signs, half surrogates, tags.
# Joiners (U+200C, U+200D) stay: Persian, Hindi and emoji are spelt with them.
_UNWANTED = re.compile(
    rf"{_TAGGED}|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)
_INDENTED = re.compile(r"(?: {2,}|\t+ *)(?=\S)")
_LINE_SEPARATORS = "\x85\u2028\u2029"


def tidy(text: str, raw: str = "") -> str:
    """The text without unwanted signs that `raw`, the whole raw pair, has not."""
    if "\r" not in raw:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    own = frozenset(raw)
    return _UNWANTED.sub(lambda found: _kept(found[0], own), text)


def _kept(sign: str, own: frozenset[str]) -> str:
    if len(sign) > 1 or sign in own:
        return sign
    return "\n" if sign in _LINE_SEPARATORS else ""


def without_tokens(text: str, raw: str = "", pair: str = "") -> str:
    """The text without control tokens at its end, but for those that the raw field
    has, or else the raw pair speaks of."""
    too_many: dict[str, int] = {}
    while found := _TRAILING_TOKEN.search(text[-40:]):
        token = found[0]
        if token not in too_many:
            own = raw.count(token) or int(token in pair)
            too_many[token] = text.count(token) - own
        if too_many[token] <= 0:
            return text
        too_many[token] -= 1
        text = text.removesuffix(token).rstrip()
    return text


def before_the_cut(text: str, raw: str = "", pair: str = "") -> str:
    """A field without white space around it, unwanted signs and tokens at its end.

    `raw` is the raw field, `pair` all of the raw pair's text.
    """
    return without_tokens(tidy(text, pair).strip(), raw, pair)


def clean(text: str, raw: str = "", pair: str = "", *, finished: bool = True) -> str:
    """The same, and without a loop at its end. Cleaning twice changes nothing more."""
    before = None
    while before != text:
        before = text
        text = before_the_cut(text, raw, pair)
        text = cut_loop(text, raw.strip(), finished=finished).strip()
    return text


def dressed(text: str, written: str, raw: str) -> str:
    """A cleaned field in the raw field's outer white space, which models lose.

    Another indentation is the coach's if the field has several lines: it counts, where
    it is two signs or more behind the blank that follows a label. `written` is the
    field as it stood there.
    """
    core = raw.strip()
    if not text or text == core:
        return raw if text else text
    start = raw.index(core)
    before, behind = raw[:start], raw[start + len(core) :]
    own = _INDENTED.match(written.removeprefix(" "))
    if own and "\n" in text:
        *lines, _ = before.split("\n")
        before = "\n".join([*lines, own[0]])
    return f"{before}{text}{behind}"
