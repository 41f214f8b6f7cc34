"""Does the engine write the same on this device, how fast, and how fast is a step?

    ./coachlm benchmark device [--sizes NAME ...] [--out FILE.json]

On CUDA where torch sees it, else on the processor, with random weights, so that nothing
is fetched; on an H200 it should end within six minutes (docs/training.md says what was
seen). Prints JSON:

- `same`: for tiny models of four families in fp32, how many greedy texts of
  transformers' backend (backends/hf.py, what drafts on GPUs) are those of `generate`,
  token for token, as far as the engine writes: it stops in loops, `generate` does not;
- `drafting`: for each size, in bf16, tokens and steps a second of the engine and of
  `generate` over the same prompts, and the bound that reading the weights once a step
  sets, from the bandwidth of a copy measured here. Texts of random weights run into
  loops, where the engine ends them, so its rows run empty: steps compare, not tokens;
- `training`: for each size, seconds, tokens a second and peak memory of one LoRA step
  over the same rows, padded and packed; where a pass cannot run here, why.

Sizes: `1B` and `7B` on CUDA, `30M` on the processor.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
import transformers
from peft import LoraConfig as PeftLora
from peft import get_peft_model

from revision_engine.backends import hf, limits
from revision_engine.writing import Text
from training.recipes import losses, packed
from training.recipes.batches import Encoded

SIZES: dict[str, dict[str, int]] = {
    "30M": {
        "hidden_size": 384,
        "intermediate_size": 1024,
        "num_hidden_layers": 8,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
    },
    "1B": {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 16,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
    "7B": {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    },
}
VOCABULARY = 32_000
TINY = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    # Wide enough that no two tokens are about equally likely.
    "initializer_range": 0.3,
}
FAMILIES: dict[str, dict[str, Any]] = {
    "Llama": {},
    "Qwen3": {"head_dim": 16},
    "Gemma2": {"head_dim": 16, "query_pre_attn_scalar": 16},
    "Phi3": {"sliding_window": None},
}
END = 2
ROWS, PROMPT, NEW = 32, 256, 128
"""Texts written at once, tokens of each prompt, and new ones of each."""
TRAINED = [96, 128, 160, 224, 320, 448, 512, 640]
"""Tokens of the rows of a step; a third of each is its target."""


def main() -> None:
    device = hf.device()
    parser = argparse.ArgumentParser(description="Check and time this device.")
    usual = ["1B", "7B"] if device == "cuda" else ["30M"]
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=usual)
    parser.add_argument("--out", type=Path, help="write the JSON here, too")
    asked = parser.parse_args()
    began = time.perf_counter()
    found: dict[str, Any] = {
        "device": torch.cuda.get_device_name() if device == "cuda" else "processor",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "copied_gb_per_second": round(bandwidth(device) / 1e9, 1),
        "same": {name: same(name, device) for name in FAMILIES},
        "drafting": {},
        "training": {},
    }
    for size in asked.sizes:
        found["drafting"][size] = drafting(size, device, bandwidth(device))
        found["training"][size] = training(size, device)
    found["seconds"] = round(time.perf_counter() - began, 1)
    told = json.dumps(found, indent=2)
    print(told)
    if asked.out:
        asked.out.write_text(told + "\n")


def model_of(family: str, settings: dict[str, Any], dtype: torch.dtype) -> Any:
    """A model with random weights, on the device."""
    config = getattr(transformers, f"{family}Config")(
        vocab_size=settings.pop("vocab_size", VOCABULARY),
        max_position_embeddings=2048,
        eos_token_id=END,
        bos_token_id=None,
        pad_token_id=END,
        **settings,
    )
    torch.manual_seed(7)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(hf.device()):
            return getattr(transformers, f"{family}ForCausalLM")(config).eval()
    finally:
        torch.set_default_dtype(before)


def prompts(count: int, length: int, vocabulary: int) -> list[list[int]]:
    chance = random.Random(11)
    return [
        [chance.randrange(3, vocabulary) for _ in range(length)] for _ in range(count)
    ]


def same(family: str, device: str) -> dict[str, int]:
    """Texts that are the same, of how many, and the tokens compared."""
    settings = {**TINY, **FAMILIES[family], "vocab_size": 300}
    model = model_of(family, settings, torch.float32)
    asked = prompts(16, 24, 300)
    engine = written(model, asked, 48)
    theirs = generated(model, asked, 48)
    return {
        "texts": len(asked),
        "same": sum(
            own == other[: len(own)] for own, other in zip(engine, theirs, strict=True)
        ),
        "tokens": sum(map(len, engine)),
    }


def written(model: Any, asked: Sequence[list[int]], new: int) -> list[list[int]]:
    """By the engine, in the prompts' order."""
    writer = hf.HfWriter(model, SimpleNamespace(eos_token_id=END))
    limits.CACHE_BYTES = max(limits.CACHE_BYTES, 16 << 30)
    texts = [Text(place, ids, new, ways_out=0) for place, ids in enumerate(asked)]
    found = {text.number: text.written for text in writer.write(texts)}
    return [found[place] for place in range(len(asked))]


