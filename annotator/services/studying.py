"""Tune models on versions of a project's pairs, and compare them: a job, whose row says
how far it is.

The work is a process beside the training worker (training.evaluation.tuned.work), in a
folder of that worker. A worker that dies is followed by another, which goes on in the
folder: models that are tuned and answers that are there are kept. Training runs go
first: a study waits while one works or waits, and makes way for one that comes.
"""

from __future__ import annotations

import json
import logging
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, gettext_noop

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.model_studies import StudyOrder, Tuning
from annotator.domain.roles import Deed
from annotator.models import ModelStudy, Project, User
from annotator.selectors import accepted
from annotator.selectors.accepted import ReviewQuery
from annotator.services import (
    asking_raters,
    comparing_datasets,
    fitting,
    making_way,
    rating,
    study_documents,
    study_pairs,
    telling_of_work,
)
from annotator.services.claims import Claims
from annotator.services.taking_orders import taken
from training.evaluation.judges.heard import Heard
from training.evaluation.tuned import study as work
from training.evaluation.tuned import testsets
from training.evaluation.tuned.testsets import TestItem
from training.services import judging
from training.services.following import follow
from training.services.waiting import until_told

logger = logging.getLogger(__name__)
MODULE = "training.evaluation.tuned.work"
TESTSET_BYTES = 5_000_000
PAPERS = "papers.json"
"""Written when a study is laid out whole."""
State, Stage = ModelStudy.State, ModelStudy.Stage
RUNNING = (State.WAITING, State.WORKING)
CLAIMS: Claims[ModelStudy] = Claims(
    rows=ModelStudy.objects.all,
    waiting=State.WAITING,
    running=[State.WORKING],
    by="worker",
    with_rows=["project", "asked_by"],
    died=gettext_noop(
        "Three workers died on it, one after the other, with no model done between."
    ),
    end=lambda study, why: _end(study, State.FAILED, why),
)


def order_of(given: dict[str, Any]) -> StudyOrder:
    """The order that a person typed; Invalid names what is wrong."""
    return taken(StudyOrder.from_dict, given)


def request(
    *,
    project: Project,
    actor: User,
    order: StudyOrder,
    testset: BinaryIO | None = None,
) -> ModelStudy:
    """Ask for a study; it waits for the training worker (`carry_out`).

    Raises:
        NotAllowed: the actor's role does not cover training.
        Invalid: the base model may not be used, a judge cannot be asked here, the test
            set cannot be used, or there are too few accepted pairs.
    """
    policies.require(actor, project, Deed.TRAIN)
    rating.check(order.judges)
    order = replace(order, base_model=order.base_model or settings.BASE_MODEL)
    try:
        fitting.check_base_model(order.base_model)
    except ValueError as fault:
        raise Invalid(str(fault)) from None
    if order.tuning == Tuning.FULL:
        _check_memory(order)
    if bool(order.testset) != (testset is not None):
        raise Invalid(gettext("A test set of one's own has a name and a file."))
    items = _read(testset, order.testset) if testset else []
    there = accepted.reviews(project, ReviewQuery()).count()
    if there < study_pairs.LEAST_PAIRS:
        raise Invalid(
            gettext(
                "There are %(count)d accepted pairs; a model is tuned on at least "
                "%(least)d."
            )
            % {"count": there, "least": study_pairs.LEAST_PAIRS}
        )
    return ModelStudy.objects.create(
        project=project,
        asked_by=actor,
        asked=order.as_dict(),
        items=[asdict(item) for item in items],
        granted=order.minutes,
    )


def _check_memory(order: StudyOrder) -> None:
    if why := fitting.fit_whole(order.base_model).why_not:
        raise Invalid(why)


def _read(file: BinaryIO, name: str) -> list[TestItem]:
    written = file.read(TESTSET_BYTES + 1)
    if len(written) > TESTSET_BYTES:
        raise Invalid(
            gettext("%(name)s has more than %(most)s bytes.")
            % {"name": name, "most": f"{TESTSET_BYTES:,}"}
        )
    try:
        items = testsets.parse(written, name)
    except testsets.BadTestSet as fault:
        raise Invalid(str(fault)) from None
    if not study_pairs.LEAST_ITEMS <= len(items) <= study_pairs.MOST_ITEMS:
        raise Invalid(
            gettext(
                "%(name)s has %(number)s different instructions; a test set has from "
                "%(least)s to %(most)s."
            )
            % {
                "name": name,
                "number": f"{len(items):,}",
                "least": study_pairs.LEAST_ITEMS,
                "most": f"{study_pairs.MOST_ITEMS:,}",
            }
        )
    return items


def folder_of(study: ModelStudy) -> Path:
    """Where its files lie, on the training worker's machine."""
    return Path(settings.RUNS_FOLDER) / f"study-{study.pk}"


def to_carry_out() -> list[int]:
    """Studies that wait, or whose worker has fallen silent; none while training or
    another study has the machine."""
    return [] if making_way.is_taken() or is_working() else CLAIMS.free()


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
        making_way.sweep(CLAIMS, "study")
        making_way.attempt(CLAIMS, study, _steps, _fail)


def _at_its_start(study: ModelStudy) -> None:
    study.stage = Stage.READING


