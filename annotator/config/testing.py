"""`./coachlm test`: pytest beside servers of its own, which nothing else uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from annotator.config.embedded import EmbeddedPostgres, EmbeddedValkey
from annotator.config.places import BASE, VAR
from annotator.config.processes import environment
from revision_engine import base_models

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Run the tests given as arguments, or all; pytest's exit code."""
    _ensure_chromium()
    models = base_models.cache_folder()
    with tempfile.TemporaryDirectory(prefix="coachlm-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's own user walks through
        postgres = EmbeddedPostgres(folder / "postgres")
        valkey = EmbeddedValkey(folder / "valkey")
        try:
            database = postgres.start()
            _forget_the_disk(database)
            env = {
                **environment(),
                "DATABASE_URL": database,
                "CELERY_BROKER_URL": valkey.start(),
                "COACHLM_VAR": str(folder / "var"),
                "COACHLM_MODELS": str(models),
                "DJANGO_SETTINGS_MODULE": "annotator.config.settings",
                # Python 3.11 parses source for the carets of a traceback, and two
                # threads that do so at once end pytest (SystemError).
                "PYTHONNODEBUGRANGES": "1",
            }
            (folder / "var").mkdir()
            base_models.resolve(base_models.DEFAULT)
            return subprocess.call(
                [sys.executable, "-m", "pytest", *sys.argv[1:]], cwd=BASE, env=env
            )
        finally:
            valkey.stop()
            postgres.stop()


def _forget_the_disk(database: str) -> None:
    """Let the server not wait for its disk: nothing here outlives the tests."""
    whole = database.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(whole, autocommit=True) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {name} = off")
        server.execute("SELECT pg_reload_conf()")


def _ensure_chromium() -> None:
    if any(map(shutil.which, CHROMIUM)):
        return
    if os.geteuid() or not shutil.which("apt-get"):
        print(
            "There is no Chromium here, and it cannot be installed without root and "
            "apt-get: the browser tests will be skipped."
        )
        return
    print("Installing Chromium for the browser tests …", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    for step in (["update", "-q"], ["install", "-y", "-q", "chromium"]):
        subprocess.run(
            ["apt-get", *step], env=quiet, stdout=subprocess.DEVNULL, check=False
        )


if __name__ == "__main__":
    VAR.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("COACHLM_MODELS", str(VAR / "models"))
    sys.exit(main())
