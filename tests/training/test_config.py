"""A configuration refuses what no run could do."""

from __future__ import annotations

import pytest

from training.config import LoraConfig


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", 0),
        ("epochs", 0),
        ("warmup_share", 1),
        ("learning_rate", 0),
        ("gradient_clip", -1),
        ("patience", -1),
        ("eval_steps", -1),
        ("held_out_limit", -1),
        ("min_improvement", -0.1),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        LoraConfig(**{field: value})


def test_an_unknown_prompt_is_refused():
    with pytest.raises(KeyError, match="coachlm-1"):
        LoraConfig(prompt="none")


def test_an_unknown_setting_is_refused_by_name():
    with pytest.raises(ValueError, match="colour"):
        LoraConfig.from_dict({"colour": "blue"})


def test_a_saved_configuration_is_read_back():
    config = LoraConfig(rank=8, epochs=3)

    assert LoraConfig.from_dict(config.as_dict()) == config
