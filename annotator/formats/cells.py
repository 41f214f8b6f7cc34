"""Cells that hold texts: what they say, or what is wrong with them."""

from __future__ import annotations

from annotator.domain.line_ends import as_newlines
from annotator.domain.saying import gettext
from annotator.formats import other_formats
from annotator.formats.rows import MAX_FIELD_CHARS

MAX_DEPTH = 50
"""Levels of a kept value: far from where Python's own readers and writers end."""


class BadRow(ValueError):
    """Something is wrong with the row; the message names the field."""


class OtherFormat(BadRow):
    """Nothing is wrong with the row but that it is no pair."""


def text_of(name: str, value: object) -> str:
    """A cell's text as it is stored: line ends as newlines, nothing else altered.

    OtherFormat: it holds a chat or a list. BadRow: it is no text, or none that the
    database can hold.
    """
    if isinstance(value, str):
        return storable(name, as_newlines(value), MAX_FIELD_CHARS)
    if other := other_formats.of_value(value):
        raise OtherFormat(
            gettext("%(name)r %(other)s") % {"name": name, "other": other}
        )
    raise BadRow(
        gettext("%(name)r is a %(kind)s, not a text")
        % {"name": name, "kind": type(value).__name__}
    )


def storable(name: str, value: str, limit: int) -> str:
    """The value, if the database can hold it; else BadRow."""
    if len(value) > limit:
        raise BadRow(
            gettext("%(name)r has %(count)s characters; %(most)s are allowed")
            % {"name": name, "count": f"{len(value):,}", "most": f"{limit:,}"}
        )
    if "\0" in value:
        raise BadRow(gettext("%(name)r contains a NUL character") % {"name": name})
    try:
        value.encode()
    except UnicodeEncodeError as error:
        byte = len(value[: error.start].encode()) + 1
        raise BadRow(
            gettext(
                "%(name)r is not valid UTF-8 at its byte %(byte)s: save the file "
                "as UTF-8"
            )
            % {"name": name, "byte": f"{byte:,}"}
        ) from None
    return value


def depth(value: object, level: int = 0) -> int:
    if level > MAX_DEPTH or not isinstance(value, dict | list):
        return level
    inner = value.values() if isinstance(value, dict) else value
    return max((depth(each, level + 1) for each in inner), default=level + 1)
