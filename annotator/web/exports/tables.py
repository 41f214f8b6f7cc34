"""The table of exports."""

from __future__ import annotations

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.translation import gettext as _

from annotator.formats.exports.orders import ExportFile, ExportShape
from annotator.formats.tables import Cell, Head, Table
from annotator.models import Export, Project
from annotator.web import moments
from annotator.web.exports import words
from annotator.web.http import Request
from annotator.web.punctuation import colon, comma

NARROWS = ("state", "batch", "category", "person", "coach", "looked", "since", "until")


def exports(request: Request, project: Project, found: Iterable[Export]) -> Table:
    """All exports, newest first."""
    return Table(
        caption=_("Exports, newest first"),
        heads=[
            Head(_("Export"), is_text=True),
            Head(_("State"), is_text=True),
            Head(_("Rows")),
            Head(_("Size")),
            Head(_("Fetch it"), is_unseen=True),
        ],
        rows=[_export(request, project, each) for each in found],
    )


def _export(request: Request, project: Project, export: Export) -> list[Cell]:
    name, _row = words.SHAPES[ExportShape(export.shape)]
    by = [moments.at(export.created_at), str(export.asked_by or _("command line"))]
    return [
        Cell(
            f"{name}{comma()}{words.FILES[ExportFile(export.file)]}",
            below=" · ".join([*by, *_narrowed(export)]),
        ),
        Cell(
            export.get_state_display(),
            state=words.SIGNS[export.state],
            note=_progress(export),
            below=_why(export),
        ),
        _rows(export),
        Cell(filesizeformat(export.size) if export.sha256 else None),
        Cell(
            "",
            markup=render_to_string(
                "exports/_deeds.html", {"project": project, "export": export}, request
            ),
        ),
    ]


def _rows(export: Export) -> Cell:
    """Of a file that is there; and how many pairs gave none."""
    if not export.sha256:
        return Cell(formats.number_format(export.rows) if export.rows else None)
    left_out = sum(export.manifest["left_out"].values())
    said = _("%(n)d pairs left out") % {"n": left_out} if left_out else ""
    return Cell(formats.number_format(export.rows), below=said)


def _narrowed(export: Export) -> list[str]:
    """The filters as they were asked for."""
    asked = export.asked
    return [
        f"{name}{colon()}{asked[name]}"
        for name in NARROWS
        if name in asked and asked[name] != "accepted"
    ]


def _progress(export: Export) -> str:
    if export.state != Export.State.WRITING or not export.pairs:
        return ""
    return f"{100 * export.done // export.pairs} %"


def _why(export: Export) -> str:
    if export.forgotten_at:
        at = moments.at(export.forgotten_at)
        return _("The file was deleted on %(at)s; it can be written anew.") % {"at": at}
    return export.problem