@torch.inference_mode()
def generated(model: Any, asked: Sequence[list[int]], new: int) -> list[list[int]]:
    """By transformers alone; all prompts are equally long."""
    ids = torch.tensor(asked, device=model.device)
    found = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        max_new_tokens=new,
        eos_token_id=None,
        pad_token_id=END,
    )
    rows = found[:, ids.shape[1] :].tolist()
    return [row[: row.index(END)] if END in row else row for row in rows]


def drafting(size: str, device: str, copied: float) -> dict[str, float]:
    model = model_of("Llama", dict(SIZES[size]), torch.bfloat16)
    asked = prompts(ROWS, PROMPT, VOCABULARY)
    weights = sum(each.numel() * each.element_size() for each in model.parameters())
    sides: dict[str, float] = {}
    for name, write in (("engine", written), ("generate", generated)):
        write(model, asked[:2], 4)  # kernels are chosen, memory is had
        seconds, texts = timed(device, partial(write, model, asked, NEW))
        lengths = list(map(len, texts))
        sides[f"{name}_tokens_per_second"] = round(sum(lengths) / seconds, 1)
        sides[f"{name}_steps_per_second"] = round(max(lengths) / seconds, 2)
    bound = ROWS * copied / weights
    return {
        "parameters": sum(each.numel() for each in model.parameters()),
        "rows": ROWS,
        **sides,
        "bound_tokens_per_second": round(bound, 1),
        "bound_steps_per_second": round(bound / ROWS, 2),
    }


def training(size: str, device: str) -> dict[str, Any]:
    model = get_peft_model(
        model_of("Llama", dict(SIZES[size]), torch.bfloat16).requires_grad_(
            requires_grad=False
        ),
        PeftLora(
            r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
        autocast_adapter_dtype=True,
    ).train()
    rows = [
        Encoded(ids[: length * 2 // 3], ids[length * 2 // 3 : length])
        for length, ids in zip(
            TRAINED, prompts(len(TRAINED), max(TRAINED), VOCABULARY), strict=True
        )
    ]
    found: dict[str, Any] = {"padded": step(model, losses.PaddedLoss(model), rows)}
    why = packed.why_not(model)
    found["packed"] = (
        {"why_not": why} if why else step(model, losses.PackedLoss(model), rows)
    )
    return found


def step(model: Any, loss: losses.Loss, rows: Sequence[Encoded]) -> dict[str, float]:
    """The second of two steps: the first one chooses kernels and has its memory."""
    device = hf.device()
    learned = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=1e-5)

    def one() -> None:
        optimizer.zero_grad()
        loss(rows).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    one()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds, _ = timed(device, one)
    tokens = sum(map(len, rows))
    return {
        "seconds": round(seconds, 3),
        "tokens": tokens,
        "tokens_per_second": round(tokens / seconds, 1),
        "peak_gb": round(peak(device) / 1e9, 2),
    }


def timed(device: str, work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    if device == "cuda":
        torch.cuda.synchronize()
    began = time.perf_counter()
    found = work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - began, found


def peak(device: str) -> float:
    """Bytes: of CUDA since the last reset; else of this process since it began."""
    if device == "cuda":
        return float(torch.cuda.max_memory_allocated())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def bandwidth(device: str) -> float:
    """Bytes a second that a copy reads and writes; the best of five."""
    size = 4 << 30 if device == "cuda" else 512 << 20
    source = torch.ones(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    taken = [timed(device, lambda: target.copy_(source))[0] for _ in range(5)]
    return 2 * size / min(taken)


if __name__ == "__main__":
    main()
