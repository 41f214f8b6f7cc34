"""Who did the work that nobody did."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.domain.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A made-up person: how fast, how careful, and when they work."""

    name: str
    role: Role
    from_week: int = 0
    hour: float = 9.0
    """At which they begin to revise."""
    a_day: int = 3
    """Pairs that they revise on a day."""
    pace: float = 1.0
    """Factor of the time that a pair takes."""
    care: float = 0.9
    """Share of their reviews that are as an expert would leave them."""
    unit: str = ""


CAST = (
    Worker(name="anna", role=Role.ANNOTATOR, hour=8.5, a_day=3, care=0.95,
           unit="Team North"),
    Worker(name="ben", role=Role.ANNOTATOR, hour=10.5, a_day=3, pace=0.55, care=0.62,
           unit="Team South"),
    Worker(name="chen", role=Role.ANNOTATOR, hour=12.0, a_day=2, pace=1.45, care=0.9,
           unit="Team North"),
    Worker(name="dora", role=Role.ANNOTATOR, hour=13.5, a_day=2, pace=0.9, care=0.82,
           from_week=2, unit="Team South"),
    Worker(name="rosa", role=Role.REVIEWER, hour=14.5, a_day=1, care=0.97),
    Worker(name="leo", role=Role.LEAD, hour=17.0, a_day=0),
    Worker(name="ada", role=Role.ADMIN, hour=18.0, a_day=0),
)  # fmt: skip
