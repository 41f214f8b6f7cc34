"""A real model that is made in a moment: two layers, 32 wide, one token a byte.

torch is imported only where a model is made: most who import this never make one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from training.manifest import digest_file

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

END, PAD = "<|im_end|>", "<|pad|>"
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tiny_model(folder: Path, *, seed: int = 5) -> Path:
    """Save a random Llama and its tokenizer; the folder is a base model's name."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokens = tokenizer()
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        # Wide enough that no two tokens are about equally likely.
        initializer_range=0.3,
        eos_token_id=tokens.eos_token_id,
        pad_token_id=tokens.pad_token_id,
        bos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def make_tiny_adapter(base: Path, folder: Path, *, seed: int = 6) -> str:
    """Save a LoRA adapter that changes what the base says; its weights' SHA-256."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    adapted = get_peft_model(
        model, LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    torch.manual_seed(seed)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    adapted.save_pretrained(folder, safe_serialization=True)
    return digest_file(folder / "adapter_model.safetensors")


def tokenizer(*, chat: str = CHAT, has_pad: bool = True) -> PreTrainedTokenizerFast:
    """One token a byte; with no `chat` template, or no pad token, if that is wanted."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    specials = [END, PAD, "<|im_start|>"]
    signs = [*specials, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    bytewise = Tokenizer(
        models.BPE(vocab={sign: place for place, sign in enumerate(signs)}, merges=[])
    )
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=bytewise,
        eos_token=END,
        pad_token=PAD if has_pad else None,
        additional_special_tokens=["<|im_start|>"],
        chat_template=chat or None,
    )
