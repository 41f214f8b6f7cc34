"""llama.cpp's side of drafting.py, in a Python that has llama-cpp-python.

    python llama_peer.py MODEL.gguf PROMPTS.json OUT.json SLOTS

Continuous batching through llama.cpp's own C API, as its server does it: all slots in
one unified cache, greedy, the same limits and stop in loops as the engine.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import llama_cpp as lib
import numpy as np

BATCH = 2048
SLOT_TOKENS = 1400


def main() -> None:
    model, given, out, slots = (*sys.argv[1:4], int(sys.argv[4]))
    told = run(model, json.loads(Path(given).read_text()), slots)
    Path(out).write_text(json.dumps(told))


def run(path: str, prompts: list[list[int]], slots: int) -> dict[str, Any]:  # noqa: C901
    context, vocab = _open(path, slots)
    size, end = lib.llama_vocab_n_tokens(vocab), lib.llama_vocab_eos(vocab)
    memory = lib.llama_get_memory(context)
    batch = lib.llama_batch_init(2 * BATCH, 0, 1)
    waiting = sorted(range(len(prompts)), key=lambda place: -len(prompts[place]))
    free, active, written = list(range(slots)), {}, {}
    began, first = time.perf_counter(), 0.0
    while waiting or active:
        count, asked = 0, {}
        for slot, (_, new, length) in active.items():
            _put(batch, count, new[-1], length, slot, asked=True)
            active[slot][2], asked[slot] = length + 1, count
            count += 1
        while free and waiting and count + len(prompts[waiting[0]]) <= BATCH:
            place, slot = waiting.pop(0), free.pop()
            prompt = prompts[place]
            for spot, token in enumerate(prompt):
                _put(batch, count, token, spot, slot, asked=spot == len(prompt) - 1)
                count += 1
            active[slot], asked[slot] = [place, [], len(prompt)], count - 1
        batch.n_tokens = count
        if lib.llama_decode(context, batch):
            raise SystemExit("llama_decode failed.")
        for slot, spot in asked.items():
            logits = lib.llama_get_logits_ith(context, spot)
            token = int(np.ctypeslib.as_array(logits, shape=(size,)).argmax())
            place, new, _ = active[slot]
            if token != end:
                new.append(token)
            limit = min(max(640, len(prompts[place]) * 3 // 2), 2048)
            if token == end or len(new) >= limit or in_loop(new):
                first = first or time.perf_counter() - began
                written[place] = new
                del active[slot]
                free.append(slot)
                lib.llama_memory_seq_rm(memory, slot, -1, -1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "first": first, "peak_mb": peak, "tokens": written}


def _open(path: str, slots: int) -> tuple[Any, Any]:
    lib.llama_backend_init()
    model = lib.llama_model_load_from_file(
        path.encode(), lib.llama_model_default_params()
    )
    values = lib.llama_context_default_params()
    values.n_ctx, values.n_seq_max = slots * SLOT_TOKENS, slots
    values.n_batch, values.n_ubatch = BATCH, 512
    values.n_threads = values.n_threads_batch = os.cpu_count()
    values.kv_unified = True
    return lib.llama_init_from_model(model, values), lib.llama_model_get_vocab(model)


def _put(
    batch: Any, spot: int, token: int, place: int, slot: int, *, asked: bool
) -> None:
    batch.token[spot], batch.pos[spot] = token, place
    batch.n_seq_id[spot], batch.seq_id[spot][0] = 1, slot
    batch.logits[spot] = asked


def in_loop(tokens: list[int]) -> bool:
    """As revision_engine.loops.loop_block; this Python has not the engine."""
    if len(tokens) % 8:
        return False
    return any(
        tokens[-size:] == tokens[-2 * size : -size] == tokens[-3 * size : -2 * size]
        for size in range(12, min(len(tokens) // 3, 120) + 1)
    )


if __name__ == "__main__":
    main()
