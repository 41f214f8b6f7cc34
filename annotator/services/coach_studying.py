"""Train and measure the coaches of a study: a job, whose row says how far it is.

The work is a process beside the training worker (training.evaluation.coach_studies), in
a folder of that worker. What a coach was measured to be becomes a row as soon as it is
there, and is taken from there by every study that would train and measure the same:
after a kill, a cancel, the end of the minutes, or in another study.
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.coach_studies import CoachStudyOrder
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import CoachCell, CoachStudy, Project, User
from annotator.services import (
    coach_study_pairs,
    comparing_backbones,
    making_way,
    studying,
    telling_of_work,
)
from annotator.services.claims import Claims
from annotator.services.taking_orders import taken
from training.evaluation.coach_studies import grid, reporting
from training.services import judging
from training.services.following import follow
from training.services.waiting import until_told

logger = logging.getLogger(__name__)
MODULE = "training.evaluation.coach_studies.work"
State, Stage = CoachStudy.State, CoachStudy.Stage
RUNNING = (State.WAITING, State.WORKING)
CLAIMS: Claims[CoachStudy] = Claims(
    rows=CoachStudy.objects.all,
    waiting=State.WAITING,
    running=[State.WORKING],
    by="worker",
    with_rows=["project", "asked_by"],
    died=gettext_noop(
        "Three workers died on it, one after the other, with no coach done between."
    ),
    end=lambda study, why: _end(study, State.FAILED, why),
)


def order_of(given: dict[str, Any]) -> CoachStudyOrder:
    """The order that a person typed; Invalid names what is wrong."""
    return taken(CoachStudyOrder.from_dict, given)


def request(*, project: Project, actor: User, order: CoachStudyOrder) -> CoachStudy:
    """Ask for a study; it waits for the training worker (`carry_out`).

    Raises:
        NotAllowed: the actor's role does not cover training.
        Invalid: there are too few accepted pairs for it, or one of its values or base
            models cannot be used.
    """
    policies.require(actor, project, Deed.TRAIN)
    planned = coach_study_pairs.cells(coach_study_pairs.of_project(project), order)
    return CoachStudy.objects.create(
        project=project,
        asked_by=actor,
        asked=order.as_dict(),
        total=len(planned),
        granted=order.minutes,
    )


def folder_of(study: CoachStudy) -> Path:
    """Where its files lie, on the training worker's machine."""
    return Path(settings.RUNS_FOLDER) / f"coach-study-{study.pk}"


def to_carry_out() -> list[int]:
    """Studies that wait, or whose worker has fallen silent; none while training or
    another study or comparison has the machine."""
    others = (studying.is_working, comparing_backbones.is_working, is_working)
    if making_way.is_taken() or any(works() for works in others):
        return []
    return CLAIMS.free()


def is_working() -> bool:
    """Whether a study has a worker that is not silent."""
    return making_way.is_working(CLAIMS)


def carry_out(study_id: int) -> None:
    """Do what is left of a study, unless somebody else does, it is cancelled, or the
    machine is taken."""
    if making_way.is_taken() or is_working():
        return
    study = CLAIMS.begin(study_id, _at_its_start)
    if study is not None:
        making_way.sweep(CLAIMS, "coach-study")
        making_way.attempt(CLAIMS, study, _steps, _fail)


def _at_its_start(study: CoachStudy) -> None:
    study.stage = Stage.READING


def _steps(study: CoachStudy) -> None:
    folder = folder_of(study)
    laid = _lay_out(study, folder)
    if making_way.minutes_left(study) != 0:
        command = [MODULE, str(folder), "--leashed", *_options(study)]
        follow(folder, command, _listener(study, folder, laid), has_children=True)
    results = grid.results(folder, laid)
    if not results:
        raise Invalid(gettext("The minutes were over before any coach was measured."))
    study.done = len(results)
    document = {
        **reporting.report(laid, results),
        "manifest": json.loads((folder / "papers.json").read_text()),
    }
    until_told(lambda: _finish(study, document))


def _options(study: CoachStudy) -> list[str]:
    options = ["--judge", settings.JUDGE_MODEL_FILE]
    left = making_way.minutes_left(study)
    return options if left is None else [*options, "--minutes", f"{left:.2f}"]


