"""The people whom a page names to somebody who may not do what it is for."""

from __future__ import annotations

from collections.abc import Iterable

from annotator.domain.roles import Role
from annotator.models import Membership
from annotator.web.labels import ROLES


def named(memberships: Iterable[Membership]) -> list[dict[str, object]]:
    """For `components/_to_ask.html`: name and role of each."""
    return [
        {
            "name": held.user.get_full_name() or held.user.get_username(),
            "role": ROLES[Role(held.role)],
        }
        for held in memberships
    ]
