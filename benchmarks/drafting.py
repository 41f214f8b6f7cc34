"""How many pairs a second does the engine revise, beside what else could do it?

    COACHLM_DATA=FOLDER ./coachlm benchmark drafting [pairs] [--batch N] [--steps]
        [--llama LIBRARIES [--slots N]] [--only-llama] [--threads N]

Takes the same pairs of expert_revisions.json (seeded shuffle, lengths as they come),
the shipped coach merged into the same weights, greedy decoding, the same token limits
and the same stop in loops for all but `generate_batch`, which has no place for one.
transformers' `generate` is the fallback's (backends/hf.py), in batches of 32 or as
`--batch` says. The engine runs before and after the others, so that a machine that
slows down shows. `--steps` also measures the engine with other numbers
of rows. `--llama` runs llama.cpp beside it (llama_peer.py says where its libraries come
from) on the same merged weights, in halves as the engine's converter writes them and in
llama.cpp's own eight bits; `--only-llama` leaves transformers out.

Prints pairs and tokens a second, processor seconds, seconds to the first finished
draft, peak memory, the ratios to the engine, and how many outputs differ from the
engine's, token for token. Beside other work only processor seconds compare, and only
with `--threads 1`: llama.cpp's threads wait for each other at full pace.
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
from revision_engine import base_models, converting
from revision_engine.backends import hf, limits, local, openvino
from revision_engine.prompts import PUBLISHED_WORDING, by_version, chat_ids
from revision_engine.tensors import TensorFiles
from revision_engine.types import PairText
from revision_engine.writing import Text, Writer, new_tokens
from training.manifest import Manifest

Finished = Iterator[tuple[int, list[int]]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One side's run over all prompts."""

    name: str
    seconds: float
    cpu: float
    first: float
    peak_mb: float
    tokens: dict[int, list[int]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the engine beside others.")
    parser.add_argument("pairs", type=int, nargs="?", default=96)
    parser.add_argument("--batch", type=int, default=32, help="of generate")
    parser.add_argument("--steps", action="store_true")
    parser.add_argument("--llama", type=Path, help="a folder with its libraries")
    parser.add_argument("--slots", type=int, default=32, help="of llama.cpp")
    parser.add_argument("--only-llama", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    openvino.properties()["INFERENCE_NUM_THREADS"] = str(options.threads)
    coach, store = shipped.coach(), SHIPPED.parent.absolute()
    ours = local.load(coach, store)
    prompts = _prompts(ours.tokenizer, options.pairs)
    print(f"{len(prompts)} pairs, {sum(map(len, prompts))} prompt tokens")
    engine = _measure("the engine", lambda: _written(ours, prompts))
    print(_line(engine, None), flush=True)
    if not options.only_llama:
        _transformers(hf.load(coach, store), prompts, options.batch, engine)
    for rows in (8, 16, 64) if options.steps else ():
        name = f"the engine, {rows} rows"
        _show(_measure(name, lambda rows=rows: _rows(ours, prompts, rows)), engine)
    if options.llama:
        for run in _llama(options.llama, ours, prompts, options.slots):
            _show(run, engine)
    _show(_measure("the engine again", lambda: _written(ours, prompts)), engine)


def _transformers(
    theirs: hf.HfWriter, prompts: Sequence[list[int]], batch: int, engine: Measured
) -> None:
    name = f"transformers generate, batch {batch}"
    _show(_measure(name, lambda: _rows(theirs, prompts, batch)), engine)
    name = "transformers generate_batch, no stop in loops"
    _show(_measure(name, lambda: _generate_batch(theirs, prompts)), engine)


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
        began, cpu = time.perf_counter(), time.process_time()
        for place, written in run():
            first = first or time.perf_counter() - began
            tokens[place] = written
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Measured(name, seconds, cpu, first, memory.peak_mb, tokens)


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


def _llama(
    libraries: Path, writer: Any, prompts: Sequence[list[int]], slots: int
) -> Iterator[Measured]:
    limits = [new_tokens(len(prompt), writer.context) for prompt in prompts]
    asked = {
        "texts": list(zip(prompts, limits, strict=True)),
        "ends": writer.ends,
        "slots": slots,
        "threads": torch.get_num_threads(),
    }
    peer = (sys.executable, "-m", "benchmarks.llama_peer", str(libraries))
    with tempfile.TemporaryDirectory() as folder:
        halves, eight = Path(folder) / "f16.gguf", Path(folder) / "q8_0.gguf"
        given, out = Path(folder) / "given.json", Path(folder) / "out.json"
        given.write_text(json.dumps(asked))
        _write_gguf(halves)
        with Path(os.devnull).open("wb") as silent:
            subprocess.run([*peer, str(halves), str(eight)], check=True, stderr=silent)
            for file in (halves, eight):
                one = [*peer, *map(str, (file, given, out))]
                subprocess.run(one, check=True, stderr=silent)
                told = json.loads(out.read_text())
                yield Measured(
                    name=f"llama.cpp, {slots} slots, {file.stem}",
                    seconds=told["seconds"],
                    cpu=told["cpu"],
                    first=told["first"],
                    peak_mb=told["peak_mb"],
                    tokens={int(place): row for place, row in told["tokens"].items()},
                )


def _write_gguf(file: Path) -> None:
    """The shipped coach, merged, without a tokenizer: all sides are given tokens."""
    base = base_models.folder(shipped.coach().base_model)
    config = json.loads((base / "config.json").read_text())

    def no_words(writer: Any) -> None:
        writer.add_tokenizer_model("no_vocab")
        writer.add_vocab_size(config["vocab_size"])

    tensors = TensorFiles(*sorted(base.glob("*.safetensors")))
    converting.write_gguf(file, config, converting.merged(tensors, SHIPPED), no_words)


def _line(run: Measured, engine: Measured | None) -> str:
    count, tokens = len(run.tokens), sum(map(len, run.tokens.values()))
    line = (
        f"{run.name}: {count / run.seconds:.2f} pairs/s, "
        f"{tokens / run.seconds:.0f} tokens/s ({tokens} tokens), processor "
        f"{run.cpu:.0f} s, first draft after {run.first:.1f} s, "
        f"peak {run.peak_mb:.0f} MB"
    )
    if engine:
        times, work = run.seconds / engine.seconds, run.cpu / engine.cpu
        other = sum(run.tokens[place] != row for place, row in engine.tokens.items())
        line += (
            f"; the engine has {times:.2f} times its pairs/s, {work:.2f} times by "
            f"processor time; {other} outputs differ"
        )
    return line


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
