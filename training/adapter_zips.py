"""The zip that an adapter comes in: only what belongs to one is unpacked.

No pickle is, since it could run code.
"""

from __future__ import annotations

import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from revision_engine.adapters import WEIGHTS
from revision_engine.saying import gettext
from training.manifest import NAME as PAPERS

CONFIG = "adapter_config.json"
CARD = "README.md"
ESTIMATE = "help_estimate.json"
TAKEN = (WEIGHTS, CONFIG, PAPERS, ESTIMATE, CARD)
MOST_MEMBERS = 100
MOST_PAPERS_BYTES = 20_000_000
"""Of each file but the weights; papers name every pair that was trained on, and an
estimate has a line for each draft that it learned from."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_RUBBISH = ("__MACOSX/", ".DS_Store")
_CODE = re.compile(
    r"\.(bin|pt|pth|ckpt|pkl|pickle|npy|npz|py|pyc|so|sh)$", re.IGNORECASE
)


class AdapterRefused(ValueError):
    """The adapter is not taken; the sentence says why, and what to do."""

    def __init__(self, sentence: str, **filled: object) -> None:
        super().__init__(sentence % filled if filled else sentence)


def unpack(file: IO[bytes], target: Path, *, most: int) -> None:
    """Write the files of an adapter's zip into a folder; `most` bytes in all.

    AdapterRefused, and nothing but what was unpacked so far, if there is anything else
    in it. No name in the zip decides where a file is written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = _members(archive)
            if sum(member.file_size for member in members.values()) > most:
                raise AdapterRefused(
                    gettext(
                        "Unpacked it is larger than %(most)s bytes: the setting "
                        "ADAPTER_MOST_BYTES allows more."
                    ),
                    most=f"{most:,}",
                )
            for name, member in members.items():
                _write(archive, member, target / name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as fault:
        raise AdapterRefused(
            gettext("It is no zip that can be read: %(fault)s."), fault=fault
        ) from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files by their names, which all lie in one folder, or in none."""
    if len(archive.infolist()) > MOST_MEMBERS:
        raise AdapterRefused(
            gettext("The zip holds more than %(most)s files."), most=MOST_MEMBERS
        )
    found: dict[str, zipfile.ZipInfo] = {}
    folders = set()
    for member in archive.infolist():
        if member.is_dir() or any(sign in member.filename for sign in _RUBBISH):
            continue
        path = _path(member)
        folders.add(path.parent)
        if path.name in found:
            raise AdapterRefused(
                gettext("The zip holds %(name)s twice."), name=path.name
            )
        found[path.name] = member
    if len(folders) > 1:
        raise AdapterRefused(
            gettext("The zip holds several folders: zip one adapter's alone.")
        )
    for name in (WEIGHTS, CONFIG):
        if name not in found:
            raise AdapterRefused(gettext("The zip holds no %(name)s."), name=name)
    return found


def _path(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where it lies; AdapterRefused for what is no file of an adapter."""
    path = PurePosixPath(member.filename)
    shown = member.filename[:100]
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or is_link:
        raise AdapterRefused(gettext("%(name)r leads out of the zip."), name=shown)
    if _CODE.search(path.name):
        raise AdapterRefused(
            gettext(
                "The zip holds %(name)r, which may hold code: only weights as "
                "%(weights)s are taken. Leave it out."
            ),
            name=shown,
            weights=WEIGHTS,
        )
    if path.name not in TAKEN:
        raise AdapterRefused(
            gettext("The zip holds %(name)r: only %(taken)s are taken. Leave it out."),
            name=shown,
            taken=", ".join(TAKEN),
        )
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise AdapterRefused(
            gettext("%(name)r is encrypted, or packed in an unusual way."), name=shown
        )
    if path.name != WEIGHTS and member.file_size > MOST_PAPERS_BYTES:
        raise AdapterRefused(
            gettext("%(name)r is larger than %(most)s bytes."),
            name=shown,
            most=f"{MOST_PAPERS_BYTES:,}",
        )
    return path


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    # What the directory says of its size is what is read of it: zipfile stops there.
    with archive.open(member) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
