"""How each process of the product is started, here or on a machine of its own."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

from annotator.config import packages, yielding
from annotator.config.env import Environment, refusing
from annotator.config.places import BASE
from annotator.config.ports import LAST

QUEUES = {
    # The coach runs in the worker's main process: one batch at a time.
    "engine": ("--pool", "solo"),
    # What a person waits for is written beside the batches, never behind them.
    "interactive": ("--pool", "solo"),
    # Quick work on the database.
    "app": ("--pool", "threads", "--concurrency", "4"),
    # It only watches the recipe, which is a process of its own.
    "training": ("--pool", "threads", "--concurrency", "1"),
}
TORCH_BACKENDS = ("revision_engine.backends.hf.",)
GIVES_WAY = yielding.command(yielding.BATCHES)
"""Batches are drafted with what people leave of the processor."""
WEB_PROCESSES = min(4, os.cpu_count() or 1)
CELERY = (sys.executable, "-m", "celery", "-A", "annotator.config.celery:app")


def web(host: str, port: int) -> list[str]:
    """The web server, on a port that it takes itself."""
    return _uvicorn("--host", host, "--port", str(port))


def web_on(listener: int) -> list[str]:
    """The web server, on a socket that it is given: it lies there if it dies."""
    return _uvicorn("--fd", str(listener))


def _uvicorn(*where: str) -> list[str]:
    return [
        *(sys.executable, "-m", "uvicorn", "annotator.config.asgi:application"),
        *(*where, "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "5", "--lifespan", "off"),
        *("--workers", str(WEB_PROCESSES), "--no-access-log"),
        # A busy machine is no dead worker, and a killed one loses what it answers.
        *("--timeout-worker-healthcheck", "30"),
    ]


def needs_training(queue: str, backend: str) -> bool:
    """Whether a worker of this queue needs what requirements/train.txt names."""
    drafts = queue in {"engine", "interactive"}
    return queue == "training" or (drafts and backend.startswith(TORCH_BACKENDS))


def worker(queue: str) -> list[str]:
    """A Celery worker of one queue."""
    return [
        *(GIVES_WAY if queue == "engine" else ()),
        *(*CELERY, "worker", "-Q", queue, *QUEUES[queue]),
        *("-n", f"{queue}-{os.getpid()}@%h", "--loglevel", "INFO"),
        *("--without-mingle", "--without-gossip", "--without-heartbeat"),
    ]


def beat() -> list[str]:
    """The clock: exactly one for a whole deployment."""
    return [*CELERY, "beat", "--loglevel", "WARNING"]


def environment() -> dict[str, str]:
    """What every process inherits."""
    return {
        # Two torch processes on one machine must not spin against each other:
        # spinning made a training step twelve times as long while a batch was drafted.
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        **os.environ,
    }


def main() -> None:
    """`./coachlm web|worker|beat`: become that process.

    Settings are read here first: what it becomes would refuse with a traceback.
    """
    match sys.argv[1:]:
        case ["web", *rest] if len(rest) < 3:
            host, port = (*rest, *("127.0.0.1", "8000")[len(rest) :])
            command = web(host, _port(port))
        case ["worker", queue] if queue in QUEUES:
            command = worker(queue)
        case ["beat"]:
            command = beat()
        case _:
            names = "|".join(QUEUES)
            raise SystemExit(
                f"Usage: ./coachlm web [host [port]] | worker {names} | beat"
            )
    found = importlib.import_module("annotator.config.settings")
    if sys.argv[1] == "web":
        _collect_static_files()
    if sys.argv[1] == "worker" and needs_training(sys.argv[2], found.REVISION_BACKEND):
        _see_to_packages()
    os.execvpe(command[0], command, environment())


def _see_to_packages() -> None:
    """Install what training needs, unless it is there, however it came."""
    if packages.lacking():
        subprocess.run([BASE / "coachlm", "install"], check=True)


def _collect_static_files() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    django = importlib.import_module("django")
    django.setup()
    importlib.import_module("annotator.config.static_files").collect()


def _port(given: str) -> int:
    given_here = Environment({"PORT": given})
    return given_here.whole("PORT", 8000, "The port to listen on.", most=LAST)


if __name__ == "__main__":
    with refusing():
        main()
