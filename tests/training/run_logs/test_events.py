"""The event files are TensorBoard's, to the byte."""

from __future__ import annotations

import pytest

from tests import event_files
from training.run_logs import events
from training.run_logs.events import EventFile, crc32c

WRITTEN_BY_TENSORBOARD = (
    "3700000000000000e7e8ca590900002040fc54d94110ac022a290a110a0a747261696e2f6c6f7373"
    "150000403f0a140a0d68656c645f6f75742f6c6f7373150000c03fb07293dc"
)
"""By RecordWriter and Event of tensorboard 2.21.0: step 300, two scalars."""


@pytest.mark.parametrize(
    ("content", "crc"),
    [
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_the_checksum_is_that_of_the_rfc(content, crc):
    assert crc32c(content) == crc


def test_a_record_is_what_tensorboard_writes_itself():
    step = b"\x10\xac\x02"
    values = {"train/loss": 0.75, "held_out/loss": 1.5}
    told = events.event(1_700_000_000.5, step + events.summary(values))

    assert events.frame(told).hex() == WRITTEN_BY_TENSORBOARD


def test_what_was_written_is_read_back(tmp_path):
    file = EventFile(tmp_path)
    for step in (1, 127, 128, 70_000):
        file.scalars(step, 1_700_000_000.0 + step, {"train/loss": 1 / step})
    file.close()

    found = event_files.scalars(tmp_path)

    assert [step for step, _ in found["train/loss"]] == [1, 127, 128, 70_000]
    values = [value for _, value in found["train/loss"]]
    assert values == pytest.approx([1 / step for step in (1, 127, 128, 70_000)])


def test_the_file_says_first_which_format_it_has(tmp_path):
    EventFile(tmp_path).close()
    (path,) = tmp_path.iterdir()

    first = dict(event_files.fields(next(event_files.frames(path.read_bytes()))))

    assert path.name.startswith("events.out.tfevents.")
    assert first[3] == b"brain.Event:2"


def test_a_run_that_goes_on_writes_another_file(tmp_path):
    for step in (1, 2):
        file = EventFile(tmp_path)
        file.scalars(step, 0.0, {"loss": 1.0})
        file.close()

    assert len(list(tmp_path.iterdir())) == 2
    assert event_files.scalars(tmp_path) == {"loss": [(1, 1.0), (2, 1.0)]}


def test_each_point_is_there_as_soon_as_it_was_told(tmp_path):
    file = EventFile(tmp_path)
    file.scalars(1, 0.0, {"loss": 1.0})

    assert event_files.scalars(tmp_path) == {"loss": [(1, 1.0)]}
    file.close()
