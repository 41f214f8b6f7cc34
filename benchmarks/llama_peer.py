"""llama.cpp's side of drafting.py: its own libraries, by its C interface.

    python -m benchmarks.llama_peer LIBRARIES MODEL.gguf GIVEN.json OUT.json
    python -m benchmarks.llama_peer LIBRARIES MODEL.gguf Q8_0.gguf

The libraries are llama.cpp 0.5.0 as `npm pack @node-llama-cpp/linux-x64@3.22.1` brings
them (MIT; unpacked, `package/bins/linux-x64`; other processors have packages of their
own): built for each kind of processor, the fastest that this one can run is taken.

Continuous batching as its server does it: all slots in one unified cache, greedy, the
limits and the stop in loops of the engine. The second form makes eight bits of halves.
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from revision_engine.writing import Text

BATCH = 2048
SLOT_TOKENS = 1400
Q8_0 = 7
"""What llama.cpp calls a file with weights of eight bits."""
INT, FLOAT, POINTER = ctypes.c_int32, ctypes.c_float, ctypes.c_void_p
KINDS = {
    "I": INT,
    "U": ctypes.c_uint32,
    "F": FLOAT,
    "B": ctypes.c_bool,
    "P": POINTER,
    "S": ctypes.c_size_t,
}


def _fields(**kinds: str) -> list[tuple[str, Any]]:
    """Fields of a structure, the names of each kind in a row."""
    return [
        (name, KINDS[kind[0]])
        for kind, names in kinds.items()
        for name in names.split()
    ]


class Batch(ctypes.Structure):
    _fields_ = [
        ("n_tokens", INT),
        ("token", ctypes.POINTER(INT)),
        ("embd", POINTER),
        ("pos", ctypes.POINTER(INT)),
        ("n_seq_id", ctypes.POINTER(INT)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(INT))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    ]


class ModelParams(ctypes.Structure):
    _fields_ = _fields(
        P1="devices tensor_buft_overrides",
        I1="n_gpu_layers split_mode load_mode lazy_mode main_gpu",
        P2="tensor_split progress_callback progress_data kv_overrides",
        B1="vocab_only check_tensors use_extra_bufts no_host no_alloc load_mtp",
    )


class ContextParams(ctypes.Structure):
    _fields_ = _fields(
        U1="n_ctx n_batch n_ubatch n_seq_max n_rs_seq n_outputs_max",
        U2="n_outputs_max_per_seq",
        I1="n_threads n_threads_batch ctx_type rope_scaling_type pooling_type",
        I2="attention_type flash_attn_type",
        F1="rope_freq_base rope_freq_scale yarn_ext_factor yarn_attn_factor",
        F2="yarn_beta_fast yarn_beta_slow",
        U3="yarn_orig_ctx",
        F3="defrag_thold",
        P1="cb_eval cb_eval_data",
        I3="type_k type_v",
        P2="abort_callback abort_data",
        B1="embeddings offload_kqv no_perf op_offload swa_full kv_unified",
        P3="samplers",
        S1="n_samplers",
        P4="ctx_other",
    )


class QuantizeParams(ctypes.Structure):
    _fields_ = _fields(
        I1="nthread ftype output_tensor_type token_embedding_type",
        B1="allow_requantize quantize_output_tensor only_copy pure keep_split dry_run",
        P1="imatrix kv_overrides tt_overrides prune_layers",
        S1="max_buf_size",
    )


def main() -> None:
    libraries, model, given, *rest = sys.argv[1:]
    lib = load(Path(libraries))
    if not rest:
        plan = lib.llama_model_quantize_default_params()
        plan.ftype = Q8_0
        if lib.llama_model_quantize(model.encode(), given.encode(), ctypes.byref(plan)):
            raise SystemExit(f"llama.cpp makes no eight bits of {model}.")
        return
    asked = json.loads(Path(given).read_text())
    texts = [
        Text(place, prompt, limit, ways_out=0)
        for place, (prompt, limit) in enumerate(asked["texts"])
    ]
    slots = asked["slots"]
    run = Run(lib, *_open(lib, model, slots, asked["threads"]), set(asked["ends"]))
    Path(rest[0]).write_text(json.dumps(run.write(texts, slots)))


def load(folder: Path) -> ctypes.CDLL:
    """The library, after its structures have been found to be those above."""
    ggml = ctypes.CDLL(str(next(folder.glob("libggml.v*.so"))), ctypes.RTLD_GLOBAL)
    ggml.ggml_backend_load_all_from_path(str(folder).encode())
    lib = ctypes.CDLL(str(next(folder.glob("libllama.v*.so"))))
    results = {
        "llama_model_default_params": ModelParams,
        "llama_context_default_params": ContextParams,
        "llama_model_quantize_default_params": QuantizeParams,
        "llama_batch_init": Batch,
        "llama_get_logits_ith": ctypes.POINTER(FLOAT),
    }
    pointers = ("model_load_from_file", "init_from_model", "model_get_vocab")
    results |= {f"llama_{name}": POINTER for name in (*pointers, "get_memory")}
    for name, kind in results.items():
        getattr(lib, name).restype = kind
    lib.llama_model_load_from_file.argtypes = [ctypes.c_char_p, ModelParams]
    lib.llama_init_from_model.argtypes = [POINTER, ContextParams]
    lib.llama_decode.argtypes = [POINTER, Batch]
    lib.llama_get_logits_ith.argtypes = [POINTER, INT]
    lib.llama_memory_seq_rm.argtypes = [POINTER, INT, INT, INT]
    for name in ("get_memory", "model_get_vocab", "vocab_n_tokens"):
        getattr(lib, f"llama_{name}").argtypes = [POINTER]
    lib.llama_backend_init()
    told = lib.llama_context_default_params()
    facts = (
        told.n_batch,
        told.n_ubatch,
        told.pooling_type,
        told.type_k,
        told.op_offload,
    )
    if facts != (2048, 512, -1, 1, True) or told.n_samplers or told.ctx_other:
        raise SystemExit(f"{folder} is not the llama.cpp that this was written for.")
    return lib


def _open(lib: ctypes.CDLL, path: str, slots: int, threads: int) -> tuple[Any, int]:
    """A context for so many slots, and how many tokens the model knows."""
    model = lib.llama_model_load_from_file(
        path.encode(), lib.llama_model_default_params()
    )
    plan = lib.llama_context_default_params()
    plan.n_ctx, plan.n_seq_max = slots * SLOT_TOKENS, slots
    plan.n_batch, plan.n_outputs_max = BATCH, slots
    plan.n_threads = plan.n_threads_batch = threads
    plan.kv_unified = True
    context = lib.llama_init_from_model(model, plan)
    return context, lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))


@dataclass(slots=True)
class Run:
    """One context at work."""

    lib: ctypes.CDLL
    context: Any
    words: int
    ends: set[int]

    def write(self, texts: list[Text], slots: int) -> dict[str, Any]:
        memory = self.lib.llama_get_memory(self.context)
        batch = self.lib.llama_batch_init(BATCH + slots, 0, 1)
        waiting = deque(sorted(texts, key=lambda text: -len(text.prompt)))
        free, active = list(range(slots)), dict[int, Text]()
        began, first, cpu = time.perf_counter(), 0.0, time.process_time()
        while waiting or active:
            batch.n_tokens = 0
            asked = {slot: _put(batch, text, slot, 1) for slot, text in active.items()}
            while free and waiting and batch.n_tokens + len(waiting[0].prompt) <= BATCH:
                text, slot = waiting.popleft(), free.pop()
                active[slot] = text
                asked[slot] = _put(batch, text, slot, len(text.prompt))
            if self.lib.llama_decode(self.context, batch):
                raise SystemExit("llama_decode failed.")
            for slot, spot in asked.items():
                active[slot].take([self._likeliest(spot)], [0.0], self.ends)
                if active[slot].done:
                    first = first or time.perf_counter() - began
                    free.append(slot)
                    del active[slot]
                    self.lib.llama_memory_seq_rm(memory, slot, -1, -1)
        return {
            "seconds": time.perf_counter() - began,
            "first": first,
            "cpu": time.process_time() - cpu,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "tokens": {text.number: text.written for text in texts},
        }

    def _likeliest(self, spot: int) -> int:
        logits = self.lib.llama_get_logits_ith(self.context, spot)
        return int(np.ctypeslib.as_array(logits, shape=(self.words,)).argmax())


def _put(batch: Batch, text: Text, slot: int, count: int) -> int:
    """The text's last tokens into the batch; where its next one will be told."""
    tokens = text.tokens
    for place in range(len(tokens) - count, len(tokens)):
        spot = batch.n_tokens
        batch.token[spot], batch.pos[spot] = tokens[place], place
        batch.n_seq_id[spot], batch.seq_id[spot][0] = 1, slot
        batch.logits[spot] = place == len(tokens) - 1
        batch.n_tokens += 1
    return int(batch.n_tokens) - 1


if __name__ == "__main__":
    main()
