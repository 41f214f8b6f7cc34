"""What a person sent as an order, before it is known to be a good one."""

from __future__ import annotations

from collections.abc import Mapping
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
