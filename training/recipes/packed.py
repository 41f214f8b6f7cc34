"""Rows through a Llama-like model without padding, each part with its own backward.

Only the adapter learns, so nothing is computed or kept for the base's gradients: a
frozen layer and its two adapter products are one step of the graph, q, k, v and gate,
up are one product each, and the head sees target positions only. All products are in
the base's precision; the adapter's weights stay fp32 and are cast once a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

LLAMA_LIKE = {"LlamaForCausalLM", "MistralForCausalLM", "Qwen2ForCausalLM"}
KEPT_ATTENTION = 512
"""Rows up to this many tokens keep their attention weights for the backward pass;
longer ones, whose weights would fill the memory, compute them again."""
HEAD_ROWS = 256
"""Target positions that go through the vocabulary projection at once."""


def why_not(model: Any) -> str:
    """Why this (PEFT) model cannot run here; empty if it can."""
    whole = model.get_base_model()
    name = type(whole).__name__
    if name not in LLAMA_LIKE:
        return f"{name} is not one of {', '.join(sorted(LLAMA_LIKE))}"
    if whole.device.type != "cpu":
        return "on a GPU the padded pass has the faster kernels"
    if whole.config.hidden_act != "silu":
        return f"its activation is {whole.config.hidden_act}"
    if getattr(whole.config, "sliding_window", None):
        return "it attends to a window"
    rope = getattr(whole.config, "rope_parameters", None) or {}
    if rope.get("partial_rotary_factor", 1.0) != 1.0:
        return "it turns a part of each head only"
    return _odd_part(whole)


def _odd_part(whole: Any) -> str:
    parts = [_base(part) for layer in whole.model.layers for part in _linears(layer)]
    head = whole.get_output_embeddings()
    if not all(type(part) is torch.nn.Linear for part in [*parts, head]):
        return "its linear layers are not plain, or its head has an adapter"
    if (
        head.bias is not None
        or type(whole.model.embed_tokens) is not torch.nn.Embedding
    ):
        return "its embeddings are not plain"
    return ""


def _linears(layer: Any) -> list[Any]:
    attention, mlp = layer.self_attn, layer.mlp
    return [
        *(attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj),
        *(mlp.gate_proj, mlp.up_proj, mlp.down_proj),
    ]


def _base(part: Any) -> Any:
    return getattr(part, "base_layer", part)


def apply(function: Any, *inputs: Any) -> Tensor:
    """A step of the graph; `Function.apply` itself has no types."""
    result: Tensor = function.apply(*inputs)
    return result


class PackedLlama:
    """Packed tokens in, last hidden states of the wanted positions out."""

    def __init__(self, model: Any) -> None:
        inner = model.get_base_model().model
        self.embed, self.rotary = inner.embed_tokens, inner.rotary_emb
        self.layers = [_Layer(layer) for layer in inner.layers]
        self.norm = inner.norm

    def __call__(self, lengths: Sequence[int], ids: Tensor, wanted: Tensor) -> Tensor:
        """`ids` are those of all rows, one after the other; `wanted` are places."""
        x = self.embed(ids)
        places = torch.cat([torch.arange(length) for length in lengths])
        cos, sin = self.rotary(x.float(), places[None])
        half = cos.shape[-1] // 2
        rows = Rows(lengths, cos[0, :, None, :half], sin[0, :, None, :half])
        for layer in self.layers[:-1]:
            x = layer(x, rows)
        x = self.layers[-1](x, rows, wanted)
        return _norm(self.norm, x)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where each row lies among the packed tokens, and how its places are turned."""

    lengths: Sequence[int]
    cos: Tensor
    sin: Tensor

    def spans(self) -> list[slice]:
        ends = torch.tensor(self.lengths).cumsum(0).tolist()
        return [slice(e - n, e) for e, n in zip(ends, self.lengths, strict=True)]

    def turn(self, x: Tensor, out: Tensor, *, back: bool = False) -> None:
        """Rotary positions of [tokens, heads, size], in fp32, written to `out`, which
        may be the same."""
        sin = -self.sin if back else self.sin
        first, second = x.float().chunk(2, -1)
        turned = (
            (first * self.cos).addcmul_(second, sin, value=-1),
            (second * self.cos).addcmul_(first, sin),
        )
        for half, values in zip(out.chunk(2, -1), turned, strict=True):
            half.copy_(values)


class _Layer:
    def __init__(self, layer: Any) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.before = layer.input_layernorm
        self.between = layer.post_attention_layernorm
        self.qkv = _Joined(attention.q_proj, attention.k_proj, attention.v_proj)
        self.out = _Joined(attention.o_proj)
        self.gate_up = _Joined(mlp.gate_proj, mlp.up_proj)
        self.down = _Joined(mlp.down_proj)
        self.size, self.scale = attention.head_dim, attention.scaling
        self.groups = attention.num_key_value_groups

    def __call__(self, x: Tensor, rows: Rows, wanted: Tensor | None = None) -> Tensor:
        qkv = self.qkv(_norm(self.before, x))
        shape = (self.size, self.groups, self.scale)
        attended = apply(_Attention, qkv, rows, *shape)
        if wanted is not None:  # nobody looks at the last layer's other places
            x, attended = x[wanted], attended[wanted]
        x = x + self.out(attended)
        gate_up = self.gate_up(_norm(self.between, x))
        return x + self.down(apply(_Gate, gate_up))


