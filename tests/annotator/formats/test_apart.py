"""A file that is read in a process of its own gives what it gives here."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from django.conf import settings

from annotator.formats import apart
from annotator.formats.apart import Order, ReaderDied
from annotator.formats.meanings import Meaning
from annotator.formats.rows import UnknownShape, UnreadableFile
from annotator.formats.rules.parsing import LogPattern

pytestmark = pytest.mark.process
ROW = {"id": 7, "instruction": "Say a\tb\\n.", "output": "Grüße\r\nund mehr 字"}
LINES = [
    json.dumps({**ROW, "note": None}),
    json.dumps({**ROW, "id": "x", "category": 3.5, "score": 1e400}),
    '{"instruction": "no answer"}',
    '{"instruction": "twice", "output": "a", "output": "b", "n": NaN}',
    json.dumps({"messages": [{"role": "user", "content": "a"},
                             {"role": "assistant", "content": "b"}]}),
    json.dumps({**ROW, "Revised Instruction": "c", "Revised Response": "d"}),
    "{",
    json.dumps({"instruction": "See the attached image.", "output": "It is red."}),
]  # fmt: skip


def ordered(folder: Path, content: str | bytes, name: str = "a.jsonl", **more) -> Order:
    path = folder / "kept"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    usual = {"behind": 0, "most": 3, "named": frozenset(), "keeps_rows": False}
    return Order(path=str(path), meaning=Meaning(name=name), **{**usual, **more})


@pytest.mark.parametrize("behind", [0, 1, 5, 8, 20])
@pytest.mark.parametrize("keeps_rows", [False, True])
def test_both_ways_give_the_same_chunks(tmp_path, behind, keeps_rows):
    order = ordered(tmp_path, "\n".join(LINES), behind=behind, keeps_rows=keeps_rows)

    there = list(apart.chunks(order))

    assert there == list(order.chunks())
    assert sum(chunk.taken for chunk in there) == max(0, len(LINES) - behind)


def test_it_says_what_is_wrong_in_the_language_of_the_order(tmp_path):
    chinese = settings.LOCALE_PATHS[0] / "zh_Hans" / "LC_MESSAGES" / "django.mo"
    order = ordered(tmp_path, f"{json.dumps(ROW)}\n{{\n", catalogue=str(chinese))

    (chunk,) = apart.chunks(order)

    assert chunk.problems[0].message.startswith("该行在第")


def test_a_log_and_a_mapping_cross_over(tmp_path):
    log = ordered(tmp_path, "Q: a A: b\nnothing\n", name="a.log")
    pattern = LogPattern("Q: (?P<instruction>.*) A: (?P<response>.*)")
    log = replace(log, meaning=replace(log.meaning, pattern=pattern))

    (chunk,) = apart.chunks(log)
    assert len(chunk.pairs) == len(chunk.problems) == 1

    rows = ordered(tmp_path, '{"q": "a", "r": "b"}\n{"q": 1, "r": "b"}\n')
    mapping = {"instruction": "q", "response": "r"}
    rows = replace(rows, meaning=replace(rows.meaning, mapping=mapping))

    assert list(apart.chunks(rows)) == list(rows.chunks())


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", UnreadableFile),
        ('{"a": 1}\n', UnknownShape),
        (b"%PDF-1.4 nothing", UnreadableFile),
    ],
)
def test_what_is_wrong_with_a_file_is_said_here(tmp_path, content, kind):
    order = ordered(tmp_path, content)

    with pytest.raises(kind) as there:
        list(apart.chunks(order))
    with pytest.raises(kind) as here:
        list(order.chunks())

    assert str(there.value) == str(here.value)
    assert type(there.value) is type(here.value)


def test_rows_before_a_fault_come_and_then_the_fault(tmp_path):
    whole = json.dumps([ROW] * 55)
    order = ordered(tmp_path, whole[:-1] + ', {"instruction": }]', name="a.json")
    seen = []

    with pytest.raises(UnreadableFile, match="not valid JSON: line 1"):
        seen.extend(apart.chunks(order))

    assert sum(len(chunk.pairs) for chunk in seen) == 55


def test_a_file_that_is_gone_is_an_os_error(tmp_path):
    order = replace(ordered(tmp_path, ""), path=str(tmp_path / "nothing"))

    with pytest.raises(FileNotFoundError):
        list(apart.chunks(order))


def test_a_process_that_is_killed_is_told_apart_from_the_end(tmp_path):
    many = "\n".join([json.dumps({**ROW, "output": "x" * 9_000})] * 2_000)
    coming = apart.chunks(ordered(tmp_path, many))
    next(coming)
    (reader,) = readers()

    os.kill(reader.pid, signal.SIGKILL)

    with pytest.raises(ReaderDied):
        list(coming)


def test_whoever_reads_no_further_leaves_no_process(tmp_path):
    many = "\n".join([json.dumps({**ROW, "output": "x" * 9_000})] * 2_000)
    coming = apart.chunks(ordered(tmp_path, many))
    next(coming)
    assert readers()

    coming.close()

    assert not readers()


def readers() -> list[psutil.Process]:
    return [
        each
        for each in psutil.Process().children(recursive=True)
        if each.status() != psutil.STATUS_ZOMBIE and apart.__name__ in each.cmdline()
    ]
