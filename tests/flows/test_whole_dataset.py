"""A dataset travels through the real engine, with nobody in the loop."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.domain.roles import Role
from annotator.models import Rewrite
from annotator.selectors import rewrites
from annotator.services import rewriting
from annotator.tasks import nudge, rewrite_next
from tests import factories, world

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]


def test_a_dataset_is_revised_by_the_worker(settings, tmp_path: Path):
    world.prepare(settings, tmp_path)
    project = factories.make_project()
    coach = world.first_coach(settings, project)
    lead = factories.make_member(project, Role.LEAD)
    rows = rewriting.rows_of_objects(factories.rows(10))
    rewrite = rewriting.start(
        project=project, actor=lead, coach=coach, name="ten", rows=rows
    )

    with world.worker():
        nudge(rewrite_next, rewrite.pk)
        ended = Rewrite.objects.filter(pk=rewrite.pk, state=Rewrite.State.DONE)
        world.wait_for(ended.exists)

    rewrite.refresh_from_db()
    progress = rewrites.progress(rewrite)
    assert (progress.done, progress.left) == (10, 0)
    made = [r for r in rewrite.rows.all() if r.new_tokens]
    assert all(row.mean_logprob is not None for row in made)
    assert len(list(rewriting.export_rows(rewrite=rewrite, actor=lead))) == 10
