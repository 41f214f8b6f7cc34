"""Fill the running product: a project with drafted pairs, and its people.

Run as a process of its own, since it reads the settings of the `up` it fills.
"""

from __future__ import annotations

import sys

import django

SLUG, FEED = "kills", "feed"
PASSWORD = "a long kill password"  # noqa: S105


def fill(pairs: int, people: int, judges: int) -> None:
    from django.contrib.auth.hashers import make_password

    from annotator.domain.roles import Role
    from annotator.models import Membership, Project, User
    from revision_engine.types import CoachRef
    from training.services import registry

    project = Project.objects.create(slug=SLUG, name=SLUG)
    feed = Project.objects.create(slug=FEED, name=FEED)
    secret = make_password(PASSWORD)
    for scope in (project.scope, feed.scope):
        ref = CoachRef(
            name="none", base_model="none", adapter="", prompt="coachlm-1", wording="x"
        )
        coach = registry.register(scope=scope, ref=ref, name="none")
        registry.promote(coach=coach, actor=None)
    for role, prefix, count in (
        (Role.ANNOTATOR, "writer", people),
        (Role.REVIEWER, "judge", judges),
    ):
        users = User.objects.bulk_create(
            User(username=f"{prefix}{n}", password=secret) for n in range(count)
        )
        Membership.objects.bulk_create(
            Membership(project=project, user=user, role=role) for user in users
        )
    _pairs(project, pairs, "ready")
    _pairs(feed, pairs, "queued")


def _pairs(project, count: int, state: str) -> None:
    from annotator.models import Batch, Pair

    batch = Batch.objects.create(project=project, name="kills.json", sha256="0" * 64)
    Pair.objects.bulk_create(
        Pair(
            project=project,
            batch=batch,
            row=number,
            instruction=f"Say the number {number}.",
            response=f"It is {number}.",
            fingerprint=f"{number:064}",
            state=state,
            arm="control" if state == "ready" else "coached",
        )
        for number in range(count)
    )


if __name__ == "__main__":
    django.setup()
    fill(*map(int, sys.argv[1:]))
