"""Chats are read by their last exchange, and go out again to the letter."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from annotator.formats.reading import UnreadableFile
from annotator.formats.rows import PairRow
from annotator.formats.shapes import giving_back
from annotator.formats.side_columns import columns
from tests.annotator.formats.reads import GOOD, problems, read, read_object
from training.examples import fingerprint

ASK = {"role": "user", "content": "Name a door."}
SAY = {"role": "assistant", "content": "A gate."}
MORE = {"role": "user", "content": "And a window?"}
LAST = {"role": "assistant", "content": "A hatch."}
RULE = {"role": "system", "content": "Be brief."}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "function": {"name": "find", "arguments": "{}"}}],
}
FOUND = {"role": "tool", "content": "hatch", "tool_call_id": "c1"}


def row_of(row: dict[str, Any]) -> PairRow:
    found = read_object(row)
    assert isinstance(found, PairRow), found
    return found


def human(text: str) -> dict[str, str]:
    return {"from": "human", "value": text}


def gpt(text: str) -> dict[str, str]:
    return {"from": "gpt", "value": text}


def turns(row: PairRow) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in row.context]


WHOLE = {
    "messages": {"messages": [RULE, ASK, SAY, MORE, LAST]},
    "one exchange": {"messages": [ASK, SAY]},
    "tool calls": {"messages": [ASK, SAY, MORE, CALL, FOUND, LAST]},
    "beside the exchange": {
        "messages": [{**ASK, "name": "Ann"}, {**SAY, "weight": 0, "tool_calls": []}]
    },
    "parts": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Name a door."}]},
            SAY,
        ]
    },
    "developer": {"messages": [{"role": "developer", "content": "Be."}, ASK, SAY]},
    "a turn more": {"messages": [ASK, SAY, MORE]},
    "sharegpt": {"conversations": [human("a"), gpt("b"), human("c"), gpt("d")]},
    "own words": {
        "conversations": [
            {"from": "system", "value": "Be."},
            {"from": "user", "value": "a", "id": 3},
            {"from": "function_call", "value": "{}"},
            {"from": "observation", "value": "7"},
            {"from": "chatgpt", "value": "b"},
        ]
    },
    "roles in conversations": {"conversations": [ASK, SAY]},
    "another name": {"Dialogue": [ASK, SAY]},
    "system beside": {"system": "Be.", "conversations": [human("a"), gpt("b")]},
    "history": {**GOOD, "history": [["a", "b"], ["c", "d"]]},
    "system and history": {**GOOD, "system_prompt": "Be.", "history": [["a", "b"]]},
    "turns as history": {**GOOD, "history": [ASK, SAY, CALL, FOUND]},
    "prompt and completion": {"prompt": "a", "completion": "b"},
    "dolly": {"instruction": "a", "context": "b", "response": "c"},
    "trl": {"prompt": [RULE, ASK], "completion": [SAY]},
    "trl, text": {"prompt": "a", "completion": [SAY]},
    "trl, list and text": {"prompt": [ASK, SAY, MORE], "completion": "b"},
    "dpo": {"prompt": "a", "chosen": "b"},
    "dpo, lists": {"prompt": [ASK], "chosen": [SAY]},
    "dpo, implicit": {"chosen": [RULE, ASK, SAY]},
    "alpaca": GOOD,
}


@pytest.mark.parametrize("given", WHOLE.values(), ids=WHOLE.keys())
def test_what_nobody_changed_goes_out_as_it_came(given):
    row = row_of(given)

    back = giving_back.columns(row.text, row.context, row.shape)

    assert back == given
    assert not row.extra


def test_the_last_exchange_is_the_pair_and_the_turns_before_it_its_context():
    row = row_of({"messages": [RULE, ASK, SAY, MORE, LAST]})

    assert (row.instruction, row.input, row.response) == (
        "And a window?",
        "",
        "A hatch.",
    )
    assert list(row.context) == [RULE, ASK, SAY]


def test_a_revised_answer_takes_its_place_in_the_chat():
    row = row_of(WHOLE["tool calls"])
    text = type(row.text)(instruction="And a pane?", input="", response="A skylight.")

    back = giving_back.messages(text, row.context, row.shape)

    assert back[:2] == [ASK, SAY]
    assert back[2:] == [
        {**MORE, "content": "And a pane?"},
        CALL,
        FOUND,
        {**LAST, "content": "A skylight."},
    ]


def test_a_revised_question_gives_up_its_parts():
    row = row_of(WHOLE["parts"])
    text = type(row.text)(instruction="Name two.", input="", response="A gate.")

    (asked, _) = giving_back.messages(text, row.context, row.shape)

    assert asked == {"role": "user", "content": "Name two."}


def test_a_chat_goes_out_in_the_words_of_the_other_shape():
    row = row_of(WHOLE["own words"])

    back = giving_back.messages(row.text, row.context, row.shape)

    assert [turn["role"] for turn in back] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]


def test_a_turn_behind_the_last_answer_is_told():
    (remark,) = row_of(WHOLE["a turn more"]).remarks

    assert "goes on behind its last answer (1 turns)" in remark


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([ASK], "no answer"),
        ([RULE, SAY], "no turn of the user"),
        ([ASK, CALL], "no answer"),
        ([ASK, {"role": "narrator", "content": "x"}, SAY], 'the role "narrator"'),
        ([ASK, {"role": "assistant", "content": 7}], "'messages 2' is a int"),
        ([{"role": "user", "content": "a\0"}, SAY], "NUL"),
        ([{"role": "user", "content": "x" * 20_001}, SAY], "20,000 are allowed"),
        ([ASK, SAY] * 251, "502 turns"),
    ],
)
def test_a_chat_without_a_pair_is_refused_in_words(messages, says):
    rows = read("\n".join(map(json.dumps, [{"messages": messages}, GOOD])).encode())

    (problem,) = problems(rows)
    assert says in problem.message


def test_pictures_are_refused_as_multi_modal():
    parts = [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {}}]

    with pytest.raises(UnreadableFile, match=r"multi-modal.*image_url"):
        read_object({"messages": [{"role": "user", "content": parts}, SAY]})


def test_a_picture_in_a_column_is_refused_as_multi_modal():
    talk = [human("<image>\nWhat?"), gpt("A cat.")]

    with pytest.raises(UnreadableFile, match="multi-modal"):
        read_object({"image": "1.jpg", "conversations": talk})
    assert row_of({"image": "", "conversations": talk})


def test_a_list_of_turns_in_a_csv_cell_is_read():
    cell = json.dumps([ASK, SAY]).replace('"', '""')

    (row,) = read(f'id,messages\n7,"{cell}"\n'.encode(), "a.csv")

    assert isinstance(row, PairRow)
    assert (row.instruction, row.response, row.external_id) == (
        "Name a door.",
        "A gate.",
        "7",
    )


@pytest.mark.parametrize(
    "row",
    [
        {"chosen": [ASK, SAY], "rejected": [ASK, LAST]},
        {"prompt": [ASK], "chosen": [SAY], "rejected": [LAST]},
        {"prompt": "Name a door.", "chosen": [ASK, SAY], "rejected": [ASK, LAST]},
        {"prompt": [ASK], "completion": [SAY], "label": "true"},
    ],
    ids=["chosen", "prompt and chosen", "text and chosen", "prompt and completion"],
)
def test_turns_of_a_preference_in_csv_cells_are_read(row):
    file = io.StringIO()
    table = csv.DictWriter(file, row)
    table.writeheader()
    table.writerow(
        {
            key: each if isinstance(each, str) else json.dumps(each)
            for key, each in row.items()
        }
    )

    (found,) = read(file.getvalue().encode(), "pairs.csv")

    assert isinstance(found, PairRow), found
    assert (found.instruction, found.response) == ("Name a door.", "A gate.")
    assert turns(found) == []


def test_a_prompt_that_shows_a_chat_stays_a_text():
    shown = json.dumps([ASK, SAY])

    found = row_of({"prompt": shown, "completion": "A chat about a door."})

    assert found.instruction == shown


def test_an_answer_that_is_a_list_in_json_stays_a_text():
    answer = json.dumps([ASK, SAY])

    assert row_of({**GOOD, "output": answer}).response == answer


def test_texts_count_before_a_chat_beside_them():
    row = row_of({**GOOD, "messages": [ASK, SAY]})

    assert row.response == GOOD["output"]
    assert row.extra == {"messages": [ASK, SAY]}


def test_a_system_prompt_of_the_chat_is_not_replaced():
    row = row_of({"system": "Be loud.", "messages": [RULE, ASK, SAY]})

    assert turns(row) == [("system", "Be brief.")]
    assert row.extra == {"system": "Be loud."}
    assert "a system prompt of its own" in row.remarks[0]


@pytest.mark.parametrize("empty", [None, "", [], "[]", [[]]])
def test_an_empty_history_is_none(empty):
    row = row_of({**GOOD, "history": empty, "system": None})

    assert not row.context
    assert columns(row)["history"] == empty


@pytest.mark.parametrize("history", ["as told before", [["a"]], ["a", "b"], {"a": 1}])
def test_a_history_that_cannot_be_read_is_no_secret(history):
    (_, problem) = read(
        "\n".join(map(json.dumps, [GOOD, {**GOOD, "history": history}])).encode()
    )

    assert "'history' holds earlier turns that cannot be read" in problem.message


def test_what_a_preference_rejects_is_kept_under_its_own_name():
    row = row_of({"prompt": "a", "chosen": "b", "rejected": "c", "score": 3})

    assert (row.instruction, row.response) == ("a", "b")
    assert row.shape["name"] == "dpo"
    assert row.extra == {"rejected": "c", "score": 3}


def test_a_chosen_chat_that_repeats_its_prompt_keeps_the_prompt():
    row = row_of({"prompt": "Name a door.", "chosen": [ASK, SAY], "rejected": [ASK]})

    assert (row.instruction, row.response) == ("Name a door.", "A gate.")
    assert row.extra == {"prompt": "Name a door.", "rejected": [ASK]}


@pytest.mark.parametrize(("label", "count"), [(False, 1), ("false", 1), (True, 0)])
def test_an_answer_judged_bad_is_taken_with_a_remark(label, count):
    row = row_of({"prompt": "a", "completion": "b", "label": label})

    assert len(row.remarks) == count
    assert row.extra == {"label": label}


def test_the_same_exchange_after_other_turns_is_another_pair():
    first = row_of({"messages": [MORE, SAY, ASK, SAY]})
    second = row_of({"messages": [RULE, ASK, SAY]})
    alone = row_of({"messages": [ASK, SAY]})

    prints = {fingerprint(row.text, row.context) for row in (first, second, alone)}

    assert len(prints) == 3
    assert fingerprint(alone.text) in prints


def test_columns_beside_the_exchange_are_read_again_as_the_same_context():
    row = row_of({"messages": [RULE, ASK, SAY, MORE, CALL, FOUND, LAST]})
    kept = columns(row)

    again = row_of({"instruction": row.instruction, "output": row.response, **kept})

    assert list(again.context) == list(row.context)
