"""How each process of the product is started, here or on a machine of its own."""

from __future__ import annotations

import importlib
import os
import sys

from annotator.config.env import Environment, refusing
from annotator.config.ports import LAST

QUEUES = {
    # torch runs in the worker's main process: one batch at a time.
    "engine": ("--pool", "solo"),
    # What a person waits for is written beside the batches, never behind them.
    "interactive": ("--pool", "solo"),
    # Quick work on the database.
    "app": ("--pool", "threads", "--concurrency", "4"),
    # It only watches the recipe, which is a process of its own.
    "training": ("--pool", "threads", "--concurrency", "1"),
}
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


def worker(queue: str) -> list[str]:
    """A Celery worker of one queue."""
    return [
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
    importlib.import_module("annotator.config.settings")
    os.execvpe(command[0], command, environment())


def _port(given: str) -> int:
    given_here = Environment({"PORT": given})
    return given_here.whole("PORT", 8000, "The port to listen on.", most=LAST)


if __name__ == "__main__":
    with refusing():
        main()
