"""Guidelines are versions: none is lost, and two writers never make the same one."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.services import guiding
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "message"), [(" \n", "empty"), ("x" * 100_001, "100,001")]
)
def test_guidelines_have_words_and_not_too_many(body, message):
    project = factories.make_project()
    leo = factories.make_member(project, Role.LEAD, "leo")

    with pytest.raises(Invalid, match=message):
        guiding.write(project=project, author=leo, body=body)


@pytest.mark.django_db
def test_an_old_version_says_that_a_newer_one_counts(client):
    project = factories.make_project()
    leo = factories.make_member(project, Role.LEAD, "leo")
    for body in ("# Be kind", "# Be clear"):
        guiding.write(project=project, author=leo, body=body)
    client.force_login(leo)
    address = reverse("guidelines", args=["demo"])

    old, new = client.get(f"{address}?version=1"), client.get(address)

    assert "A newer version stands beside the work." in old.content.decode()
    assert "<h1>Be kind</h1>" in old.content.decode()
    assert "A newer version" not in new.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_make_two_versions():
    project = factories.make_project()
    leo = factories.make_member(project, Role.LEAD, "leo")
    other = threading.Thread(target=write_alone, args=(project, leo, "# Second"))

    with transaction.atomic():
        guiding.write(project=project, author=leo, body="# First")
        other.start()
        wait_for_the_lock()
    other.join(timeout=10)

    versions = project.guidelines.order_by("version")
    found = list(versions.values_list("version", "body"))
    assert found == [(1, "# First"), (2, "# Second")]


def write_alone(project, author, body):
    try:
        guiding.write(project=project, author=author, body=body)
    finally:
        connections.close_all()


def wait_for_the_lock():
    """Until the other writer stands at the lock that this transaction holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("The other writer never waited.")
