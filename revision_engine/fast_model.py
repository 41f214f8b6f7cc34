"""A causal language model made ready for fast decoding: packed weights, paged cache.

The weights are those of a transformers model. Families built like Llama get fused
layers; any other that goes through transformers' attention interface runs as it is,
with only its attention and its linear layers replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

BLOCK = 128
"""Tokens in a block of the cache."""
PACK_ROWS = 32
"""The number of rows the packed weights are laid out for."""
LLAMA_LIKE = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM"}

Attend = Callable[[int, Tensor, Tensor, Tensor], Tensor]
"""(layer, queries, keys, values), each [tokens, heads, size], to [tokens, heads *
size]; queries come scaled."""


class Unsupported(ValueError):
    """The model cannot be run by this engine; the message names what is missing."""


class Blocks:
    """The key-value cache, in blocks of BLOCK tokens that any row can take.

    Keys lie turned, [block, head, size, token], so that a row's scores are a plain
    product. What was taken once stays in memory; nothing else is touched.
    """

    def __init__(self, shape: Shape, count: int) -> None:
        heads, size = shape.kv_heads, shape.head_size
        keys, values = (count, heads, size, BLOCK), (count, heads, BLOCK, size)
        kind: Any = {"dtype": shape.dtype, "device": shape.device}
        self.keys = [torch.empty(keys, **kind) for _ in range(shape.layers)]
        self.values = [torch.empty(values, **kind) for _ in range(shape.layers)]
        self.count = count

    @staticmethod
    def bytes_each(shape: Shape) -> int:
        """Memory of one block in all layers."""
        tokens = 2 * shape.layers * shape.kv_heads * shape.head_size * BLOCK
        return tokens * shape.dtype.itemsize

    def clear(self, block: int) -> None:
        """Make a block safe to multiply with: no old value, no NaN."""
        for keys, values in zip(self.keys, self.values, strict=True):
            keys[block].zero_()
            values[block].zero_()


@dataclass(frozen=True, slots=True)
class Shape:
    """What the cache must know of a model."""

    layers: int
    heads: int
    kv_heads: int
    head_size: int
    dtype: torch.dtype
    device: torch.device


class FastModel:
    """Packed tokens in, hidden states and logits out; attention is the caller's."""

    def __init__(self, model: Any) -> None:
        _check(model)
        config = model.config
        heads = config.num_attention_heads
        self.shape = Shape(
            layers=config.num_hidden_layers,
            heads=heads,
            kv_heads=getattr(config, "num_key_value_heads", None) or heads,
            head_size=getattr(config, "head_dim", None) or config.hidden_size // heads,
            dtype=model.dtype,
            device=model.device,
        )
        self._model = model
        self._head = linear(model.get_output_embeddings())
        fused = type(model).__name__ in LLAMA_LIKE
        self._run = _Fused(model, self.shape) if fused else _AsItIs(model)

    def hidden(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """Last hidden states [tokens, width] of packed tokens [tokens]."""
        return self._run(ids, positions, attend)

    def logits(self, hidden: Tensor) -> Tensor:
        """[tokens, vocabulary], in the model's precision."""
        return self._head(hidden)


def _check(model: Any) -> None:
    config = model.config
    name = type(model).__name__
    for setting in ("attn_logit_softcapping", "final_logit_softcapping"):
        if getattr(config, setting, None):
            raise Unsupported(f"{name} uses {setting}, which this engine has not.")
    window = getattr(config, "sliding_window", None)
    if window and getattr(config, "use_sliding_window", True) and window < 2048:
        raise Unsupported(f"{name} attends to {window} tokens only.")


def linear(layer: Any) -> Callable[[Tensor], Tensor]:
    """A linear layer as a function; on a CPU that multiplies bf16 its weights in bf16
    are packed."""
    return _linear(layer.weight.detach(), getattr(layer, "bias", None))


def _linear(weight: Tensor, bias: Tensor | None) -> Callable[[Tensor], Tensor]:
    if bias is not None:
        bias = bias.detach()
    ops: Any = torch.ops.mkldnn
    can_pack = weight.device.type == "cpu" and ops._is_mkldnn_bf16_supported()
    if weight.dtype != torch.bfloat16 or not can_pack:
        return lambda x: functional.linear(x, weight, bias)
    packed = ops._reorder_linear_weight(weight, PACK_ROWS)
    return lambda x: ops._linear_pointwise(x, packed, bias, "none", [], "")


class _Fused:
    """A Llama-like model: one product for q, k and v, one for gate and up, and rotary
    positions as one complex product."""

    def __init__(self, model: Any, shape: Shape) -> None:
        inner = model.model
        self.embed = inner.embed_tokens
        self.rotary = inner.rotary_emb
        self.layers = [_Layer(layer, shape) for layer in inner.layers]
        self.norm = _norm(inner.norm)

    def __call__(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        x = self.embed(ids)
        cos, sin = self.rotary(x.float(), positions[None])
        half = cos.shape[-1] // 2
        turn = torch.complex(cos[0, :, None, :half], sin[0, :, None, :half])
        for number, layer in enumerate(self.layers):
            x = layer(number, x, turn, attend)
        return self.norm(x)


class _Layer:
    def __init__(self, layer: Any, shape: Shape) -> None:
        self.shape = shape
        self.turned = shape.heads + shape.kv_heads
        part = layer.self_attn
        turn = _pairs(shape.head_size)
        self.qkv = _join((part.q_proj, turn), (part.k_proj, turn), (part.v_proj, None))
        self.out = linear(part.o_proj)
        self.gate_up = _join((layer.mlp.gate_proj, None), (layer.mlp.up_proj, None))
        self.down = linear(layer.mlp.down_proj)
        self.act = layer.mlp.act_fn
        self.before, self.between = map(
            _norm, (layer.input_layernorm, layer.post_attention_layernorm)
        )
        self.scale = part.scaling

    def __call__(self, number: int, x: Tensor, turn: Tensor, attend: Attend) -> Tensor:
        heads, size = self.shape.heads, self.shape.head_size
        qkv = self.qkv(self.before(x))
        pairs = qkv[:, : self.turned * size].float()
        pairs = torch.view_as_complex(pairs.view(len(x), self.turned, size // 2, 2))
        qk = torch.view_as_real(pairs * turn).flatten(2)
        q = (qk[:, :heads] * self.scale).to(x.dtype)
        k = qk[:, heads:].to(x.dtype)
        v = qkv[:, self.turned * size :].view(len(x), -1, size)
        x = x + self.out(attend(number, q, k, v))
        gate, up = self.gate_up(self.between(x)).chunk(2, -1)
        return x + self.down(self.act(gate).mul_(up))


def _pairs(size: int) -> Tensor:
    """The order that brings the two numbers which are turned together side by side."""
    return torch.arange(size).view(2, size // 2).t().flatten()


def _join(*parts: tuple[Any, Tensor | None]) -> Callable[[Tensor], Tensor]:
    weights, biases = [], []
    for layer, order in parts:
        weight, bias = layer.weight.detach(), layer.bias
        if order is not None:
            rows = torch.arange(len(weight)).view(-1, len(order))[:, order].flatten()
            weight = weight[rows]
            bias = None if bias is None else bias[rows]
        weights.append(weight)
        biases.append(bias)
    with_bias = all(bias is not None for bias in biases)
    return _linear(torch.cat(weights), torch.cat(biases) if with_bias else None)


def _norm(norm: Any) -> Callable[[Tensor], Tensor]:
    weight, eps = norm.weight.detach(), norm.variance_epsilon
    return lambda x: functional.rms_norm(x, weight.shape, weight, eps)


class _AsItIs:
    """Any model of transformers, through its attention interface."""

    NAME = "coachlm_paged"

    def __init__(self, model: Any) -> None:
        self.inner = model.base_model
        self.inner.set_attn_implementation(self.NAME)

    def __call__(self, ids: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        out = self.inner(
            input_ids=ids[None],
            position_ids=positions[None],
            use_cache=False,
            coachlm_attend=attend,
        )
        hidden: Tensor = out.last_hidden_state[0]
        return hidden


def _attend_as_it_is(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _mask: Tensor | None,
    *,
    scaling: float,
    coachlm_attend: Attend,
    **_: Any,
) -> tuple[Tensor, None]:
    parts = ((part[0].transpose(0, 1)) for part in (query * scaling, key, value))
    return coachlm_attend(module.layer_idx, *parts)[None], None


ALL_ATTENTION_FUNCTIONS.register(_AsItIs.NAME, _attend_as_it_is)


@dataclass(frozen=True, slots=True)
class Prefill:
    """Attention of whole prompts: tokens [start, end) are one row's, and are kept in
    its blocks, those of `tables`."""

    blocks: Blocks
    spans: Sequence[tuple[int, int]]
    tables: Sequence[Sequence[int]]

    def __call__(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        out = torch.empty_like(q)
        for (start, end), table in zip(self.spans, self.tables, strict=True):
            keys, values = k[start:end], v[start:end]
            self._keep(layer, keys, values, table)
            out[start:end] = functional.scaled_dot_product_attention(
                q[None, start:end].transpose(1, 2),
                keys[None].transpose(1, 2),
                values[None].transpose(1, 2),
                is_causal=True,
                scale=1.0,
                enable_gqa=True,
            )[0].transpose(0, 1)
        return out.flatten(1)

    def _keep(self, layer: int, k: Tensor, v: Tensor, table: Sequence[int]) -> None:
        for number, block in enumerate(table[: -(-len(k) // BLOCK)]):
            part = slice(number * BLOCK, (number + 1) * BLOCK)
            width = len(k[part])
            self.blocks.keys[layer][block, :, :, :width] = k[part].permute(1, 2, 0)
            self.blocks.values[layer][block, :, :width] = v[part].transpose(0, 1)


class Decode:
    """Attention of a few new tokens of each row to all that the row has in the cache.

    Each row has `width` places, of which the first so many are real; `places` are the
    row and place of each packed token. All blocks in use are multiplied at once, each
    with its own row's queries, and their softmax is put together by row.
    """

    def __init__(
        self,
        blocks: Blocks,
        tables: Sequence[Sequence[int]],
        lengths: Sequence[int],
        counts: Sequence[int],
    ) -> None:
        self.blocks, self.rows, self.width = blocks, len(tables), max(counts)
        device = blocks.keys[0].device
        used = [
            (block, row, number * BLOCK)
            for row, table in enumerate(tables)
            for number, block in enumerate(
                table[: -(-(lengths[row] + counts[row]) // BLOCK)]
            )
        ]
        top = max(block for block, _, _ in used) + 1
        owner, start = [0] * top, [1 << 30] * top  # a block of no row is all masked
        for block, row, first in used:
            owner[block], start[block] = row, first
        places = [(r, s) for r, count in enumerate(counts) for s in range(count)]
        flat = [
            (tables[r][(lengths[r] + s) // BLOCK], (lengths[r] + s) % BLOCK)
            for r, s in places
        ]
        self.top = top
        self.owner = torch.tensor(owner, device=device)
        self.row, self.place = torch.tensor(places, device=device).unbind(1)
        self.block, self.offset = torch.tensor(flat, device=device).unbind(1)
        self.simple = self.width == 1
        steps = torch.arange(self.width, device=device)
        query = torch.tensor(lengths, device=device)[self.owner][:, None] + steps
        key = torch.tensor(start, device=device)[:, None] + torch.arange(
            BLOCK, device=device
        )
        hidden = key[:, None, :] > query[:, :, None]  # [block, place, token]
        self.partial = hidden.flatten(1).any(1).nonzero().flatten()
        self.hidden = hidden[self.partial][:, None, None]
        self.lowest = torch.finfo(blocks.keys[0].dtype).min

    def __call__(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys, values = self.blocks.keys[layer], self.blocks.values[layer]
        keys[self.block, :, :, self.offset] = k
        values[self.block, :, self.offset] = v
        heads, size, kv = q.shape[1], q.shape[2], k.shape[1]
        group, rows, width = heads // kv, self.rows, self.width
        queries = self._by_row(q).view(rows, width, kv, group, size)
        queries = queries.permute(0, 2, 3, 1, 4).reshape(rows, kv, group * width, size)
        scores = torch.bmm(
            queries[self.owner].flatten(0, 1), keys[: self.top].flatten(0, 1)
        ).view(self.top, kv, group, width, BLOCK)
        scores[self.partial] = scores[self.partial].masked_fill_(
            self.hidden, self.lowest
        )
        highest = scores.amax(-1)
        peak = torch.full(
            (rows, kv, group, width), self.lowest, dtype=q.dtype, device=q.device
        )
        owners = self.owner.view(-1, 1, 1, 1).expand_as(highest)
        peak.scatter_reduce_(0, owners, highest, "amax")
        weights = scores.sub_(peak[self.owner][..., None]).exp_()
        total = torch.zeros(rows, kv, group, width, device=q.device).index_add_(
            0, self.owner, weights.sum(-1, dtype=torch.float32)
        )
        found = torch.bmm(
            weights.view(self.top * kv, group * width, BLOCK),
            values[: self.top].flatten(0, 1),
        ).view(self.top, kv, group, width, size)
        out = torch.zeros(rows, kv, group, width, size, device=q.device).index_add_(
            0, self.owner, found.float()
        )
        out = (out / total[..., None]).to(q.dtype).permute(0, 3, 1, 2, 4)
        return out.reshape(rows, width, heads * size)[self.row, self.place]

    def _by_row(self, q: Tensor) -> Tensor:
        if self.simple:
            return q
        padded = q.new_zeros(self.rows, self.width, *q.shape[1:])
        padded[self.row, self.place] = q
        return padded
