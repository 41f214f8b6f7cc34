"""An adapter added to its base's weights, in numpy."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from revision_engine.adapters import WEIGHTS
from revision_engine.tensors import Array, TensorFiles

PLAIN: dict[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "bias": ("none",),
    "use_dora": (False, None),
    "fan_in_fan_out": (False, None),
    "modules_to_save": (None, []),
    "alpha_pattern": ({}, None),
    "rank_pattern": ({}, None),
    "layer_replication": (None,),
    "trainable_token_indices": (None,),
    "target_parameters": (None, []),
    "lora_bias": (False, None),
}
"""What an adapter's settings may say, where they say something."""
_NAME = re.compile(r"base_model\.model\.(.+)\.lora_A\.weight")


class NotPlain(ValueError):
    """An adapter that is more than two matrices a layer; the message says what."""


class Adapter:
    """A plain LoRA adapter: what it adds to each weight."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "adapter_config.json").read_text())
        for setting, allowed in PLAIN.items():
            if setting in told and told[setting] not in allowed:
                raise NotPlain(f"The adapter has {setting} {told[setting]!r}.")
        rank = told["r"]
        root = math.sqrt(rank) if told.get("use_rslora") else rank
        self.scale = told["lora_alpha"] / root
        self.weights = TensorFiles(folder / WEIGHTS)
        self.names = {
            f"{found[1]}.weight": name
            for name in self.weights
            if (found := _NAME.fullmatch(name))
        }
        if 2 * len(self.names) != len(self.weights):
            raise NotPlain("The adapter has weights that are no pair of A and B.")

    def added_to(self, name: str, values: Array) -> Array:
        """The weight with the adapter in it, as float32; unchanged if it has none."""
        if name not in self.names:
            return values
        down = self.names[name]
        up = down.replace(".lora_A.", ".lora_B.")
        added: Array = values + self.scale * (self.weights[up] @ self.weights[down])
        return added