class _Joined:
    """Linear layers that read the same input, as one, with their adapters.

    The layers' own weights become views of the joined one: nothing is held twice.
    """

    def __init__(self, *parts: Any) -> None:
        layers = [_base(part) for part in parts]
        self.parts = parts
        self.sizes = [layer.out_features for layer in layers]
        self.weight = _join([layer.weight for layer in layers])
        self.bias = None
        if any(layer.bias is not None for layer in layers):
            self.bias = torch.cat(
                [
                    torch.zeros_like(layer.weight[:, 0])
                    if layer.bias is None
                    else layer.bias.detach()
                    for layer in layers
                ]
            )

    def __call__(self, x: Tensor) -> Tensor:
        return apply(_Linear, x, self.weight, self.bias, *self._adapters(x.dtype))

    def _adapters(self, dtype: torch.dtype) -> tuple[Tensor | None, Tensor | None]:
        """A of all parts below each other, and B of each at its own place, scaled."""
        adapted = [hasattr(part, "lora_A") for part in self.parts]
        if not any(adapted):
            return None, None
        down, up, done = [], [], 0
        ranks = [
            part.lora_A["default"].out_features if has else 0
            for part, has in zip(self.parts, adapted, strict=True)
        ]
        for part, rank, size in zip(self.parts, ranks, self.sizes, strict=True):
            if not rank:
                up.append(self.weight.new_zeros(size, sum(ranks)))
                continue
            down.append(part.lora_A["default"].weight)
            scaled = part.lora_B["default"].weight * part.scaling["default"]
            up.append(functional.pad(scaled, (done, sum(ranks) - done - rank)))
            done += rank
        return torch.cat(down).to(dtype), torch.cat(up).to(dtype)


def _join(weights: list[Any]) -> Tensor:
    joined = torch.cat([weight.detach() for weight in weights])
    start = 0
    for weight in weights:
        weight.data = joined[start : start + len(weight)]
        start += len(weight)
    return joined


