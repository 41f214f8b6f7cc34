"""Mentions from before there was an inbox."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from annotator.models import Comment, Mention, Notice
from annotator.services import commenting
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(1)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def migration(project):
    """As the table was then."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE annotator_mention ADD COLUMN seen_at timestamptz")
    return import_module("annotator.migrations.0034_tell_of_mentions")


def test_the_migration_tells_of_what_nobody_has_seen(migration, project, anna, lena):
    pair = project.pairs.get()
    unseen, seen = (
        Comment.objects.create(pair=pair, author=anna, body=f"@lena {n}")
        for n in range(2)
    )
    for comment in (unseen, seen):
        Mention.objects.create(comment=comment, person=lena)
    run("UPDATE annotator_mention SET seen_at = now() WHERE id IN ("
        "SELECT max(id) FROM annotator_mention)")  # fmt: skip

    for _ in range(2):
        run(migration.TELL)

    [told] = Notice.objects.all()
    assert (told.person, told.by, told.number) == (lena, anna, pair.pk)
    assert (told.kind, told.said) == ("mention", {"body": "@lena 0"})
    run(migration.FORGET)
    assert not Notice.objects.exists()


def test_what_the_migration_tells_is_what_a_comment_tells(
    migration, project, anna, lena
):
    made = commenting.comment(pair=project.pairs.get(), author=anna, body="@lena look")
    run(migration.TELL)

    assert Notice.objects.get().key == f"comment:{made.pk}"
