"""The tokenizer without transformers gives what transformers gives, to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from revision_engine import base_models
from revision_engine.prompts import chat_ids
from revision_engine.tokenizing import ChatTokenizer, UnknownTokenizer
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.model


@pytest.fixture(scope="module", params=["tiny", "default"])
def folder(request, tmp_path_factory) -> Path:
    if request.param == "tiny":
        return make_tiny_model(tmp_path_factory.mktemp("m") / "base")
    return base_models.folder(base_models.DEFAULT)


@pytest.fixture(scope="module")
def both(folder: Path):
    return ChatTokenizer.read(folder), AutoTokenizer.from_pretrained(folder)


PARTS = st.sampled_from(
    ["<|im_end|>", "<|im_start|>user\n", "<|endoftext|>", "<repo_name>", "12345", "é",
     "\r\n", "\u200b", "中文字。", "🙂", "  ", "\t", "{{ x }}", "{% if %}", "don't"]
)  # fmt: skip
TURNS = st.lists(st.one_of(st.text(max_size=20), PARTS), max_size=8).map("".join)


@settings(max_examples=150, deadline=None)
@given(turn=TURNS)
def test_a_turn_has_the_same_tokens(both, turn):
    ours, theirs = both

    assert chat_ids(ours, turn) == chat_ids(theirs, turn)


@settings(max_examples=100, deadline=None)
@given(turn=TURNS)
def test_tokens_say_the_same(both, turn):
    ours, theirs = both
    ids = chat_ids(theirs, turn)

    for skip in (True, False):
        assert ours.decode(ids, skip_special_tokens=skip) == theirs.decode(
            ids, skip_special_tokens=skip
        )


def test_the_special_tokens_are_the_same(both):
    ours, theirs = both

    assert set(ours.all_special_tokens) == set(theirs.all_special_tokens)
    assert ours.eos_token_id == theirs.eos_token_id
    assert ours.chat_template == theirs.chat_template


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"tokenizer_class": "LlamaTokenizer"}, "LlamaTokenizer"),
        ({"tokenizer_class": "TokenizersBackend"}, "no tokenizer.json"),
    ],
)
def test_what_only_transformers_makes_is_not_read(tmp_path, values, fault):
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(values))

    with pytest.raises(UnknownTokenizer, match=fault):
        ChatTokenizer.read(tmp_path)
