"""`./coachlm test`: pytest beside servers of its own, which nothing else uses.

`./coachlm test quick` leaves out what starts browsers, workers, processes or models,
and what takes long (tests/slow_tests.py).
Whatever else is given goes to pytest. Without a path the tests are shared out among
processes, each with a database, a broker and a folder of its own (tests/early.py).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from annotator.config import schema
from annotator.config.embedded import EmbeddedPostgres, EmbeddedValkey
from annotator.config.places import BASE, VAR
from annotator.config.processes import environment
from revision_engine import base_models

HEADLESS = "chromium-headless-shell"
CHROMIUM = (HEADLESS, "chromium", "chromium-browser", "google-chrome")
"""The first that is there is driven; one without windows takes half the processor."""
QUICK = "not (flow or browser or model or process or chance)"
ALONE = "timed"
"""What counts seconds is not shared out: it runs when nothing else does."""
PROCESSES_A_CORE = 2
"""Of the whole run: a third of it is waiting, for a browser, a server, a pause."""
MOST_PROCESSES = 16
CHOOSING = {"-m", "-k", "-n", "--pdb", "--lf", "--sw"}
NO_TESTS = 5
"""pytest's exit code."""


def main() -> int:
    """Run the tests given as arguments, or all; pytest's exit code."""
    is_quick = sys.argv[1:2] == ["quick"]
    given = sys.argv[1 + is_quick :]
    if not is_quick:
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
                **_writing_bytecode(environment()),
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
            if not is_quick:
                base_models.resolve(base_models.DEFAULT)
            schema.make(postgres, env)
            env["COACHLM_TEST_TEMPLATE"] = database.rpartition("/")[2]
            return _run(given, env, is_quick=is_quick)
        finally:
            valkey.stop()
            postgres.stop()


def _run(given: list[str], env: dict[str, str], *, is_quick: bool) -> int:
    if is_quick:
        return _pytest(["-m", QUICK, *_processes(given, a_core=1), *given], env)
    a_core = 1 if "--note-slow" in given else PROCESSES_A_CORE  # what is alone is timed
    if not (processes := _processes(given, a_core=a_core)):
        return _pytest(given, env)
    shared = _pytest(["-m", f"not {ALONE}", *processes, *given], env)
    alone = _pytest(["-m", ALONE, *given], env)
    return shared or (0 if alone == NO_TESTS else alone)


def _pytest(options: list[str], env: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *options]
    return subprocess.call(command, cwd=BASE, env=env)


def _processes(given: list[str], *, a_core: int) -> list[str]:
    """Options for several processes; none where files or a choice of tests are given.

    A file stays together, since its tests may share a browser or a server.
    """
    paths = [BASE / each.partition("::")[0] for each in given if each[:1] != "-"]
    if CHOOSING & set(given) or any(path.exists() for path in paths):
        return []
    count = min(a_core * (os.cpu_count() or 1), MOST_PROCESSES)
    return ["-n", str(count), "--dist", "loadfile", "--no-loadscope-reorder"]


def _writing_bytecode(env: dict[str, str]) -> dict[str, str]:
    """Let Python keep what it compiled: a run starts the product a hundred times."""
    return {name: env[name] for name in env if name != "PYTHONDONTWRITEBYTECODE"}


def _forget_the_disk(database: str) -> None:
    """Let the server not wait for its disk: nothing here outlives the tests."""
    whole = database.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(whole, autocommit=True) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            server.execute(f"ALTER SYSTEM SET {name} = off")
        server.execute("SELECT pg_reload_conf()")


def chromium() -> str | None:
    """The path of the browser that the tests drive, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def _ensure_chromium() -> None:
    if chromium():
        return
    if os.geteuid() or not shutil.which("apt-get"):
        print(
            "There is no Chromium here, and it cannot be installed without root and "
            "apt-get: the browser tests will be skipped."
        )
        return
    print("Installing Chromium for the browser tests …", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    steps = [["update"], *(["install", "-y", name] for name in CHROMIUM[:2])]
    for step in steps:
        command = ["apt-get", "-q", *step]
        subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False)
        if chromium():
            return


if __name__ == "__main__":
    VAR.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("COACHLM_MODELS", str(VAR / "models"))
    sys.exit(main())
