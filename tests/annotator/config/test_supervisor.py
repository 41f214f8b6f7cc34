"""A part that dies is started anew, and takes no other one down."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from annotator.config import children, families, ports
from annotator.config.children import CannotStart, MustStartAgain
from annotator.config.supervisor import Supervisor
from tests.annotator.config.parts import PARENT, SLEEP, child, until

pytestmark = pytest.mark.process


@pytest.fixture
def said():
    return []


@pytest.fixture
def supervisor(said):
    one = Supervisor(say=said.append)
    yield one
    one.stop()


def test_workers_of_a_killed_parent_are_ended_before_it_starts_anew(
    supervisor, tmp_path
):
    port = ports.for_a_server()
    web = child(
        tmp_path,
        PARENT,
        str(port),
        is_ready=lambda: not ports.is_free("127.0.0.1", port),
    )
    supervisor.start([web])
    until(supervisor, lambda: len(families.group(web.process.pid)) == 2)
    killed = web.process.pid
    until(supervisor, lambda: web.is_up)

    os.kill(killed, signal.SIGKILL)

    until(supervisor, lambda: web.is_up and web.process.pid != killed)
    assert families.group(killed) == []
    assert web.quick_ends == 1  # it needed no second try to get its port


def test_a_death_and_a_return_are_told_with_their_times(supervisor, said, tmp_path):
    part = child(tmp_path, SLEEP, name="web", is_ready=lambda: True)
    supervisor.start([part])
    until(supervisor, lambda: part.is_up)

    os.kill(part.process.pid, signal.SIGKILL)

    until(supervisor, lambda: len(said) == 2)
    assert said[0][8:] == " web was ended by SIGKILL; starting it again."
    assert said[1][8:].startswith(" web is back, after ")
    assert said[0][2] == said[0][5] == ":"


def test_what_cannot_stay_up_is_named_once_and_the_others_go_on(
    supervisor, said, tmp_path, monkeypatch
):
    monkeypatch.setattr(children, "LONGEST_WAIT", 0.0)
    good = child(tmp_path, SLEEP, name="good", is_ready=lambda: True)
    bad = child(tmp_path, "raise SystemExit('ERROR: no room')", name="bad")
    supervisor.start([good, bad])

    until(supervisor, lambda: bad.quick_ends >= 8)

    named = [sentence for sentence in said if "cannot stay up" in sentence]
    assert len(named) == 1
    assert "bad cannot stay up: ERROR: no room. Mend it." in named[0]
    assert good.is_alive


def test_waits_between_tries_grow_and_end_at_half_a_minute(tmp_path):
    part = child(tmp_path, SLEEP)
    waits = []

    for _ in range(9):
        part.started_at = children.time.monotonic()
        part.bury("")
        waits.append(round(part.not_before - children.time.monotonic()))

    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_what_has_run_well_is_started_again_at_once(tmp_path):
    part = child(tmp_path, SLEEP)
    part.started_at = children.time.monotonic() - 60

    part.bury("its last words")

    assert part.not_before <= children.time.monotonic()
    assert (part.quick_ends, part.last_words) == (0, "")


def test_a_try_that_comes_to_no_process_is_made_again(supervisor, said, tmp_path):
    faults = [OSError(28, "No space left on device")]

    def prepare(_: str) -> list[str]:
        if faults:
            raise faults.pop()
        return ["Something is mended."]

    part = child(tmp_path, SLEEP, prepare=prepare, is_ready=lambda: True)
    supervisor.children.append(part)

    until(supervisor, lambda: part.is_up)

    assert said[0][8:] == " part cannot start; starting it again."
    assert said[1][8:] == " Something is mended."
    assert said[2][8:].startswith(" part is back")


def test_ground_that_never_answers_is_no_start(supervisor, tmp_path, monkeypatch):
    monkeypatch.setattr(children, "LONGEST_WAIT", 0.0)
    server = child(tmp_path, "raise SystemExit('FATAL: no')", is_ground=True)

    with pytest.raises(CannotStart, match="FATAL: no"):
        supervisor.start_ground([server])


def test_a_server_that_runs_wrongly_is_prepared_anew(supervisor, tmp_path):
    answers = [MustStartAgain("its password is another."), True]

    def is_ready() -> bool:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    server = child(tmp_path, SLEEP, is_ready=is_ready)

    supervisor.start_ground([server])

    assert server.is_up
    assert server.quick_ends == 1


def test_the_ground_is_stopped_after_all_that_stands_on_it(tmp_path):
    order = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('here', flush=True)\n"
        "time.sleep(60)"
    )
    ground, web = (
        child(tmp_path, code, str(order), name, name=name, is_ground=name == "ground")
        for name in ("ground", "web")
    )
    supervisor = Supervisor()
    supervisor.start([ground, web])
    logs = [tmp_path / "ground.log", tmp_path / "web.log"]
    until(supervisor, lambda: all("here" in log.read_text() for log in logs))

    supervisor.stop()

    assert order.read_text() == "webground"


def test_stopping_leaves_nothing_of_a_group_behind(tmp_path):
    supervisor = Supervisor()
    web = child(tmp_path, PARENT, str(ports.for_a_server()))
    supervisor.start([web])
    until(supervisor, lambda: len(families.group(web.process.pid)) == 2)

    supervisor.stop()

    assert families.group(web.process.pid) == []


def test_what_a_killed_up_left_is_told_by_its_folder_and_ended(tmp_path):
    ours, others = tmp_path / "ours", tmp_path / "others"
    supervisor = Supervisor()
    mark = {"PATH": os.defpath}
    left, alien = (
        child(tmp_path, SLEEP, name=where.name, env={**mark, families.MARK: str(where)})
        for where in (ours, others)
    )
    supervisor.start([left, alien])
    until(supervisor, lambda: families.marked(ours))

    families.end(families.marked(ours))

    assert not left.is_alive
    assert alien.is_alive
    supervisor.children.remove(left)
    supervisor.stop()


def test_who_does_not_hear_is_killed(tmp_path):
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('deaf', flush=True); time.sleep(60)"
    )
    part = child(tmp_path, deaf)
    supervisor = Supervisor()
    supervisor.start([part])
    until(supervisor, lambda: "deaf" in Path(tmp_path / "part.log").read_text())

    families.end([psutil.Process(part.process.pid)], seconds=0.2)

    assert not part.is_alive


def test_the_last_words_are_those_of_this_try(tmp_path):
    part = child(tmp_path, "raise SystemExit('just bye')")
    part.program.log.write_text("FATAL: an older fault\n")

    part.spawn()
    part.process.wait()

    assert part.words() == "just bye"
