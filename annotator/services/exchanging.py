"""Adapters go out as files, and come in as such: to be evaluated, then promoted."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.models import Project, User
from annotator.services import fitting, snapshotting
from revision_engine import prompts
from revision_engine.types import CoachRef
from training import adapter_files, adapter_zips
from training.adapter_files import CameIn
from training.adapter_zips import AdapterRefused
from training.models import CoachVersion
from training.services import estimating, packing, snapshots, taking_in
from training.services.runs import RunWaits

MOST_NAME_CHARS = 120
MOST_WORDING_CHARS = 2_000


def pack(*, project: Project, actor: User | None, coach: CoachVersion) -> IO[bytes]:
    """The coach's adapter as a zip, open at its begin; it is gone once it is closed.

    `actor` None is the terminal. NotAllowed, and Invalid where there is no adapter that
    could go out.
    """
    if actor:
        policies.require(actor, project, Deed.EXPORT)
    if coach.scope != project.scope:
        raise Invalid(gettext("This project has no such coach."))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is given away
    try:
        packing.pack(coach, file)
    except packing.NotPackable as fault:
        file.close()
        raise Invalid(str(fault)) from None
    file.seek(0)
    return file


def take_in(
    *,
    project: Project,
    actor: User | None,
    file: IO[bytes],
    name: str = "",
    base_model: str = "",
    prompt: str = "",
    wording: str = "",
) -> CoachVersion:
    """Register the adapter in a zip as a coach, and queue its evaluation.

    What is left empty is told by its papers, else by its settings, else by the
    project. It drafts for nobody before a run has evaluated it.

    Raises:
        NotAllowed: the actor may not train here. `actor` None is the terminal.
        Invalid: the zip holds anything but an adapter, or one that does not fit.
        snapshotting.RunWaits: the project has a run that waits already.
    """
    if actor:
        policies.require(actor, project, Deed.TRAIN)
    with tempfile.TemporaryDirectory(prefix="coachlm-adapter-") as room:
        folder = Path(room)
        try:
            adapter_zips.unpack(file, folder, most=settings.ADAPTER_MOST_BYTES)
            came = adapter_files.read(folder)
            estimate = estimating.came_with(folder, came.sha256)
            # What counts of it becomes a row: the store keeps the adapter alone.
            (folder / adapter_zips.ESTIMATE).unlink(missing_ok=True)
            ref = _ref(project, came, name, base_model, prompt, wording)
            adapter_files.check_fits(came, ref.base_model)
            return _keep(project, actor, came, ref, estimate)
        except (AdapterRefused, snapshots.NothingToMeasureOn) as fault:
            raise Invalid(str(fault)) from None
        except RunWaits as fault:
            raise snapshotting.RunWaits(str(fault)) from None


@transaction.atomic
def _keep(
    project: Project,
    actor: User | None,
    came: CameIn,
    ref: CoachRef,
    estimate: estimating.Came | None,
) -> CoachVersion:
    snapshot = snapshots.freeze_measured(
        scope=project.scope,
        examples=snapshotting.accepted_examples(project),
        actor=actor,
        **snapshotting.testing(project, None),
    )
    return taking_in.take_in(
        scope=project.scope,
        came=came,
        ref=ref,
        snapshot=snapshot,
        gate=project.gate,
        actor=actor,
        estimate=estimate,
    )


def _ref(
    project: Project,
    came: CameIn,
    name: str,
    base_model: str,
    prompt: str,
    wording: str,
) -> CoachRef:
    """By what it is run: as asked, else by its papers, else the project's way."""
    papers = came.papers
    told = asdict(papers) if papers else {}
    base = _agreed(told, "base_model", base_model, came.base_model)
    named = " ".join((name or told.get("name", "")).replace("\0", "").split())
    return CoachRef(
        name=named[:MOST_NAME_CHARS],
        base_model=_allowed_base(base),
        base_revision=papers.base_revision if papers else came.base_revision,
        adapter=taking_in.key_of(came),
        adapter_sha256=came.sha256,
        prompt=_known_prompt(_agreed(told, "prompt", prompt, prompts.DEFAULT)),
        wording=_agreed(told, "wording", wording, project.wording),
    )


def _agreed(papers: dict[str, Any], name: str, asked: str, otherwise: str) -> str:
    """What was asked for, else what its papers say, if the two are one."""
    told: str = papers.get(name, "")
    if "\0" in asked or len(asked) > MOST_WORDING_CHARS:
        raise AdapterRefused(
            gettext("%(name)s must be a text of up to %(most)s characters.")
            % {"name": name, "most": MOST_WORDING_CHARS}
        )
    if asked and told and asked != told:
        raise AdapterRefused(
            gettext(
                "Its papers say %(name)s %(told)r, and %(asked)r was asked for: leave "
                "it empty, or leave manifest.json out of the zip."
            )
            % {"name": name, "told": told[:200], "asked": asked[:200]}
        )
    return asked or told or otherwise


def _allowed_base(name: str) -> str:
    try:
        fitting.check_base_model(name)
    except ValueError as fault:
        raise AdapterRefused(
            gettext("It does not fit: %(fault)s") % {"fault": fault}
        ) from None
    return name


def _known_prompt(name: str) -> str:
    if name not in prompts.PROMPTS:
        known = ", ".join(prompts.PROMPTS)
        raise AdapterRefused(
            gettext("prompt may be %(known)s, not %(name)r.")
            % {"known": known, "name": name[:40]}
        )
    return name