def _lay_out(study: CoachStudy, folder: Path) -> grid.Grid:
    """Write the study's folder, once; with it, each time, what is known of its cells.

    Once, so that pairs that are accepted meanwhile make no other study of it.
    """
    if (folder / grid.NAME).exists() and (folder / "papers.json").exists():
        laid = grid.Grid.read(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        laid = _laid(study, folder)
    study.total = len(laid.cells)
    digests = [cell.digest for cell in laid.cells]
    there = CoachCell.objects.filter(project=study.project, digest__in=digests)
    for each in there:
        grid.keep(folder, each.digest, each.result)
    study.done = len(grid.results(folder, laid))
    return laid


def _laid(study: CoachStudy, folder: Path) -> grid.Grid:
    judge, order = judging.embedded(), study.order
    material = coach_study_pairs.of_project(study.project)
    papers = {
        "order": order.as_dict(),
        "train": len(material.train),
        "held_out": len(material.held_out),
        "leaked": material.leaked,
        "judge": {"name": judge.name, "version": judge.version},
        "recipe": settings.TRAINING_RECIPE,
        "backend": settings.REVISION_BACKEND,
    }
    laid = grid.lay_down(
        folder,
        coach_study_pairs.cells(material, order),
        kind=order.kind,
        recipe=settings.TRAINING_RECIPE,
        backend=settings.REVISION_BACKEND,
        judge=judge.version,
    )
    grid.write_whole(folder / "papers.json", papers)
    return laid


def _listener(study: CoachStudy, folder: Path, laid: grid.Grid) -> making_way.Listener:
    def take(study: CoachStudy, line: dict[str, Any]) -> None:
        if line["kind"] == "at":
            study.stage, study.point = line["stage"], line["point"]
            study.seed, study.done = line["seed"], line["done"]
        elif line["kind"] == "cell":
            study.done, study.tries = line["done"], 0
            _keep(study, folder, laid.cell(line["name"]))

    told = ("stage", "point", "seed", "done", "total", "seconds", "tries")
    return making_way.Listener(CLAIMS, study, take, told)


def _keep(study: CoachStudy, folder: Path, cell: grid.Cell) -> None:
    """Let later studies have what was measured."""
    path = grid.folder_of(folder, cell) / grid.RESULT
    result = json.loads(path.read_text(encoding="utf-8"))
    until_told(
        lambda: CoachCell.objects.get_or_create(
            project=study.project, digest=cell.digest, defaults={"result": result}
        )
    )


@transaction.atomic
def _finish(study: CoachStudy, document: dict[str, Any]) -> None:
    if CLAIMS.holds(study):
        study.document = document
        _end(study, State.DONE)


@transaction.atomic
def _fail(study: CoachStudy, problem: str) -> None:
    if CLAIMS.holds(study):
        _end(study, State.FAILED, problem)


def _end(study: CoachStudy, state: str, problem: str = "") -> None:
    if problem:
        logger.warning("Coach study %d failed: %s", study.pk, problem)
    study.stage, study.point, study.seed = "", "", None
    CLAIMS.close(study, state, problem)
    telling_of_work.coach_study_ended(study)


@transaction.atomic
def cancel(*, study: CoachStudy, actor: User) -> None:
    """Carry it out no further; what is measured is kept. Invalid once it has ended."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = CoachStudy.objects.locked().get(pk=study.pk)
    if study.state not in RUNNING:
        raise Invalid(gettext("Nothing is done on this study any more."))
    _end(study, State.CANCELLED)


@transaction.atomic
def resume(*, study: CoachStudy, actor: User) -> None:
    """Go on with a study that failed, was cancelled, or whose minutes were over; it has
    as many minutes again."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = CoachStudy.objects.locked().get(pk=study.pk)
    making_way.go_on(
        CLAIMS, study, gettext("All its coaches are measured: nothing is left to do.")
    )


@transaction.atomic
def delete(*, study: CoachStudy, actor: User) -> None:
    """Delete a study that has ended; its folder goes when the next one starts. What its
    coaches were measured to be stays: a later study may need it."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = CoachStudy.objects.locked().get(pk=study.pk)
    if study.state in RUNNING:
        raise Invalid(gettext("It is being carried out: cancel it first."))
    study.delete()
