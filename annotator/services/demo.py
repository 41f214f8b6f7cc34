"""The demo: people, pairs written for it, the shipped coach, and a second project
whose weeks of work are made up (services/made_up)."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

import annotator
from annotator.domain.roles import Role
from annotator.models import Membership, Project, User
from annotator.services import guiding, importing, projects
from annotator.services.made_up import weeks
from annotator.services.made_up.cast import CAST

PEOPLE = {
    "anna": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "rosa": Role.REVIEWER,
    "leo": Role.LEAD,
    "ada": Role.ADMIN,
}
DEMO = Path(annotator.__file__).parent / "demo"
PAIRS = DEMO / "pairs.json"
GUIDELINES = DEMO / "guidelines.md"


def password_of(name: str) -> str:
    """The published password of a demo login."""
    return f"{name}-demo"


@transaction.atomic
def load() -> Project | None:
    """Make the demo on an empty installation; None where anybody has an account."""
    if User.objects.exists():
        return None
    project = Project.objects.create(
        slug="demo",
        name="Demo: everyday questions",
        description="Pairs written for this demo, with the flaws real ones have.",
    )
    for name, role in PEOPLE.items():
        user = User.objects.create_user(
            name, password=password_of(name), first_name=name.title()
        )
        Membership.objects.create(project=project, user=user, role=role)
    projects.adopt_shipped_coach(project)
    lead = User.objects.get(username="leo")
    guiding.write(project=project, author=lead, body=GUIDELINES.read_text())
    with PAIRS.open("rb") as file:
        importing.import_pairs(
            project=project,
            actor=None,
            file=file,
            name="demo pairs.json",
            revised_as_accepted=True,
        )
    weeks.begin(
        guidelines=GUIDELINES.read_text(),
        passwords={worker.name: password_of(worker.name) for worker in CAST},
    )
    return project
