"""The real `./coachlm up`, in a folder of its own, and how its parts are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from annotator.config import families, ports
from annotator.config.places import BASE
from benchmarks.kills.pages import Browser

START_SECONDS = 240
TARGETS = (
    *("web", "a web worker", "worker-engine", "worker-interactive", "worker-app"),
    *("worker-training", "recipe", "beat", "postgres", "valkey", "up"),
)
RECIPE = "benchmarks.kills.recipe"


@dataclass(slots=True)
class Product:
    """What `./coachlm up` runs once it has installed itself, with a coach that needs no
    model."""

    folder: Path
    module: str = "annotator.config.up"
    port: int = field(default_factory=ports.for_a_server)
    process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> Path:
        return self.folder / "up.out"

    def env(self) -> dict[str, str]:
        outside = ("DATABASE_URL", "CELERY_BROKER_URL")
        inherited = {k: v for k, v in os.environ.items() if k not in outside}
        return inherited | {
            "PYTHONUNBUFFERED": "1",
            "COACHLM_VAR": str(self.folder / "var"),
            "COACHLM_PORT": str(self.port),
            "COACHLM_DEMO": "0",
            "COACHLM_BASE_MODEL": "none/none",
            "COACHLM_MODELS": str(self.folder / "models"),
            "REVISION_BACKEND": "revision_engine.backends.fake.FakeBackend",
            "TRAINING_RECIPE": RECIPE,
            "RUN_SILENT_MINUTES": "1",
            "UNDO_SECONDS": "1",
        }

    def start(self) -> None:
        """Begin `up`; returns once its pages work."""
        before = self._ready()
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                stdout=said,
                stderr=said,
                cwd=BASE,
                env=self.env(),
            )
        limit = time.monotonic() + START_SECONDS
        while self._ready() == before:
            if self.process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"up did not start:\n{self.said.read_text()}")
            time.sleep(0.05)

    def _ready(self) -> int:
        return self.said.read_text().count("is ready") if self.said.exists() else 0

    def fill(self, pairs: int, people: int, judges: int) -> None:
        self._do("fill", *map(str, (pairs, people, judges)))

    def train(self) -> None:
        """Have a run train; the last one again, once it has failed."""
        self._do("train")

    def _do(self, module: str, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", f"benchmarks.kills.{module}", *arguments],
            cwd=BASE,
            env={**self.env(), "DJANGO_SETTINGS_MODULE": "annotator.config.settings"},
            stdout=sys.stderr,
            check=True,
        )

    def browser(self) -> Browser:
        return Browser(f"http://127.0.0.1:{self.port}")

    def database(self) -> str:
        urls = json.loads((self.folder / "var" / "embedded.json").read_text())
        return str(urls["DATABASE_URL"])

    def pid(self, target: str) -> int:
        """The process to kill; 0 while there is none."""
        if target == "up":
            return self.process.pid if self.process else 0
        if target == "recipe":
            return self._recipe()
        name = "web" if target == "a web worker" else target
        state = json.loads((self.folder / "var" / "up.json").read_text())
        found = next(part["pid"] for part in state["parts"] if part["name"] == name)
        if target != "a web worker" or not found:
            return int(found)
        return self._worker_of(found)

    def _recipe(self) -> int:
        ours = families.marked(self.folder / "var")
        found = (p.pid for p in ours if RECIPE in " ".join(p.cmdline()))
        return next(found, 0)

    @staticmethod
    def _worker_of(web: int) -> int:
        try:
            workers = [
                process.pid
                for process in psutil.Process(web).children()
                if "spawn_main" in " ".join(process.cmdline())
            ]
        except psutil.Error:
            return 0
        return workers[0] if workers else 0

    def kill(self, target: str) -> int:
        """Kill it with -9; its number."""
        if target == "recipe" and not self.pid(target):
            self.train()
        while not (pid := self.pid(target)):
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        if target == "up" and self.process:
            self.process.wait()
        return pid

    def has_back(self, target: str, killed: int) -> bool:
        """Whether another process stands in the killed one's place."""
        if target == "a web worker":
            return True  # its siblings serve, and uvicorn itself starts another
        return self.pid(target) not in (0, killed)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=120)
        families.end(families.marked(self.folder / "var"))
