"""One sign ends a line, from the moment a text comes in: browsers know no other.

Every door asks here: files and API rows (formats/keys.py), what is typed
(web/forms.py), what a coach writes (drafting, candidates, rewriting), guidelines and
comments.
"""

from __future__ import annotations

from revision_engine.types import PairText


def as_newlines(text: str) -> str:
    """The text with `\\n` for each `\\r\\n` and each lone `\\r`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def with_newlines(pair: PairText) -> PairText:
    """The pair with all its line ends as `\\n`."""
    return PairText(
        instruction=as_newlines(pair.instruction),
        input=as_newlines(pair.input),
        response=as_newlines(pair.response),
    )
