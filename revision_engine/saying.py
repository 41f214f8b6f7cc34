"""Sentences of code that knows no framework, in the language of whoever reads them.

Whoever uses it hands down how a sentence is said (`speak_by`). Until somebody does,
sentences are English.
"""

from __future__ import annotations

from collections.abc import Callable

_voice: Callable[[str], str] = str


def speak_by(voice: Callable[[str], str]) -> None:
    """Say all sentences from now on by `voice`: English in, the reader's words out."""
    global _voice
    _voice = voice


def gettext_noop(sentence: str) -> str:
    """Mark a sentence that is said later, by `gettext`."""
    return sentence


def gettext(sentence: str) -> str:
    """The sentence as it is said now; the name is what makemessages looks for."""
    return _voice(sentence)
