"""A comparison of backbones that is measured at once, by a fake engine in here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from django.test import override_settings

from annotator.models import BackboneComparison, Project, User
from annotator.services import comparing_backbones
from training.evaluation import backbone as work
from training.models import CoachVersion

FAKE = "revision_engine.backends.fake.FakeBackend"


def here(folder: Path, command: Sequence[str], heard: Callable[[Any], None]) -> None:
    """In place of a process: all its lines at its end."""
    work.measure(folder, FAKE)
    lines = (folder / "progress.jsonl").read_text().splitlines()
    heard([json.loads(line) for line in lines])


def measured(project: Project, actor: User) -> BackboneComparison:
    """Two of the project's coaches, compared."""
    coaches = CoachVersion.objects.filter(scope=project.scope, is_elsewhere=False)
    with override_settings(HELD_OUT_SHARE=0.5):  # a small project has few
        comparison = comparing_backbones.request(
            project=project, actor=actor, coaches=[each.pk for each in coaches[:2]]
        )
    with mock.patch.object(comparing_backbones, "follow", here):
        comparing_backbones.carry_out(comparison.pk)
    comparison.refresh_from_db()
    assert comparison.state == BackboneComparison.State.DONE, comparison.problem
    return comparison