class _Linear(torch.autograd.Function):
    """x W' + (x A') B', with gradients for x, A and B."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, bias: Any, a: Any, b: Any) -> Tensor:
        y = functional.linear(x, weight, bias)
        low = None
        if a is not None:
            low = x @ a.t()
            y.addmm_(low, b.t())
        ctx.save_for_backward(x if a is not None else None, low, weight, a, b)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, low, weight, a, b = ctx.saved_tensors
        dx = dy @ weight if ctx.needs_input_grad[0] else None
        if a is None:
            return dx, None, None, None, None
        d_low = dy @ b
        if dx is not None:
            dx.addmm_(d_low, a)
        return dx, None, None, d_low.t() @ x, dy.t() @ low


def _norm(norm: Any, x: Tensor) -> Tensor:
    return apply(_RmsNorm, x, norm.weight.detach(), norm.variance_epsilon)


class _RmsNorm(torch.autograd.Function):
    """x / rms(x) * weight, its sums in fp32; no gradient for the weight."""

    @staticmethod
    def forward(ctx: Any, x: Any, weight: Any, eps: float) -> Tensor:
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = norm.square_().div_(x.shape[-1]).add_(eps).rsqrt_()
        ctx.save_for_backward(x, scale, weight)
        product: Tensor = (x * scale).to(x.dtype).mul_(weight)
        return product

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, None, None]:
        x, scale, weight = ctx.saved_tensors
        unit = x * scale
        grown = dy.float().mul_(weight)
        share = (grown * unit).mean(-1, keepdim=True)
        dx = grown.addcmul_(unit, share, value=-1).mul_(scale)
        return dx.to(x.dtype), None, None


class _Gate(torch.autograd.Function):
    """silu(gate) * up of [tokens, gate and up]."""

    @staticmethod
    def forward(ctx: Any, gate_up: Any) -> Tensor:
        ctx.save_for_backward(gate_up)
        gate, up = gate_up.chunk(2, -1)
        opened: Tensor = functional.silu(gate)
        return opened.mul_(up)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> Tensor:
        (gate_up,) = ctx.saved_tensors
        gate, up = gate_up.chunk(2, -1)
        out = torch.empty_like(gate_up)
        d_gate, d_up = out.chunk(2, -1)
        torch.mul(dy, functional.silu(gate), out=d_up)
        torch.ops.aten.silu_backward.grad_input(dy * up, gate, grad_input=d_gate)
        return out


class _Attention(torch.autograd.Function):
    """Rotary positions and causal attention of each row to itself.

    Plain products: on a CPU, at the lengths of instruction pairs, they are several
    times as fast as the backward of scaled_dot_product_attention.
    """

    @staticmethod
    def forward(
        ctx: Any, qkv: Any, rows: Rows, size: int, groups: int, scale: float
    ) -> Tensor:
        heads = qkv.shape[-1] // size
        kv = heads // (groups + 2)
        parts = qkv.view(len(qkv), heads, size)
        turned = torch.empty_like(parts)
        rows.turn(parts[:, :-kv], turned[:, :-kv])
        turned[:, -kv:] = parts[:, -kv:]
        out = torch.empty(len(qkv), heads - 2 * kv, size, dtype=qkv.dtype)
        kept = []
        for span in rows.spans():
            q, k, v = _by_head(turned[span], kv)
            weights = _attention_weights(q, k, scale)
            out[span] = _by_token(torch.bmm(weights, v), span)
            kept.append(weights if len(q[0]) <= KEPT_ATTENTION * groups else None)
        ctx.rows, ctx.kv, ctx.scale = rows, kv, scale
        ctx.save_for_backward(turned, *kept)
        return out.flatten(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, None, None, None, None]:
        turned, *kept = ctx.saved_tensors
        tokens, heads, size = turned.shape
        kv = ctx.kv
        dy = dy.view(tokens, heads - 2 * kv, size)
        grads = torch.empty_like(turned)
        for span, weights in zip(ctx.rows.spans(), kept, strict=True):
            q, k, v = _by_head(turned[span], kv)
            if weights is None:
                weights = _attention_weights(q, k, ctx.scale)
            d_out = _queries(dy[span], kv)
            d_weights = torch.bmm(d_out, v.transpose(1, 2))
            d_scores = torch._softmax_backward_data(
                d_weights, weights, -1, weights.dtype
            ).mul_(ctx.scale)
            grads[span, : -2 * kv] = _by_token(torch.bmm(d_scores, k), span)
            d_keys = torch.bmm(d_scores.transpose(1, 2), q)
            d_values = torch.bmm(weights.transpose(1, 2), d_out)
            grads[span, -2 * kv : -kv] = d_keys.transpose(0, 1)
            grads[span, -kv:] = d_values.transpose(0, 1)
        ctx.rows.turn(grads[:, :-kv], grads[:, :-kv], back=True)
        return grads.flatten(1), None, None, None, None


def _queries(x: Tensor, kv: int) -> Tensor:
    """[tokens, heads, size] to [kv heads, heads of its group * tokens, size]."""
    tokens, heads, size = x.shape
    grouped = x.view(tokens, kv, heads // kv, size).permute(1, 2, 0, 3)
    return grouped.reshape(kv, -1, size)


def _by_token(x: Tensor, span: slice) -> Tensor:
    """What `_queries` did, undone."""
    kv, _, size = x.shape
    grouped = x.view(kv, -1, span.stop - span.start, size).permute(2, 0, 1, 3)
    return grouped.flatten(1, 2)


def _by_head(turned: Tensor, kv: int) -> tuple[Tensor, Tensor, Tensor]:
    keys, values = turned[:, -2 * kv : -kv], turned[:, -kv:]
    return (
        _queries(turned[:, : -2 * kv], kv),
        keys.transpose(0, 1).contiguous(),
        values.transpose(0, 1).contiguous(),
    )


def _attention_weights(q: Tensor, k: Tensor, scale: float) -> Tensor:
    kv, tokens = k.shape[:2]
    later = torch.ones(tokens, tokens, dtype=torch.bool).triu_(1)
    scores = torch.bmm(q, k.transpose(1, 2)).mul_(scale)
    scores.view(kv, -1, tokens, tokens).masked_fill_(later, -torch.inf)
    return scores.softmax(-1)


class TargetLoss(torch.autograd.Function):
    """Cross-entropy of each target, straight from hidden states [targets, width].

    The gradient is taken while the logits are there, so they are never kept.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Any, head: Any, targets: Any) -> Tensor:
        losses = torch.empty(len(hidden), dtype=torch.float32)
        grads = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        for start in range(0, len(hidden), HEAD_ROWS):
            part = slice(start, start + HEAD_ROWS)
            target = targets[part, None]
            chances = (hidden[part] @ head.t()).softmax(-1, dtype=torch.float32)
            lowest = torch.finfo(torch.float32).tiny
            found = chances.gather(1, target).clamp_min_(lowest).log_()
            losses[part] = -found[:, 0]
            if grads is not None:
                chances.scatter_add_(1, target, torch.full_like(found, -1.0))
                torch.mm(chances.to(head.dtype), head, out=grads[part])
        ctx.save_for_backward(grads)
        return losses

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, None, None]:
        (grads,) = ctx.saved_tensors
        return grads * dy.to(grads.dtype)[:, None], None, None
