"""The doctor names what is dead, and a way to mend it that works as things stand."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest
import redis

from annotator.config import doctor, running, weights
from annotator.config.children import Child, Program
from annotator.config.doctor import Ill
from annotator.config.embedded import EmbeddedValkey
from revision_engine.backends import local
from training import selectors
from training.installation import Installation

DIED_AT = 1_800_000_000.0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An installation of its own, with servers of its own."""
    monkeypatch.setattr(running, "STATE", tmp_path / "up.json")
    monkeypatch.setattr(doctor, "VAR", tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    return tmp_path


def child(name: str, **fields: object) -> Child:
    program = Program(name=name, command=[], log=None, mend="", env={})
    return Child(program, **fields)


def write(*children: Child) -> None:
    running.write("127.0.0.1", 1, children)


def ill(check) -> str:
    with pytest.raises(Ill) as found:
        check()
    return str(found.value)


def test_a_part_that_a_running_up_has_lost_is_named_and_needs_no_start_by_hand(folder):
    write(
        child("web", is_up=True),
        child("postgres", lost_at=DIED_AT, last_words="FATAL: no room"),
    )

    words = ill(doctor.up)

    assert words.startswith(f"postgres is down since {running.since(DIED_AT)}")
    assert "FATAL: no room" in words
    assert "starts it again by itself" in words
    assert doctor.UP not in words


def test_without_up_the_way_is_to_start_it(folder):
    assert doctor.UP in ill(doctor.up)
    assert doctor._mend("postgres", "DATABASE_URL") == doctor.UP


def test_a_server_of_ones_own_is_not_for_up_to_start(folder, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")

    assert doctor._mend("postgres", "DATABASE_URL") == (
        "start that server, or mend DATABASE_URL"
    )


def test_with_all_parts_alive_up_is_well(folder):
    write(child("web", is_up=True), child("beat"))

    assert doctor.up() == f"running as process {os.getpid()}, with 2 parts"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"parts": [1]}'])
def test_a_state_file_that_is_cut_off_means_that_nobody_knows(folder, content):
    running.STATE.write_text(content)

    assert running.read() is None


def test_a_recycled_number_is_not_a_running_up(folder):
    write(child("web", is_up=True))
    state = json.loads(running.STATE.read_text())
    running.STATE.write_text(json.dumps({**state, "birth": state["birth"] - 60}))

    assert running.read() is None


def test_pages_that_do_not_come_are_told_with_their_address(folder):
    write(child("web", lost_at=DIED_AT))

    words = ill(doctor.pages)

    assert words.startswith("http://127.0.0.1:1 does not answer: web is down since")


def test_a_queue_file_that_up_will_mend_is_named_before_it_does(folder):
    server = EmbeddedValkey(folder / "valkey")
    with redis.Redis.from_url(server.start()) as client:
        client.config_set("appendfsync", "always")
        client.rpush("queue", "message")
    [valkey] = server._alone.children
    os.kill(valkey.process.pid, signal.SIGKILL)
    valkey.process.wait()
    assert doctor.queue_file() == "readable"

    [path] = (folder / "valkey" / "appendonlydir").glob("*.incr.aof")
    os.truncate(path, path.stat().st_size - 3)

    assert "unreadable: ./coachlm up cuts that off" in ill(doctor.queue_file)


def test_a_worker_that_is_being_started_again_is_told_from_a_busy_one(folder):
    write(child("worker-engine", is_up=True), child("worker-app", lost_at=DIED_AT))

    assert "it may be at a batch" in doctor._absence("engine")
    assert doctor._absence("app").startswith("worker-app is down since")


def safetensors(data: bytes = b"\0" * 8) -> bytes:
    head = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})
    return len(head).to_bytes(8, "little") + head.encode() + data


@pytest.mark.parametrize(
    "content", [b"", b"\1", safetensors()[:20], safetensors()[:-1], b"\xff" * 50]
)
def test_weights_that_are_cut_off_are_seen_without_loading_them(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)

    assert not weights.is_whole(path)


def test_a_prepared_model_is_well_and_a_cut_one_says_what_to_delete(tmp_path):
    (tmp_path / "config.json").touch()
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors())
    assert doctor._packaged(tmp_path) == tmp_path.name

    os.truncate(path, path.stat().st_size - 1)

    with pytest.raises(Ill, match=f"delete the folder {tmp_path}"):
        doctor._packaged(tmp_path)


def test_a_base_that_the_converter_does_not_know_is_told_with_what_runs_it(
    tmp_path, settings, monkeypatch
):
    known, strange = tmp_path / "known", tmp_path / "strange"
    known.mkdir()  # nothing is there yet that could be found unfit
    strange.mkdir()
    (strange / "config.json").write_text(json.dumps({"model_type": "gemma3"}))
    settings.REVISION_BACKEND = doctor.LOCAL
    settings.BASE_MODEL, settings.BASE_MODELS = str(known), (str(strange),)
    monkeypatch.setattr(local, "unfit_machine", lambda: "")

    assert doctor.engine() == (
        f"OpenVINO; {strange} by transformers: "
        "The family 'gemma3' is not one of llama, qwen2, qwen3"
    )


def test_a_machine_that_openvino_does_not_fit_is_told(settings, monkeypatch):
    settings.REVISION_BACKEND = doctor.LOCAL
    monkeypatch.setattr(local, "unfit_machine", lambda: "the machine has a GPU")

    assert doctor.engine() == "transformers, since the machine has a GPU"


def told(state: str, **values: object) -> Installation:
    return Installation(state=state, began_at=time.time() - 130, **values)


def test_training_is_told_with_how_far_it_is_and_what_to_do(monkeypatch):
    monkeypatch.setattr(doctor.packages, "lacking", lambda: ["torch", "peft"])
    monkeypatch.setattr(selectors, "installation", lambda: None)
    assert "not installed here (torch, peft)" in doctor.training()

    going = told("installing", doing="torch (191.8 MB), 45 %")
    monkeypatch.setattr(selectors, "installation", lambda: going)
    assert doctor.training() == (
        "being installed, 2 min so far: torch (191.8 MB), 45 %"
    )

    failed = told("failed", problem="no network")
    monkeypatch.setattr(selectors, "installation", lambda: failed)
    words = ill(doctor.training)
    assert words.startswith("could not be installed: no network")
    assert "./coachlm install" in words

    monkeypatch.setattr(doctor.packages, "lacking", list)
    monkeypatch.setattr(selectors, "installation", lambda: told("ready"))
    assert doctor.training() == "installed"
