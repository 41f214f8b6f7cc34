"""Where things lie on this machine. Light: imported before Django is."""

from __future__ import annotations

import json
import os
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent.parent
VAR = Path(os.environ.get("COACHLM_VAR") or BASE / "var").absolute()
EMBEDDED = VAR / "embedded.json"
LOGS = VAR / "log"


def embedded_urls() -> dict[str, str]:
    """DATABASE_URL and CELERY_BROKER_URL of the servers `./coachlm up` runs."""
    try:
        urls: dict[str, str] = json.loads(EMBEDDED.read_text())
    except (OSError, json.JSONDecodeError):
        return {}
    return urls


def write_private(path: Path, text: str) -> None:
    """Write a file that only this user may read, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.touch(mode=0o600)
    part.write_text(text)
    part.rename(path)
