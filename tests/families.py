"""Tiny models of the families that coaches are built on, made in a moment.

Each has its own way to turn a person's words into a turn, none takes a system turn
but `qwen3`, and some tokenizers have no pad token, as the published ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tiny_model import CHAT, tokenizer

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    # Wide enough that no two tokens are about equally likely.
    "initializer_range": 0.3,
}
NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
)
GEMMA = NO_SYSTEM + (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>model\n{% endif %}"
)
MISTRAL = NO_SYSTEM + (
    "{% for message in messages %}[INST] {{ message.content }} [/INST]{% endfor %}"
)
PHI = (
    "{% for message in messages %}<|{{ message.role }}|>\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Family:
    """How one is made; `more` are settings of its own."""

    name: str
    more: dict[str, Any]
    chat: str = CHAT
    has_pad: bool = True
    is_tied: bool = False


FAMILIES = {
    # Its logits are squeezed after the head, and every other layer sees a window.
    "gemma2": Family(
        "Gemma2",
        {
            "head_dim": 8,
            "query_pre_attn_scalar": 8,
            "sliding_window": 16,
            "final_logit_softcapping": 3.0,
        },
        chat=GEMMA,
        is_tied=True,
    ),
    "gemma3": Family(
        "Gemma3",
        {"head_dim": 8, "query_pre_attn_scalar": 8, "sliding_window": 16},
        chat=GEMMA,
        is_tied=True,
    ),
    "llama": Family("Llama", {}, has_pad=False),
    "llama tied, no template": Family("Llama", {}, chat="", is_tied=True),
    "mistral": Family("Mistral", {"sliding_window": None}, MISTRAL, has_pad=False),
    "mistral window": Family("Mistral", {"sliding_window": 16}, MISTRAL, has_pad=False),
    "phi3": Family("Phi3", {"sliding_window": None}, PHI),
    "qwen3": Family("Qwen3", {"head_dim": 16}, is_tied=True),
    "qwen3 untied": Family("Qwen3", {"head_dim": 8}, has_pad=False),
    # Its logits are divided after the head.
    "granite": Family("Granite", {"logits_scaling": 4.0}),
}


def make(name: str, folder: Path) -> Path:
    """Save a random model of a family and its tokenizer; the folder is its name."""
    import torch
    import transformers

    family = FAMILIES[name]
    tokens = tokenizer(chat=family.chat, has_pad=family.has_pad)
    text = "Text" if family.name == "Gemma3" else ""
    kind: Callable[..., Any] = getattr(transformers, f"{family.name}{text}Config")
    config = kind(
        **SIZES,
        **family.more,
        vocab_size=len(tokens),
        tie_word_embeddings=family.is_tied,
        eos_token_id=tokens.eos_token_id,
        pad_token_id=tokens.pad_token_id,
        bos_token_id=None,
    )
    torch.manual_seed(7)
    model = getattr(transformers, f"{family.name}ForCausalLM")(config)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
