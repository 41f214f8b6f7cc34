"""One event, as services tell of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from annotator.domain.news import Kind
from annotator.models import Notice, Project, User


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event, as all who hear of it are told."""

    kind: Kind
    project: Project
    about: Notice.About
    number: int | None = None
    key: str
    """Names the event: telling it again tells nobody anything."""
    by: User | None = None
    """Whose deed it was: they are not told."""
    said: dict[str, Any] = field(default_factory=dict)
