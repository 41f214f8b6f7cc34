"""Take a project away for good: asked by a person, done by a worker in parts.

What hangs on a project is found by the keys of the tables, so that a table that is
added later is not forgotten. A worker that is killed is followed by another one, which
goes on with the pairs that are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from time import monotonic

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from annotator import policies
from annotator.database import owned
from annotator.database.owned import Table
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import (
    Audition,
    Batch,
    BlindPair,
    Pair,
    Project,
    ProjectEvent,
    Rewrite,
    User,
)
from annotator.services import archiving, receiving
from training.services import forgetting

CHUNK = 2_000
"""Pairs that go in one transaction."""
AT_A_TIME = 8.0
"""Seconds after which the worker turns to other work for a while."""
_RUNNING_IMPORT = (Batch.State.WAITING, Batch.State.READING)


@transaction.atomic
def begin(*, project: Project, actor: User, typed: str) -> None:
    """Hide the project from everybody; a worker deletes it (`go_on`).

    Its address is free for another project at once.

    Raises:
        NotAllowed: the actor does not administer it.
        Invalid: `typed` is not its short name; nothing is done then.
    """
    policies.require(actor, project, Deed.DISPOSE)
    held = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if typed.strip() != held.slug:
        raise Invalid(
            gettext(
                "To delete the project type its short name, %(slug)s, to the letter."
            )
            % {"slug": held.slug}
        )
    archiving.write_down(
        held,
        ProjectEvent.Action.DELETION_BEGUN,
        actor,
        f"{Pair.objects.filter(project=held).count()} pairs",
    )
    held.deleting_since = timezone.now()
    held.slug = f"{held.slug[:30]}-deleted-{held.pk}"
    held.save()
    for batch in Batch.objects.locked().filter(project=held):
        if batch.state in _RUNNING_IMPORT:
            batch.state, batch.reader = Batch.State.CANCELLED, None
        receiving.forget(batch)
        batch.save()
    for jobs in (Rewrite, Audition):
        jobs.objects.filter(project=held, finished_at=None).update(
            state=jobs.State.CANCELLED, finished_at=timezone.now()
        )


def to_delete() -> list[int]:
    """Projects of which something is left."""
    found = Project.with_checks.exclude(deleting_since=None)
    return list(found.order_by("pk").values_list("pk", flat=True))


def go_on(project_id: int) -> bool:
    """Delete what is left of it; whether nothing is.

    False as long as a training run has to stop first, while another worker is at it,
    and after AT_A_TIME seconds: to be called again.
    """
    project = Project.with_checks.exclude(deleting_since=None).get(pk=project_id)
    wholes = [*Project.with_checks.filter(checks_of=project), project]
    stopped = [forgetting.stop_runs(whole.scope) for whole in wholes]
    until = monotonic() + AT_A_TIME
    if not all(stopped) or not all(_delete_pairs(whole, until) for whole in wholes):
        return False
    for whole in wholes:
        _delete_rest(whole)
        forgetting.forget(whole.scope)
    _close(project, wholes)
    return True


def _delete_pairs(project: Project, until: float) -> bool:
    while (gone := _delete_some(project)) > 0 and monotonic() < until:
        pass
    return gone == 0


@transaction.atomic
def _close(project: Project, wholes: Sequence[Project]) -> None:
    """Delete the rows of the projects themselves, unless another worker just has."""
    locked = Project.with_checks.select_for_update().filter(pk=project.pk)
    if locked.exists():
        _write_down(project)
        for whole in wholes:
            rows = Project.with_checks.filter(pk=whole.pk)
            rows._raw_delete(rows.db)


def _write_down(project: Project) -> None:
    begun = ProjectEvent.objects.filter(
        project=project, action=ProjectEvent.Action.DELETION_BEGUN
    ).last()
    if begun:
        ProjectEvent.objects.create(
            slug=begun.slug,
            name=begun.name,
            action=ProjectEvent.Action.DELETED,
            actor=begun.actor,
            note=begun.note,
        )
    project.events.update(project=None)


@transaction.atomic
def _delete_some(project: Project) -> int:
    """How many pairs went; -1 if another worker is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [3, project.pk])
        if not cursor.fetchone()[0]:
            return -1
    mine = Pair.objects.filter(project=project).order_by("pk")
    ids = list(mine.values_list("pk", flat=True)[:CHUNK])
    if not ids:
        return 0
    pairs = Pair.objects.filter(pk__in=ids)
    pairs.update(draft=None)
    BlindPair.objects.filter(pair__in=ids).update(pair=None)
    for table, ways in _below(Pair):
        for way in ways:
            _delete(table, f"{way}__in", ids)
    _delete(Pair, "pk__in", ids)
    return len(ids)


@transaction.atomic
def _delete_rest(project: Project) -> None:
    for table, ways in _below(Project):
        for way in ways:
            _delete(table, way, project.pk)


def _delete(table: Table, way: str, value: object) -> None:
    rows = table._base_manager.filter(**{way: value})
    rows._raw_delete(rows.db)


@cache
def _below(root: Table) -> Sequence[tuple[Table, tuple[str, ...]]]:
    """What hangs on `root`, what points to others first."""
    tables = set(apps.get_app_config("annotator").get_models())
    found = owned.paths(root, tables)
    # Empty or gone before: the pair's own draft.
    order = owned.in_order(found, free={"Pair.draft"})
    return [(table, found[table]) for table in order]
