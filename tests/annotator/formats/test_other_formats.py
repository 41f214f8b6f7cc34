"""Chats, lists and other shapes are refused with a sentence that names them."""

from __future__ import annotations

import json

import pytest

from annotator.formats.reading import UnreadableFile
from tests.annotator.formats.reads import GOOD, pairs, problems, read

CHAT = {"messages": "user: a"}


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (CHAT, "a chat format"),
        ({"conversations": ["a", "b"]}, "a chat format"),
        ({"chosen": "b", "rejected": "c"}, "preference"),
        ({"query": "a", "reply": "b"}, "among its columns: 'query', 'reply'"),
        ({"text": "### Human: a ### Assistant: b"}, "plain text"),
        ({"instruction": "a", "output": ["b", "c"]}, "list of 2: give each text a row"),
    ],
)
def test_a_file_of_another_format_is_refused_as_a_whole(row, named):
    with pytest.raises(UnreadableFile, match=named):
        read("\n".join([json.dumps(row)] * 60).encode())


def test_a_row_of_another_format_among_pairs_costs_itself_only():
    rows = read("\n".join(map(json.dumps, [CHAT, GOOD, CHAT])).encode())

    assert len(pairs(rows)) == 1
    assert ["'messages'" in problem.message for problem in problems(rows)] == [True] * 2


@pytest.mark.parametrize(
    ("ask", "answer"),
    [("prompt", "completion"), ("question", "answer"), ("Prompt", "Response")],
)
def test_plain_renames_are_read(ask, answer):
    line = json.dumps({ask: "Name a door.", answer: "A gate."})

    assert pairs(read(line.encode())) == [("Name a door.", "", "A gate.")]
