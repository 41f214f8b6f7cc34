"""What a run tells is logged; a log that fails costs the log, never the run."""

from __future__ import annotations

import math
import sys
import threading
import types

import pytest

from tests import event_files
from training.run_logs import sinks
from training.run_logs.following import RunLogs, following, scalars_of
from training.run_logs.sinks import Aside, RunAbout, Trackers

STEP = {
    "kind": "step", "at": 5.0, "step": 2, "loss": 0.5, "rate": 0.1, "tokens": 40,
    "seconds": 2.0,
}  # fmt: skip
FIGURES = [
    {"name": "effort saved", "side": "", "category": "", "value": 0.07},
    {"name": "chrF", "side": "coach", "category": "", "value": 50.0},
    {"name": "chrF", "side": "coach", "category": "short", "value": 60.0},
]


class Told:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.points: list[tuple[int, dict]] = []
        self.ended: bool | None = None

    def scalars(self, step, at, values):
        self.points.append((step, dict(values)))

    def close(self, *, is_whole):
        self.ended = is_whole


class Broken(Told):
    def scalars(self, step, at, values):
        raise OSError(28, "No space left on device")


@pytest.fixture
def about(tmp_path):
    return RunAbout(number=12, scope="project:3", folder=tmp_path, config={"rank": 16})


def test_a_step_has_its_loss_its_rate_and_its_speed():
    assert scalars_of(STEP) == {
        "train/loss": 0.5,
        "train/learning_rate": 0.1,
        "train/tokens_per_second": 20.0,
    }
    assert scalars_of({"kind": "held_out", "loss": 0.75}) == {"held_out/loss": 0.75}
    assert scalars_of({"kind": "done", "step": 3}) == {}
    assert scalars_of({"kind": "step", "loss": math.nan, "rate": None}) == {}


def test_an_evaluation_stands_at_the_last_step_without_its_categories():
    sink = Told()
    logs = RunLogs([sink])

    logs.hear([STEP])
    logs.evaluated(FIGURES, at=9.0)

    assert sink.points[-1] == (
        2,
        {"evaluation/effort saved/compared": 0.07, "evaluation/chrF/coach": 50.0},
    )


def test_a_full_disk_costs_the_log_alone(caplog):
    sink = Told()
    logs = RunLogs([Broken(), sink])

    logs.hear([STEP, STEP])

    assert len(sink.points) == 2
    assert caplog.text.count("cannot be written") == 1


def test_logs_are_closed_with_what_became_of_the_run():
    whole, failed = Told(), Told()

    with following([whole]):
        pass
    with pytest.raises(RuntimeError, match="no"), following([failed]):
        raise RuntimeError("no")

    assert (whole.ended, failed.ended) == (True, False)


def test_a_tracker_that_is_away_costs_no_run(caplog):
    def away():
        raise ConnectionError("nobody there")

    sink = Aside("tracker", away)
    sink._thread.join(5)
    sink.scalars(1, 0.0, {"a": 1.0})
    sink.close(is_whole=True)

    assert "tracker hears no more of the run: ConnectionError" in caplog.text


def test_a_tracker_that_hangs_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(sinks, "PATIENCE", 0.05)
    gate = threading.Event()
    sink = Aside("tracker", lambda: gate.wait(10) and Told())

    sink.scalars(1, 0.0, {"a": 1.0})
    sink.close(is_whole=True)

    assert sink._thread.is_alive()  # and the run has gone on
    gate.set()


def test_a_tracker_that_is_too_far_behind_is_left(monkeypatch, caplog):
    monkeypatch.setattr(sinks, "WAITING", 2)
    gate = threading.Event()
    sink = Aside("tracker", lambda: gate.wait(10) and Told())

    for step in range(4):
        sink.scalars(step, 0.0, {"a": 1.0})
    gate.set()

    assert "too far behind" in caplog.text


def test_what_is_set_and_not_installed_is_said(about, caplog):
    found = sinks.sinks(about, Trackers(mlflow="file:x"))

    assert [type(each).__name__ for each in found] == ["TensorBoard"]
    assert "mlflow is set, and not installed" in caplog.text
    found[0].close(is_whole=True)


def test_event_files_always_are_written(about):
    found = sinks.sinks(about, Trackers())
    logs = RunLogs(found)
    logs.hear([STEP])
    logs.evaluated(FIGURES, at=9.0)
    logs.close(is_whole=True)

    read = event_files.scalars(about.folder / "tensorboard")
    assert read["train/loss"] == [(2, 0.5)]
    assert read["evaluation/chrF/coach"] == [(2, 50.0)]
    assert "evaluation/effort_saved/compared" in read


def test_a_folder_that_cannot_be_written_costs_no_run(about, tmp_path, caplog):
    (tmp_path / "tensorboard").write_text("no folder")

    assert sinks.sinks(about, Trackers()) == []
    assert "The event file of run 12 cannot be written" in caplog.text


class Client:
    """MLflow's client, as far as it is used."""

    def __init__(self, tracking_uri):
        self.uri, self.told, self.known = tracking_uri, [], []

    def __getattr__(self, name):
        def note(*given, **more):
            self.told.append((name, given, more))
            return "experiment"

        return note

    def get_experiment_by_name(self, name):
        return None

    def search_runs(self, experiments, wanted, max_results):
        self.told.append(("search_runs", (wanted,), {}))
        return self.known

    def create_run(self, experiment, tags, run_name):
        self.told.append(("create_run", (experiment, tags, run_name), {}))
        return types.SimpleNamespace(info=types.SimpleNamespace(run_id="r1"))


@pytest.fixture
def mlflow(monkeypatch):
    made = []

    def client(tracking_uri):
        made.append(Client(tracking_uri))
        return made[-1]

    monkeypatch.setitem(
        sys.modules, "mlflow", types.SimpleNamespace(MlflowClient=client)
    )
    entities = types.SimpleNamespace(Metric=lambda *given: given)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    return made


def test_mlflow_gets_settings_points_and_the_end(about, mlflow):
    sink = sinks.Mlflow("http://tracker", about)

    sink.scalars(2, 5.0, {"train/loss": 0.5})
    sink.close(is_whole=False)

    (client,) = mlflow
    assert client.uri == "http://tracker"
    assert ("log_param", ("r1", "rank", "16"), {}) in client.told
    batch = ("log_batch", ("r1",), {"metrics": [("train/loss", 0.5, 5000, 2)]})
    assert batch in client.told
    assert ("set_terminated", ("r1", "FAILED"), {}) in client.told
    assert ("search_runs", ("tags.coachlm_run = '12'",), {}) in client.told


def test_wandb_gets_settings_points_and_the_end(about, monkeypatch):
    told = []
    run = types.SimpleNamespace(
        log=lambda values, step: told.append((step, values)),
        finish=lambda exit_code: told.append(exit_code),
    )
    given = {}

    def init(**more):
        given.update(more)
        return run

    monkeypatch.setitem(sys.modules, "wandb", types.SimpleNamespace(init=init))
    sink = sinks.Wandb("tulips", about)
    sink.scalars(2, 5.0, {"train/loss": 0.5})
    sink.close(is_whole=True)

    assert (given["project"], given["name"], given["resume"]) == (
        "tulips",
        "run 12",
        "allow",
    )
    assert given["config"] == {"rank": 16}
    assert told == [(2, {"train/loss": 0.5}), 0]
