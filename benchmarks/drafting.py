"""How many pairs a second does the engine revise, beside what else could do it?

    COACHLM_DATA=FOLDER ./coachlm benchmark drafting [pairs] [--batch N] [--steps]
        [--llama PYTHON --gguf FILE [FILE ...]]

Takes the same pairs of expert_revisions.json (seeded shuffle, lengths as they come),
the shipped coach merged into the same weights, greedy decoding, the same token limits
and the same stop in loops for all but `generate_batch`, which has no place for one.
transformers' `generate` is the fallback's (backends/hf.py), in batches of 32 or as
`--batch` says. The engine runs before and after the others, so that a machine that
slows down shows. `--steps` also measures the engine with other numbers
of rows. `--llama` runs llama.cpp (llama_peer.py) with a Python that has
llama-cpp-python, on GGUF files of the same merged weights.

Prints pairs and tokens a second, seconds to the first finished draft, peak memory, the
ratios to the engine, and how many outputs differ from the engine's, token for token.
To see it without AMX: ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16, all but llama.cpp obey.
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
from transformers import GenerationConfig

from benchmarks import shipped
from benchmarks.shipped import SHIPPED
from revision_engine.backends import hf, limits, local
from revision_engine.prompts import PUBLISHED_WORDING, by_version, chat_ids
from revision_engine.types import PairText
from revision_engine.writing import Text, Writer, new_tokens
from training.manifest import Manifest

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
    parser = argparse.ArgumentParser(description="Measure the engine beside others.")
    parser.add_argument("pairs", type=int, nargs="?", default=96)
    parser.add_argument("--batch", type=int, default=32, help="of generate")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--llama", help="a Python with llama-cpp-python")
    parser.add_argument("--gguf", nargs="*", default=[])
    options = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    coach, store = shipped.coach(), SHIPPED.parent.absolute()
    ours = local.load(coach, store)
    prompts = _prompts(ours.tokenizer, options.pairs)
    print(f"{len(prompts)} pairs, {sum(map(len, prompts))} prompt tokens")
    engine = _measure("the engine", lambda: _written(ours, prompts))
    print(_line(engine, None), flush=True)
    theirs = hf.load(coach, store)
    name = f"transformers generate, batch {options.batch}"
    _show(_measure(name, lambda: _rows(theirs, prompts, options.batch)), engine)
    name = "transformers generate_batch, no stop in loops"
    _show(_measure(name, lambda: _generate_batch(theirs, prompts)), engine)
    for rows in (8, 16, 64) if options.steps else ():
        name = f"the engine, {rows} rows"
        _show(_measure(name, lambda rows=rows: _rows(ours, prompts, rows)), engine)
    for file in options.gguf:
        _show(_llama(options.llama, file, prompts), engine)
    _show(_measure("the engine again", lambda: _written(ours, prompts)), engine)


def _show(run: Measured, engine: Measured) -> None:
    print(_line(run, engine), flush=True)


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
    render = by_version(Manifest.read(SHIPPED).prompt).render
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


def _written(writer: Writer, prompts: Sequence[list[int]]) -> Finished:
    texts = [
        Text(place, prompt, new_tokens(len(prompt), writer.context), ways_out=0)
        for place, prompt in enumerate(prompts)
    ]
    for text in writer.write(texts):
        yield text.number, text.written


def _rows(writer: Writer, prompts: Sequence[list[int]], rows: int) -> Finished:
    before, limits.ROWS = limits.ROWS, rows
    try:
        yield from _written(writer, prompts)
    finally:
        limits.ROWS = before


def _generate_batch(writer: hf.HfWriter, prompts: Sequence[list[int]]) -> Finished:
    """transformers' own continuous batching; each text up to its own limit."""
    most = [new_tokens(len(prompt), writer.context) for prompt in prompts]
    found = writer.model.generate_batch(
        inputs=list(prompts),
        generation_config=GenerationConfig(
            do_sample=False,
            max_new_tokens=max(most),
            eos_token_id=writer.ends,
            pad_token_id=writer.ends[0],
        ),
        progress_bar=False,
    )
    for place, said in enumerate(found.values()):
        new = said.generated_tokens[: most[place]]
        yield place, new[:-1] if new and new[-1] in writer.ends else new


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


def _line(run: Measured, engine: Measured | None) -> str:
    count, tokens = len(run.tokens), sum(map(len, run.tokens.values()))
    line = (
        f"{run.name}: {count / run.seconds:.2f} pairs/s, "
        f"{tokens / run.seconds:.0f} tokens/s ({tokens} tokens), first draft after "
        f"{run.first:.1f} s, peak {run.peak_mb:.0f} MB"
    )
    if engine:
        times = run.seconds / engine.seconds
        other = sum(run.tokens[place] != row for place, row in engine.tokens.items())
        line += (
            f"; the engine has {times:.2f} times its pairs/s, {other} outputs differ"
        )
    return line


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
