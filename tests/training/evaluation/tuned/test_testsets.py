"""Test sets are read in the shapes they are published in, and compared with data."""

from __future__ import annotations

import json

import pytest

from revision_engine.types import PairText
from training.evaluation.tuned.contamination import overlapping
from training.evaluation.tuned.testsets import BadTestSet, TestItem, read

COACHLM = {"instruction": "Add.", "input": "1 and 2", "reference response": "3"}
SELF_INSTRUCT = {
    "id": "user_oriented_task_0",
    "motivation_app": "Grammarly",
    "instruction": "Add.",
    "instances": [{"input": "1 and 2", "output": "3"}],
}
PANDALM = {"idx": 1, "motivation_app": "Gmail", "instruction": "Add.", "input": "1"}
VICUNA = {"question_id": 1, "text": "How do I add?", "category": "generic"}


def written(tmp_path, content: str):
    path = tmp_path / "set.json"
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "asked", "given", "reference", "category"),
    [
        (COACHLM, "Add.", "1 and 2", "3", ""),
        (SELF_INSTRUCT, "Add.", "1 and 2", "3", "Grammarly"),
        (PANDALM, "Add.", "1", "", "Gmail"),
        (VICUNA, "How do I add?", "", "", "generic"),
        ({"instruction": "问", "input": "", "reference": "答"}, "问", "", "答", ""),
    ],
)
@pytest.mark.parametrize("is_list", [True, False])
def test_each_published_shape_is_read(
    tmp_path, row, asked, given, reference, category, is_list
):
    content = json.dumps([row]) if is_list else json.dumps(row) + "\n\n"

    [item] = read(written(tmp_path, content))

    assert (item.instruction, item.input) == (asked, given)
    assert (item.reference, item.category) == (reference, category)


def test_an_instruction_counts_once_and_its_key_is_of_what_is_asked(tmp_path):
    rows = [COACHLM, {**COACHLM, "reference response": "Three."}, VICUNA]

    first, second = read(written(tmp_path, json.dumps(rows)))

    assert first.reference == "3"
    assert first.key != second.key
    assert read(written(tmp_path, json.dumps([SELF_INSTRUCT])))[0].key == first.key


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("[]", "has no instruction"),
        ("", "has no instruction"),
        ('[{"instruction": "a"}, {"input": "b"}]', "row 2: has no instruction"),
        ("[1]", "row 1: is no JSON object"),
        ("[{", "is not JSON"),
        ('[{"instruction": ["a"]}]', "row 1: has no instruction"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, content, named):
    with pytest.raises(BadTestSet, match=named):
        read(written(tmp_path, content))


def item(key: str, instruction: str, given: str = "") -> TestItem:
    return TestItem(key=key, instruction=instruction, input=given)


def test_copied_instructions_are_found_and_others_are_not():
    items = [
        item("long", "Write a short story about a fox who learns to swim at night."),
        item("short", "Name five birds"),
        item("tiny", "Why?"),
        item("input", "Translate.", "The quick brown fox jumps over the lazy old dog"),
        item("new", "Explain how a heat pump moves warmth against the gradient."),
        item("中文", "请写一首关于秋天的短诗"),
    ]
    learned = [
        PairText(instruction="WRITE a short story about a fox who learns to fly."),
        PairText(instruction="Please name five birds of Europe. Why?"),
        PairText(
            instruction="Count.", input="quick brown fox jumps over the lazy old dog!"
        ),
        PairText(instruction="请写一首关于秋天的短诗，要押韵。"),
    ]

    assert overlapping(items, learned) == {"long", "short", "input", "中文"}


def test_a_response_is_no_contamination():
    asked = item("a", "Write a short story about a fox who learns to swim.")
    learned = PairText(instruction="Tell.", response=asked.instruction)

    assert not overlapping([asked], [learned])
