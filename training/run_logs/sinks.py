"""Where the curves of a run go beside the rows: files, and trackers if they are set."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from training.run_logs.events import EventFile

FOLDER = "tensorboard"
"""In a run's folder."""
WAITING = 10_000
"""Points that a tracker may be behind; what comes then is not told to it."""
PATIENCE = 30.0
"""Seconds that a run waits at its end for a tracker to catch up."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAbout:
    """What a tracker is told of a run."""

    number: int
    scope: str
    folder: Path
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"run {self.number}"


class Sink(Protocol):
    """One place that takes the points of one run."""

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None: ...

    def close(self, *, is_whole: bool) -> None:
        """The run is over: done, or failed or cancelled."""
        ...


class TensorBoard:
    """Event files in the run's folder: `tensorboard --logdir RUNS_FOLDER`."""

    def __init__(self, about: RunAbout) -> None:
        self._file = EventFile(about.folder / FOLDER)

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None:
        told = {tag.replace(" ", "_"): value for tag, value in values.items()}
        self._file.scalars(step, at, told)

    def close(self, *, is_whole: bool) -> None:
        self._file.close()


class Mlflow:
    """A run of an MLflow server; one that goes on here goes on there."""

    def __init__(self, uri: str, about: RunAbout) -> None:
        mlflow = importlib.import_module("mlflow")
        self._entities = importlib.import_module("mlflow.entities")
        self._client = mlflow.MlflowClient(tracking_uri=uri)
        place = f"coachlm {about.scope}"
        known = self._client.get_experiment_by_name(place)
        experiment = (
            known.experiment_id if known else self._client.create_experiment(place)
        )
        mine = f"tags.coachlm_run = '{about.number}'"
        earlier = self._client.search_runs([experiment], mine, max_results=1)
        self._run = earlier[0].info.run_id if earlier else self._new(experiment, about)

    def _new(self, experiment: str, about: RunAbout) -> str:
        made = self._client.create_run(
            experiment, tags={"coachlm_run": str(about.number)}, run_name=about.name
        )
        told: str = made.info.run_id
        for name, value in about.config.items():
            self._client.log_param(told, name, str(value)[:500])
        return told

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None:
        points = [
            self._entities.Metric(tag, value, int(1000 * at), step)
            for tag, value in values.items()
        ]
        self._client.log_batch(self._run, metrics=points)

    def close(self, *, is_whole: bool) -> None:
        self._client.set_terminated(self._run, "FINISHED" if is_whole else "FAILED")


class Wandb:
    """A run of Weights & Biases, by the account that its own settings name."""

    def __init__(self, project: str, about: RunAbout) -> None:
        wandb = importlib.import_module("wandb")
        self._run = wandb.init(
            project=project,
            group=about.scope,
            name=about.name,
            id=f"{about.scope}-{about.number}".replace(":", "-"),
            resume="allow",
            config=dict(about.config),
            dir=str(about.folder),
        )

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None:
        self._run.log(dict(values), step=step)

    def close(self, *, is_whole: bool) -> None:
        self._run.finish(exit_code=0 if is_whole else 1)


class Aside:
    """A sink that may be slow or away: fed by a thread, so that no run waits for it."""

    def __init__(self, name: str, make: Callable[[], Sink]) -> None:
        self._name, self._make = name, make
        self._waiting: queue.Queue[Callable[[Sink], None] | None] = queue.Queue(WAITING)
        self._is_gone = False
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def scalars(self, step: int, at: float, values: Mapping[str, float]) -> None:
        kept = dict(values)
        self._put(lambda sink: sink.scalars(step, at, kept))

    def close(self, *, is_whole: bool) -> None:
        self._put(lambda sink: sink.close(is_whole=is_whole))
        self._put(None)
        self._thread.join(PATIENCE)

    def _put(self, deed: Callable[[Sink], None] | None) -> None:
        if self._is_gone:
            return
        try:
            self._waiting.put_nowait(deed)
        except queue.Full:
            self._give_up("it is too far behind")

    def _work(self) -> None:
        try:
            sink = self._make()
            while deed := self._waiting.get():
                deed(sink)
        except Exception as fault:  # trackers raise anything; a run is worth more
            self._give_up(f"{type(fault).__name__}: {fault}")

    def _give_up(self, why: str) -> None:
        self._is_gone = True
        logger.warning("%s hears no more of the run: %s", self._name, why)


@dataclass(frozen=True, slots=True)
class Trackers:
    """Those that are set, beside the event files."""

    mlflow: str = ""
    """Address or folder of the tracking store."""
    wandb: str = ""
    """Name of the project."""


def sinks(about: RunAbout, trackers: Trackers) -> list[Sink]:
    """The event files, and each tracker that is set and installed."""
    found: list[Sink] = []
    try:
        found.append(TensorBoard(about))
    except OSError as fault:
        logger.warning("The event file of %s cannot be written: %s", about.name, fault)
    wanted: dict[str, tuple[str, Callable[[], Sink]]] = {
        "mlflow": (trackers.mlflow, lambda: Mlflow(trackers.mlflow, about)),
        "wandb": (trackers.wandb, lambda: Wandb(trackers.wandb, about)),
    }
    for package, (is_set, make) in wanted.items():
        if not is_set:
            continue
        if importlib.util.find_spec(package) is None:
            logger.warning(
                "%s is set, and not installed: pip install %s.", package, package
            )
            continue
        found.append(Aside(package, make))
    return found
