"""Rejected rows that were downloaded, mended and are uploaded again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from annotator.domain.saying import gettext
from annotator.formats.cells import BadRow
from annotator.formats.json_values import loads
from annotator.formats.rows import MAX_SOURCE_CHARS

_WRAPPERS = (
    frozenset(("row", "message", "source")),
    frozenset(("row", "what is wrong", "source")),
)


def mended(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row within one of a list of rejects; any other row as it is.

    BadRow: what stands there is no row yet.
    """
    if not is_wrapper(row):
        return row
    source = row["source"]
    if isinstance(source, str):
        source = _decoded(source)
    if not isinstance(source, Mapping):
        raise BadRow(
            gettext("'source' is no object with the columns of a row: mend it first")
        )
    return source


def is_wrapper(keys: Collection[str]) -> bool:
    """Whether a row has the keys of a reject, with the row itself within."""
    return len(keys) == len(_WRAPPERS[0]) and frozenset(keys) in _WRAPPERS


def _decoded(source: str) -> Any:
    try:
        return loads(source)
    except (ValueError, RecursionError) as fault:
        if len(source) == MAX_SOURCE_CHARS:
            raise BadRow(
                gettext(
                    "'source' was cut at %(most)s signs: take the row from its file"
                )
                % {"most": f"{MAX_SOURCE_CHARS:,}"}
            ) from None
        raise BadRow(
            gettext("'source' is no JSON yet: %(fault)s") % {"fault": fault}
        ) from None
