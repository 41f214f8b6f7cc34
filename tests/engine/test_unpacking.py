"""The packaged base, unpacked without torch, is what transformers unpacks."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import base_models
from revision_engine.tensors import TensorFiles
from revision_engine.unpacking import (
    halves_to_side_by_side,
    side_by_side_to_halves,
    unpack,
)

pytestmark = pytest.mark.model
ROLES = ("bos_token", "eos_token", "pad_token", "unk_token")


def test_weights_tokens_and_settings_are_those_of_transformers(tmp_path):
    source = base_models.gguf_path(base_models.PACKAGED[base_models.DEFAULT])
    unpack(source, tmp_path / "base")
    where, name = str(source.parent), source.name
    theirs = AutoModelForCausalLM.from_pretrained(where, gguf_file=name)
    tokens = AutoTokenizer.from_pretrained(where, gguf_file=name)

    ours = TensorFiles(tmp_path / "base" / "model.safetensors")
    expected = theirs.state_dict()
    for weight in ours:
        rounded = expected[weight].bfloat16().float().numpy()
        assert np.array_equal(ours[weight], rounded), weight
    assert set(expected) - set(ours) == {"lm_head.weight"}  # tied to the embedding
    mine = AutoTokenizer.from_pretrained(tmp_path / "base")
    assert mine.get_vocab() == tokens.get_vocab()
    assert mine.chat_template == tokens.chat_template
    assert [getattr(mine, r) for r in ROLES] == [getattr(tokens, r) for r in ROLES]
    config = AutoModelForCausalLM.from_pretrained(tmp_path / "base").config
    for setting in ("rms_norm_eps", "rope_parameters", "head_dim", "eos_token_id"):
        assert getattr(config, setting) == getattr(theirs.config, setting)
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_the_order_of_rows_is_turned_there_and_back():
    rows = np.arange(24).reshape(12, 2)

    assert halves_to_side_by_side(rows, 2)[:4, 0].tolist() == [0, 6, 2, 8]
    assert np.array_equal(
        side_by_side_to_halves(halves_to_side_by_side(rows, 2), 2), rows
    )
