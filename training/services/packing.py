"""An adapter as a zip: a folder that plain peft loads, with its papers and its card."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext

from revision_engine import artefacts, base_models
from revision_engine.adapters import WEIGHTS, AdapterUnusable, verified_folder
from training.adapter_zips import ESTIMATE
from training.manifest import NAME as PAPERS
from training.models import CoachVersion
from training.services import estimating, model_cards

CONFIG = "adapter_config.json"
ENDING = ".zip"
_EARLIEST = (1980, 1, 1, 0, 0, 0)


class NotPackable(ValueError):
    """The adapter cannot go out; the message says why."""


def name_of(coach: CoachVersion) -> str:
    """What the folder in the zip is called, and the file without its ending."""
    words = slugify(coach.name)[:60] or "coach"
    return f"{words}-{coach.adapter_sha256[:12]}"


def pack(coach: CoachVersion, out: BinaryIO) -> None:
    """Write the zip. The same coach with the same evaluation and the same estimate
    gives the same bytes.

    NotPackable if the coach has no adapter, or the store's is missing or damaged.
    """
    folder = _folder(coach)
    top = name_of(coach)
    # Weights do not shrink.
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, text in _texts(coach, folder):
            archive.writestr(_member(top, name), text)
        with (
            (folder / WEIGHTS).open("rb") as weights,
            archive.open(_member(top, WEIGHTS), "w", force_zip64=True) as member,
        ):
            shutil.copyfileobj(weights, member, 1 << 20)


def lay_out(coach: CoachVersion, target: Path) -> None:
    """The same files in a folder that is there. NotPackable as above."""
    folder = _folder(coach)
    for name, text in _texts(coach, folder):
        (target / name).write_text(text, encoding="utf-8")
    shutil.copyfile(folder / WEIGHTS, target / WEIGHTS)


def _folder(coach: CoachVersion) -> Path:
    if coach.is_elsewhere:
        raise NotPackable(
            gettext("%(coach)s is at work elsewhere: its weights are not here.")
            % {"coach": coach}
        )
    store = Path(settings.COACH_STORE)
    try:
        artefacts.fetch(coach.adapter, coach.adapter_sha256, store)
        return verified_folder(store, coach.adapter, coach.adapter_sha256)
    except AdapterUnusable as fault:
        raise NotPackable(str(fault)) from None


def _texts(coach: CoachVersion, folder: Path) -> Iterator[tuple[str, str]]:
    yield model_cards.NAME, model_cards.card(coach)
    yield CONFIG, json.dumps(_config(coach, folder), indent=2, sort_keys=True) + "\n"
    if (folder / PAPERS).is_file():
        yield PAPERS, (folder / PAPERS).read_text(encoding="utf-8")
    if estimate := estimating.papers_of(coach):
        yield ESTIMATE, estimate


def _config(coach: CoachVersion, folder: Path) -> dict[str, Any]:
    """As peft wrote it, with the base model under the name by which others find it."""
    told: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return told | {
        "base_model_name_or_path": base_models.published(coach.base_model),
        "revision": coach.base_revision or None,
    }


def _member(top: str, name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{top}/{name}", date_time=_EARLIEST)
    member.external_attr = 0o644 << 16
    return member
