"""How many pairs a second does the engine revise, beside transformers' generate?

    COACHLM_DATA=FOLDER ./coachlm benchmark drafting [pairs] [--dtype bfloat16|float32]
        [--steps] [--llama PYTHON --gguf FILE [FILE ...]]

Takes the same pairs of expert_revisions.json (seeded shuffle, lengths as they come),
the shipped coach merged into the same weights, greedy decoding, the same token limits
and the same stop in loops for all. `generate` gets its pairs sorted by length and its
best of three batch sizes, found on 64 of the pairs. The engine runs before and after
it, so that a machine that slows down shows. `--steps` also measures the engine without
each of its parts. `--llama` runs llama.cpp (llama_peer.py) with a Python that has
llama-cpp-python, on GGUF files of the same merged weights.

Prints pairs and tokens a second, seconds to the first finished draft, peak memory, the
ratios to generate, and how many outputs differ from generate's, token for token.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from revision_engine import fast_model
from revision_engine.backends import hf
from revision_engine.decoding import Decoder, Row, loop_block
from revision_engine.fast_model import FastModel
from revision_engine.prompts import PUBLISHED_WORDING, by_version, chat_ids
from revision_engine.types import CoachRef, PairText
from training.manifest import Manifest

SHIPPED = Path("training/shipped/coachlm-smollm2-135m")
BATCHES = (16, 32, 64)
Finished = Iterator[tuple[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One side's run over all prompts."""

    name: str
    seconds: float
    first: float
    peak_mb: float
    tokens: dict[int, list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the engine beside generate.")
    parser.add_argument("pairs", type=int, nargs="?", default=256)
    parser.add_argument("--dtype", choices=["bfloat16", "float32"], default="bfloat16")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--llama", help="a Python with llama-cpp-python")
    parser.add_argument("--gguf", nargs="*", default=[])
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    model, tokenizer = _coach(getattr(torch, options.dtype))
    prompts = _prompts(tokenizer, options.pairs)
    ends = hf._end_tokens(model, tokenizer)
    print(f"{len(prompts)} pairs, {sum(map(len, prompts))} prompt tokens")
    ours = [_measure("the engine", lambda: _engine(model, ends, prompts))]
    print(_line(ours[0], None), flush=True)
    some = prompts[:64]
    tried = {
        size: _measure("", lambda size=size: _generate(model, ends, some, size))
        for size in BATCHES
    }
    best = min(tried, key=lambda size: tried[size].seconds)
    name = f"transformers generate, batch {best} (best of {BATCHES})"
    theirs = _measure(name, lambda: _generate(model, ends, prompts, best))
    print(_line(theirs, theirs), flush=True)
    again = _measure("the engine again", lambda: _engine(model, ends, prompts))
    print(_line(again, theirs), flush=True)
    if options.steps:
        ours += _without_parts(model, ends, prompts, theirs)
    for file in options.gguf:
        ours.append(_llama(options.llama, file, prompts))
        print(_line(ours[-1], theirs), flush=True)
    print(_line(ours[0], theirs))


def _coach(dtype: torch.dtype) -> tuple[Any, Any]:
    papers = Manifest.read(SHIPPED)
    coach = CoachRef(
        name=papers.name,
        base_model=papers.base_model,
        base_revision=papers.base_revision,
        adapter=SHIPPED.name,
        adapter_sha256=papers.adapter_sha256,
        prompt=papers.prompt,
        wording=papers.wording,
    )
    hf.dtype = lambda: dtype
    return hf._fresh(coach, SHIPPED.parent.absolute())


def _prompts(tokenizer: Any, count: int) -> list[list[int]]:
    folder = Path(os.environ.get("COACHLM_DATA", "../shared/data"))
    pairs = json.loads((folder / "expert_revisions.json").read_text())
    random.Random(1).shuffle(pairs)
    raw = [
        PairText(
            instruction=pair["Raw Instruction"],
            input=pair["Raw Input"],
            response=pair["Raw Response"],
        )
        for pair in pairs[:count]
    ]
    render = by_version("coachlm-1").render
    return [chat_ids(tokenizer, render(pair, PUBLISHED_WORDING)) for pair in raw]


def _measure(name: str, run: Callable[[], Finished]) -> Measured:
    tokens, first = {}, 0.0
    with _PeakMemory() as memory:
        began = time.perf_counter()
        for place, written in run():
            first = first or time.perf_counter() - began
            tokens[place] = written
        seconds = time.perf_counter() - began
    return Measured(name, seconds, first, memory.peak_mb, tokens)


class _PeakMemory:
    """Peak resident memory of this process since entering; 0 where it is not told."""

    peak_mb = 0.0

    def __enter__(self) -> _PeakMemory:
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            lines = Path("/proc/self/status").read_text().splitlines()
            peak = next(line for line in lines if line.startswith("VmHWM"))
            self.peak_mb = int(peak.split()[1]) / 1024
        except OSError:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            self.peak_mb = usage.ru_maxrss / 1024


def _engine(
    model: Any,
    ends: Sequence[int],
    prompts: Sequence[list[int]],
    *,
    rows: int = hf.ROWS,
    look_ahead: bool = True,
) -> Finished:
    loop = Decoder(
        FastModel(model),
        ends,
        rows=rows,
        cache_bytes=hf.CACHE_BYTES,
        look_ahead=look_ahead,
    )
    limits = [hf.new_tokens(len(prompt), hf.CONTEXT_TOKENS) for prompt in prompts]
    todo = [
        Row(place, prompt, limit, ways_out=0)
        for place, (prompt, limit) in enumerate(zip(prompts, limits, strict=True))
    ]
    for row in loop.write(todo):
        yield row.number, row.written


def _generate(
    model: Any, ends: Sequence[int], prompts: Sequence[list[int]], size: int
) -> Finished:
    order = sorted(range(len(prompts)), key=lambda place: -len(prompts[place]))
    for start in range(0, len(order), size):
        places = order[start : start + size]
        rows = [prompts[place] for place in places]
        yield from zip(places, _generate_batch(model, ends, rows), strict=True)


@torch.inference_mode()
def _generate_batch(
    model: Any, ends: Sequence[int], rows: Sequence[list[int]]
) -> list[list[int]]:
    width = max(map(len, rows))
    limits = [hf.new_tokens(len(row), hf.CONTEXT_TOKENS) for row in rows]
    stop = _StopRows(width, limits)
    written = model.generate(
        input_ids=torch.tensor([[ends[0]] * (width - len(r)) + r for r in rows]),
        attention_mask=torch.tensor(
            [[0] * (width - len(r)) + [1] * len(r) for r in rows]
        ),
        generation_config=GenerationConfig(
            do_sample=False,
            max_new_tokens=max(limits),
            pad_token_id=ends[0],
            eos_token_id=list(ends),
        ),
        stopping_criteria=StoppingCriteriaList([stop]),
    )[:, width:].tolist()
    cut = [row[: stop.stopped.get(n)] for n, row in enumerate(written)]
    return [
        row[: next((p for p, token in enumerate(row) if token in ends), None)]
        for row in cut
    ]


class _StopRows(StoppingCriteria):
    def __init__(self, start: int, limits: Sequence[int]) -> None:
        self.start, self.limits = start, limits
        self.stopped: dict[int, int] = {}

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        count = input_ids.shape[1] - self.start
        rows = input_ids[:, self.start :].tolist() if count % 8 == 0 else []
        for row, limit in enumerate(self.limits):
            if count >= limit or (rows and loop_block(rows[row])):
                self.stopped.setdefault(row, count)
        return torch.tensor([row in self.stopped for row in range(len(self.limits))])


def _without_parts(
    model: Any, ends: Sequence[int], prompts: Sequence[list[int]], theirs: Measured
) -> list[Measured]:
    """The engine without each of its parts, and with other numbers of rows."""
    made = []

    def add(name: str, **values: Any) -> None:
        run = _measure(name, lambda: _engine(model, ends, prompts, **values))
        made.append(run)
        print(_line(run, theirs), flush=True)

    for rows in (8, 16, 64):
        add(f"the engine, {rows} rows", rows=rows)
    add("the engine, nothing guessed", look_ahead=False)
    packed = fast_model._linear
    fast_model._linear = lambda weight, bias: (
        lambda x: torch.nn.functional.linear(x, weight, bias)
    )
    add("the engine, weights not packed")
    fast_model._linear = packed
    return made


def _llama(python: str, file: str, prompts: Sequence[list[int]]) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "prompts.json", Path(folder) / "out.json"
        given.write_text(json.dumps(prompts))
        peer = Path(__file__).with_name("llama_peer.py")
        subprocess.run([python, peer, file, given, out, "16"], check=True)
        told = json.loads(out.read_text())
    return Measured(
        name=f"llama.cpp, 16 slots, {Path(file).name}",
        seconds=told["seconds"],
        first=told["first"],
        peak_mb=told["peak_mb"],
        tokens={int(place): row for place, row in told["tokens"].items()},
    )


def _line(run: Measured, theirs: Measured | None) -> str:
    count, tokens = len(run.tokens), sum(map(len, run.tokens.values()))
    line = (
        f"{run.name}: {count / run.seconds:.2f} pairs/s, "
        f"{tokens / run.seconds:.0f} tokens/s ({tokens} tokens), first draft after "
        f"{run.first:.1f} s, peak {run.peak_mb:.0f} MB"
    )
    if theirs and theirs is not run:
        times = theirs.seconds / run.seconds
        other = sum(run.tokens[place] != row for place, row in theirs.tokens.items())
        line += f"; {times:.2f} times generate's pairs/s, {other} outputs differ"
    return line


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
