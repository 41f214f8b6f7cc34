"""A person says which column is what; suggestions are right for the usual names."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from annotator.formats.reading import UnknownShape, read_pairs
from annotator.formats.rows import PairRow
from annotator.formats.shapes.mapping import BadMapping, Mapping, reader
from annotator.formats.shapes.paths import NOTHING, at, paths_of
from annotator.formats.shapes.suggesting import suggest

TALK = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


def read(mapping: Mapping, *rows: Any) -> list[Any]:
    read_row = reader(mapping)
    return [read_row(number, row) for number, row in enumerate(rows, 1)]


def mapped(mapping: Mapping, row: Any) -> PairRow:
    (pair,) = read(mapping, row)
    assert isinstance(pair, PairRow), pair
    return pair


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"query": "a", "reply": "b"}, {"instruction": "query", "response": "reply"}),
        (
            {"user": "a", "assistant": "b"},
            {"instruction": "user", "response": "assistant"},
        ),
        ({"human": "a", "gpt": "b"}, {"instruction": "human", "response": "gpt"}),
        ({"q": "a", "a": "b"}, {"instruction": "q", "response": "a"}),
        (
            {"Q": "a", "A": "b", "uid": 7},
            {"instruction": "Q", "response": "A", "id": "uid"},
        ),
        ({"src": "a", "tgt": "b"}, {"instruction": "src", "response": "tgt"}),
        (
            {"source_text": "a", "target_text": "b"},
            {"instruction": "source_text", "response": "target_text"},
        ),
        (
            {"text_in": "a", "text_out": "b"},
            {"instruction": "text_in", "response": "text_out"},
        ),
        ({"title": "a", "body": "b"}, {"instruction": "title", "response": "body"}),
        (
            {"title": "a", "body": "b", "answer": "c"},
            {"instruction": "title", "input": "body", "response": "answer"},
        ),
        (
            {"original": "a", "rewrite": "b"},
            {"instruction": "original", "response": "rewrite"},
        ),
        (
            {"instruction": "a", "original": "b", "rewrite": "c"},
            {"instruction": "instruction", "input": "original", "response": "rewrite"},
        ),
        ({"问题": "a", "回答": "b"}, {"instruction": "问题", "response": "回答"}),
        (
            {"指令": "a", "输入": "b", "输出": "c", "类别": "d"},
            {
                "instruction": "指令",
                "input": "输入",
                "response": "输出",
                "category": "类别",
            },
        ),
        (
            {"question": "a", "user": "Ann", "answer": "b"},
            {"instruction": "question", "response": "answer"},
        ),
        (
            {"data": {"prompt": {"text": "a"}, "answer": {"text": "b"}}},
            {"instruction": "data.prompt.text", "response": "data.answer.text"},
        ),
        ({"id": 7, "chat": TALK}, {"conversation": "chat", "id": "id"}),
        (
            {"frage": "a", "antwort": "b", "n": 3},
            {"instruction": "frage", "response": "antwort"},
        ),
        ({"input": "a", "output": "b"}, {"input": "input", "response": "output"}),
        (
            {"prompt": "a", "answer": "b", "corrected answer": "c"},
            {
                "instruction": "prompt",
                "response": "answer",
                "revised_response": "corrected answer",
            },
        ),
    ],
)
def test_the_usual_names_are_suggested(row, wanted):
    assert suggest(paths_of([row]), [row]).as_dict() == wanted


@pytest.mark.parametrize(
    "row",
    [
        {"a1": "x", "b1": "y", "c1": "z"},
        {"n": 3, "m": [1]},
        {"query": None, "reply": ""},
        {"query": 7, "reply": ["b"]},
    ],
)
def test_what_is_not_sure_is_not_suggested(row):
    assert suggest(paths_of([row]), [row]).as_dict() == {}


def test_mapped_columns_make_the_pair_and_all_others_are_kept():
    row = {"query": "a", "reply": "b", "topic": "t", "output": "not this", "n": 7}
    mapping = Mapping(instruction="query", response="reply", category="topic", id="n")

    pair = mapped(mapping, row)

    assert (pair.instruction, pair.input, pair.response) == ("a", "", "b")
    assert (pair.external_id, pair.category) == ("7", "t")
    assert pair.extra == {"output": "not this", "id": 7}


def test_a_path_leads_into_what_is_nested_and_the_column_is_kept_whole():
    row = {"data": {"prompt": "a", "answers": [{"text": "b"}, {"text": "c"}]}}
    mapping = Mapping(instruction="data.prompt", response="data.answers.-1.text")

    pair = mapped(mapping, row)

    assert (pair.instruction, pair.response) == ("a", "c")
    assert pair.extra == row


def test_one_instruction_may_stand_for_all_rows():
    mapping = Mapping(constant_instruction="Translate.", input="src", response="tgt")

    pair = mapped(mapping, {"src": "Haus", "tgt": "house"})

    assert (pair.instruction, pair.input, pair.response) == (
        "Translate.",
        "Haus",
        "house",
    )


def test_a_mapped_chat_is_read_like_any_other():
    whole = [{"role": "system", "content": "s"}, *TALK]

    pair = mapped(Mapping(conversation="log.turns"), {"log": {"turns": whole}})

    assert (pair.instruction, pair.response) == ("a", "b")
    assert [turn["role"] for turn in pair.context] == ["system"]


def test_a_revised_side_a_system_prompt_and_a_history_are_mapped():
    mapping = Mapping(
        instruction="q",
        response="a",
        revised_instruction="q2",
        revised_response="a2",
        system="s",
        history="h",
    )
    row = {"q": "a", "a": "b", "q2": "A", "a2": "B", "s": "Be.", "h": [["x", "y"]]}

    pair = mapped(mapping, row)

    assert pair.revised is not None
    assert (pair.revised.instruction, pair.revised.response) == ("A", "B")
    assert [turn["content"] for turn in pair.context] == ["Be.", "x", "y"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"q": "a"}, "there is no 'a'"),
        ({"q": "a", "a": ""}, "'a' is empty"),
        ({"q": "a", "a": None}, "there is no"),
        ({"q": ["a"], "a": "b"}, "'q' is a list of 1"),
        ("q", "the row is a str"),
    ],
)
def test_a_row_that_does_not_fit_is_told(row, says):
    (problem,) = read(Mapping(instruction="q", response="a"), row)

    assert says in problem.message


def test_a_conversation_that_is_none_is_told():
    (problem,) = read(Mapping(conversation="c"), {"c": "hello"})

    assert "'c' is no list of turns" in problem.message


def test_a_mapping_comes_out_of_json_as_it_went_in():
    mapping = Mapping(constant_instruction="T", input="a.b", response="c", id="n")

    assert Mapping.from_dict(json.loads(json.dumps(mapping.as_dict()))) == mapping


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["a"], "no object"),
        ({"instruction": "a", "answer": "b"}, "names answer.*Parts are: instruction"),
        ({"instruction": "a", "response": 7}, "response is a int"),
        ({"response": "a"}, "which column is the instruction"),
        ({"instruction": "a"}, "which column is the response"),
        ({"instruction": "a", "response": "a"}, "cannot be both"),
        ({"instruction": "a", "conversation": "b"}, "Give one of"),
        ({"conversation": "a", "response": "b"}, "name no response beside it"),
        ({"instruction": "a" * 501, "response": "b"}, "501 characters"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(given, says):
    with pytest.raises(BadMapping, match=says):
        Mapping.from_dict(given)


def test_a_csv_whose_columns_are_not_known_is_read_by_a_mapping():
    content = b"query;reply\nName a hill.;Ben Nevis.\n"
    mapping = Mapping(instruction="query", response="reply")

    with pytest.raises(UnknownShape, match="'query', 'reply'"):
        list(read_pairs(io.BytesIO(content), name="a.csv"))
    (row,) = read_pairs(io.BytesIO(content), name="a.csv", read_row=reader(mapping))

    assert isinstance(row, PairRow)
    assert (row.instruction, row.response) == ("Name a hill.", "Ben Nevis.")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", 1),
        ("b.c", 2),
        ("b.d.0", 3),
        ("b.d.9", NOTHING),
        ("b.x", NOTHING),
        ("e.f", "dotted"),
        ("g.h", 4),
        ("a.b", NOTHING),
    ],
)
def test_a_path_finds_what_is_there(path, found):
    row = {"a": 1, "b": {"c": 2, "d": [3]}, "e.f": "dotted", "g": '{"h": 4}'}

    assert at(row, path) == found


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("Frage", "Antwort"),
        ("pregunta", "respuesta"),
        ("consigne", "réponse"),
        ("вопрос", "ответ"),
        ("質問", "回答"),
        ("질문", "답변"),
        ("प्रश्न", "उत्तर"),
    ],
)
def test_names_in_other_languages_are_suggested(asked, answered):
    found = suggest(
        [asked, answered, "nr"], [{asked: "Eins?", answered: "Zwei.", "nr": 3}]
    )
    assert (found.instruction, found.response) == (asked, answered)
