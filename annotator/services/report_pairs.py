"""Find the pairs that a dataset report is to be about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from annotator.domain.dataset_reports import ReportOrder, Source
from annotator.domain.errors import Invalid
from annotator.formats import two_sided
from annotator.formats.exports.orders import NO_CATEGORY, ExportShape, Wanted
from annotator.formats.rows import PairRow, UnreadableFile
from annotator.formats.two_sided import Found, OneFile, TwoSides
from annotator.models import Export, Project, Rewrite
from annotator.selectors import before_after, exported
from annotator.services import exporting
from training.models import CoachVersion
from training.selectors import coaches

MOST_PAIRS = 60_000
"""All are held in memory, and between two figures of more a maker would be silent for
too long (claims.SILENT_SECONDS): at half of them it is, for 40 s."""
GONE = "whose pair is gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was found, and its papers."""

    found: Found
    told: Mapping[str, Any]
    """For the manifest."""


def of_order(project: Project, order: ReportOrder, files: Sequence[Path]) -> Read:
    """The pairs of an order; `files`: the one that was brought, and its raw side's.

    Invalid says what is missing, or why a file is of no use.
    """
    match order.source:
        case Source.EXPORT:
            read = _of_export(project, order)
        case Source.REWRITE:
            read = _of_rewrite(project, order)
        case Source.FILE:
            return of_files(order, files)
        case _:
            read = _accepted(project, order)
    return _kept(read, order)


def check(project: Project, order: ReportOrder) -> None:
    """Invalid where the project has no such batch, coach, export or rewrite."""
    match order.source:
        case Source.BATCH:
            exported.check(project, Wanted(batch=order.number))
        case Source.COACH:
            coach_of(project, order)
        case Source.EXPORT:
            exporting.file_of(_export(project, order))
        case Source.REWRITE:
            _rewrite(project, order)


def of_files(order: ReportOrder, files: Sequence[Path]) -> Read:
    """The pairs of a file with both sides, or of a revised and a raw one."""
    names = [name for name in (order.file, order.raw_file) if name]
    known = list(zip(files, names, strict=True))
    try:
        rows = [_rows(path, name) for path, name in known]
        found = (
            two_sided.of_one(rows[0])
            if len(rows) == 1
            else two_sided.of_two(rows[1], rows[0])
        )
    except UnreadableFile as fault:
        raise Invalid(str(fault)) from None
    told = {"files": [_paper(*each) for each in known]}
    return _kept(Read(found=found, told=told), order)


def _kept(read: Read, order: ReportOrder) -> Read:
    """The pairs of the order's category; Invalid where there are none."""
    kept = _of_category(read.found, order.category)
    if not kept.pairs:
        raise Invalid(_nothing(kept.left_out))
    return Read(found=kept, told=read.told)


def _rows(path: Path, name: str) -> OneFile:
    try:
        with path.open("rb") as file:
            return two_sided.read(file, name=name, most=MOST_PAIRS)
    except FileNotFoundError:
        raise Invalid(
            gettext("%(name)s is not there any more: bring it again.") % {"name": name}
        ) from None


def _paper(path: Path, name: str) -> dict[str, Any]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {"name": name, "sha256": sha256, "bytes": path.stat().st_size}


def _accepted(project: Project, order: ReportOrder) -> Read:
    of_coach = order.source == Source.COACH
    wanted = Wanted(
        batch=None if of_coach else order.number,
        coach=order.number if of_coach else None,
        category=order.category,
    )
    found = before_after.accepted(project, wanted, most=MOST_PAIRS)
    told: dict[str, Any] = {"project": project.slug}
    if of_coach:
        coach = coach_of(project, order)
        told["coach"] = {"name": coach.name, "adapter_sha256": coach.adapter_sha256}
    elif order.number is not None:
        batch = project.batches.get(pk=order.key)
        told["batch"] = {"number": batch.pk, "name": batch.name, "sha256": batch.sha256}
    return Read(found=found, told=told)


