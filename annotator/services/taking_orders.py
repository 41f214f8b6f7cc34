"""Orders that a person typed: what is to be exported, reported on, or studied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from annotator.domain import saying
from annotator.domain.errors import Invalid

Order = TypeVar("Order")


def taken(read: Callable[[dict[str, Any]], Order], given: dict[str, Any]) -> Order:
    """What `read` makes of it; Invalid names what is wrong."""
    try:
        return read(given)
    except (TypeError, ValueError) as error:
        raise Invalid(saying.whole(error)) from None
