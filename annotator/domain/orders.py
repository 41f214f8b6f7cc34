"""What a person sent as an order, before it is known to be a good one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from annotator.domain.saying import gettext


def filled_in(order: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """What says something; ValueError names what the order has no field for."""
    known = {each.name for each in fields(order)}
    if unknown := set(given) - known:
        raise ValueError(
            gettext("unknown: %(names)s") % {"names": ", ".join(sorted(unknown))}
        )
    return {name: value for name, value in given.items() if value not in (None, "", [])}


def listed(name: str, typed: object) -> Iterable[object]:
    """Of a list, or a text with commas or spaces."""
    if isinstance(typed, str):
        return typed.replace(",", " ").split()
    if isinstance(typed, list | tuple):
        return typed
    raise ValueError(
        gettext("%(name)s must be a list, got %(value)r")
        % {"name": name, "value": typed}
    )


def whole_number(name: str, typed: object) -> int:
    try:
        return int(str(typed))
    except ValueError:
        raise ValueError(
            gettext("%(name)s must be a whole number, got %(value)r")
            % {"name": name, "value": typed}
        ) from None