def coach_of(project: Project, order: ReportOrder) -> CoachVersion:
    """Whose drafts the order is about; Invalid if the project has no such coach."""
    found = coaches(project.scope).filter(pk=order.key).first()
    if found is None:
        raise Invalid(
            gettext("number: the project has no coach %(number)s.")
            % {"number": order.number}
        )
    return found


def _rewrite(project: Project, order: ReportOrder) -> Rewrite:
    found = project.rewrites.select_related("coach").filter(pk=order.key).first()
    if found is None:
        raise Invalid(
            gettext("number: the project has no rewrite %(number)s.")
            % {"number": order.number}
        )
    return found


def _of_rewrite(project: Project, order: ReportOrder) -> Read:
    rewrite = _rewrite(project, order)
    told = {
        "project": project.slug,
        "rewrite": {"number": rewrite.pk, "name": rewrite.name},
        "coach": rewrite.coach.ref.as_dict(),
    }
    found = before_after.rewritten(rewrite, most=MOST_PAIRS)
    return Read(found=found, told=told)


def _export(project: Project, order: ReportOrder) -> Export:
    found = project.exports.select_related("project").filter(pk=order.key).first()
    if found is None:
        raise Invalid(
            gettext("number: the project has no export %(number)s.")
            % {"number": order.number}
        )
    return found


def _of_export(project: Project, order: ReportOrder) -> Read:
    export = _export(project, order)
    path = exporting.file_of(export)
    file = _rows_of_export(path, export)
    found = two_sided.of_one(file)
    if not found.pairs and export.shape == ExportShape.ALPACA:
        found = _with_raw(project, file)
    if not found.pairs:
        raise Invalid(
            gettext(
                "%(name)s holds no raw side. Export the shape “Expert revisions”, or "
                "Alpaca with where each pair came from, and choose that."
            )
            % {"name": export.name}
        )
    told = {
        "project": project.slug,
        "export": export.pk,
        "files": [{"name": export.name, "sha256": export.sha256, "bytes": export.size}],
    }
    return Read(found=found, told=told)


def _rows_of_export(path: Path, export: Export) -> OneFile:
    try:
        return _rows(path, export.name)
    except UnreadableFile as fault:
        raise Invalid(str(fault)) from None


def _with_raw(project: Project, file: OneFile) -> Found:
    """The raw sides from the pairs that the rows say they came from."""
    of = {row.number: _pair_of(row) for row in file.rows}
    raw = before_after.raw_texts(project, [pk for pk in of.values() if pk])
    found = Found(left_out=Counter(file.left_out))
    for row in file.rows:
        pk = of[row.number]
        if not pk:
            found.left_out[two_sided.ONE_SIDE] += 1
        elif pk not in raw:
            found.left_out[GONE] += 1
        else:
            found.pairs.append(
                TwoSides(
                    number=pk, category=row.category, raw=raw[pk], revised=row.text
                )
            )
    return found


def _pair_of(row: PairRow) -> int:
    """The pair's key as the row's provenance says; 0 if it says none."""
    said = row.extra.get("provenance")
    key = said.get("pair") if isinstance(said, Mapping) else None
    return key if isinstance(key, int) and not isinstance(key, bool) else 0


def _of_category(found: Found, category: str) -> Found:
    if not category:
        return found
    wanted = "" if category == NO_CATEGORY else category
    kept = [pair for pair in found.pairs if pair.category == wanted]
    return Found(pairs=kept, left_out=found.left_out)


def _nothing(left_out: Counter[str]) -> str:
    if not left_out:
        return gettext("There is no pair with a raw and a revised side.")
    return gettext("There is no pair with a raw and a revised side: %(why)s.") % {
        "why": ", ".join(f"{n:,} {gettext(name)}" for name, n in left_out.most_common())
    }