def _steps(study: ModelStudy) -> None:
    folder = folder_of(study)
    if not (folder / PAPERS).exists():
        _lay_out(study, folder)
    if making_way.minutes_left(study) != 0:
        command = [MODULE, str(folder), "--leashed", *_options(study)]
        follow(folder, command, _listener(study), has_children=True)
    if not (folder / study_documents.REPORT).exists():
        raise Invalid(gettext("The minutes were over before any model had answered."))
    if study.order.judges != (judging.Kind.EMBEDDED,):
        _judge(study, folder)
    papers = json.loads((folder / PAPERS).read_text(encoding="utf-8"))
    document = study_documents.document(folder, papers, study.seconds)
    study.done = len(document["report"]["runs"])
    study.for_raters = study_documents.for_raters(folder)
    until_told(lambda: _finish(study, document))


def _judge(study: ModelStudy, folder: Path) -> None:
    """Have the judges of the order compare the answers. Here and not in the process
    beside: a server's key is in no file and on no command line. What a server has
    answered is kept: nothing is asked for twice."""
    study.stage, study.arm, study.seed = Stage.JUDGING, "", None
    listener, known = _listener(study), rating.known()
    rating.check(study.order.judges)
    judges = [known[name]() for name in study.order.judges]
    heard = [Heard(judge, tell=lambda: listener([])) for judge in judges]
    work.judged(folder, *heard)


def _options(study: ModelStudy) -> list[str]:
    options = ["--judge", settings.JUDGE_MODEL_FILE]
    options += ["--backend", settings.REVISION_BACKEND]
    left = making_way.minutes_left(study)
    return options if left is None else [*options, "--minutes", f"{left:.2f}"]


def _lay_out(study: ModelStudy, folder: Path) -> None:
    """Write what is tuned on and asked, whole or not at all."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    order, judge = study.order, judging.embedded()
    found = study_pairs.material(study.project)
    arms = study_pairs.arms(found.pairs, order.arms, judge)
    items = [TestItem(**item) for item in study.items] or _held_out(found)
    made = comparing_datasets.lay_down(
        folder,
        arms,
        items,
        seeds=order.seeds,
        seen=order.seen,
        config={"base_model": order.base_model},
        tuning=order.tuning,
        fewest_items=study_pairs.LEAST_ITEMS,
    )
    papers = {
        "order": order.as_dict(),
        "judge": {"name": judge.name, "version": judge.version},
        "pairs": made.sizes,
        "held_out": len(found.held_out),
        "leaked": found.leaked,
        "testset": order.testset,
        "contaminated": made.contaminated,
    }
    part = folder / f"{PAPERS}.part"
    part.write_text(json.dumps(papers, ensure_ascii=False, indent=1))
    part.rename(folder / PAPERS)


def _held_out(found: study_pairs.Material) -> list[TestItem]:
    if len(items := found.items) < study_pairs.LEAST_ITEMS:
        raise Invalid(
            gettext(
                "%(number)s instructions of accepted pairs are held out from "
                "coaches; a test set has at least %(least)s. Accept more pairs, or "
                "bring a test set of your own."
            )
            % {"number": len(items), "least": study_pairs.LEAST_ITEMS}
        )
    return items


def _listener(study: ModelStudy) -> making_way.Listener:
    told = ("stage", "arm", "seed", "done", "total", "seconds", "tries")
    return making_way.Listener(CLAIMS, study, _take, told)


def _take(study: ModelStudy, line: dict[str, Any]) -> None:
    kind = line["kind"]
    if kind not in (Stage.TUNING, Stage.ANSWERING, "done"):
        return
    if line["done"] > study.done:
        study.tries = 0
    study.done, study.total = max(study.done, line["done"]), line["total"]
    if kind != "done":
        study.stage, study.arm, study.seed = kind, line["arm"], line["seed"]


@transaction.atomic
def _finish(study: ModelStudy, document: dict[str, Any]) -> None:
    if CLAIMS.holds(study):
        study.document = document
        _end(study, State.DONE)


@transaction.atomic
def _fail(study: ModelStudy, problem: str) -> None:
    if CLAIMS.holds(study):
        _end(study, State.FAILED, problem)


def _end(study: ModelStudy, state: str, problem: str = "") -> None:
    if problem:
        logger.warning("Model study %d failed: %s", study.pk, problem)
    study.stage, study.arm, study.seed = "", "", None
    CLAIMS.close(study, state, problem)
    telling_of_work.model_study_ended(study)


@transaction.atomic
def cancel(*, study: ModelStudy, actor: User) -> None:
    """Carry it out no further; what is tuned is kept. Invalid once it has ended."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = ModelStudy.objects.locked().get(pk=study.pk)
    if study.state not in RUNNING:
        raise Invalid(gettext("Nothing is done on this study any more."))
    _end(study, State.CANCELLED)


@transaction.atomic
def resume(*, study: ModelStudy, actor: User) -> None:
    """Go on with a study that failed, was cancelled, or whose minutes were over; it has
    as many minutes again."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = ModelStudy.objects.locked().get(pk=study.pk)
    making_way.go_on(
        CLAIMS, study, gettext("All its models have answered: nothing is left to do.")
    )


@transaction.atomic
def delete(*, study: ModelStudy, actor: User) -> None:
    """Delete a study that has ended; its folder goes when the next one starts."""
    policies.require(actor, study.project, Deed.TRAIN)
    study = ModelStudy.objects.locked().get(pk=study.pk)
    if study.state in RUNNING:
        raise Invalid(gettext("It is being carried out: cancel it first."))
    asking_raters.check_unasked(study.blind_ratings.all())
    study.delete()
