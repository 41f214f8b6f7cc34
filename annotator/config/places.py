"""Where things lie on this machine. Light: imported before Django is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("COACHLM_VAR") or BASE / "var").absolute()
EMBEDDED = VAR / "embedded.json"
LOGS = VAR / "log"


def embedded_urls() -> dict[str, str]:
    """DATABASE_URL and CELERY_BROKER_URL of the servers `./coachlm up` runs."""
    return {name: str(url) for name, url in read_state(EMBEDDED).items()}


def read_state(path: Path) -> dict[str, Any]:
    """What a state file says; nothing where it is missing or is not what we wrote."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def read_secret(path: Path, least: int) -> str:
    """A secret we wrote; "" where it is missing, cut off or overwritten."""
    try:
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    is_whole = len(secret) >= least and secret.isprintable() and " " not in secret
    return secret if is_whole else ""


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all.

    It is on the disk before it takes the old one's place: after a crash, a kill or on
    a full disk the old one still stands.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.truncate()
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may take the new name away."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
