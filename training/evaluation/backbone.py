"""Draft held-out pairs by one coach, or by a bare base model, and time it.

    python -m training.evaluation.backbone FOLDER [--backend DOTTED.PATH]

The folder holds `coach.json` (a CoachRef and the `store` of its adapter), and two files
of requests: `probe.jsonl`, drafted first and timed, and `todo.jsonl`. Each draft is a
`draft` line of progress.jsonl as soon as it is there; `speed` follows the probe.
Whoever reads the lines keeps them: started again, it is given what is left.

One process a coach: the peak of its memory is then that coach's alone.
"""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from revision_engine.pipeline import drafts
from revision_engine.postprocess import has_loop, is_parseable
from revision_engine.types import CoachRef, DraftRequest, DraftResult
from training.evaluation.drafting import LOCAL
from training.progress import Progress, telling

ELSEWHERE = "revision_engine.backends.openai.OpenAIBackend"
"""Its model is in another process: nothing is known of its memory."""
COACH, PROBE, TODO = "coach.json", "probe.jsonl", "todo.jsonl"
_STATUS = Path("/proc/self/status")


def lay_down(
    folder: Path,
    coach: CoachRef,
    store: Path,
    probe: Sequence[DraftRequest],
    todo: Sequence[DraftRequest],
) -> None:
    """Write what `measure` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"coach": coach.as_dict(), "store": str(store.absolute())}
    (folder / COACH).write_text(json.dumps(told))
    for name, requests in ((PROBE, probe), (TODO, todo)):
        lines = (f"{json.dumps(each.as_dict())}\n" for each in requests)
        (folder / name).write_text("".join(lines), encoding="utf-8")


def measure(folder: Path, backend: str = LOCAL) -> None:
    """Draft what the folder asks for, and tell the progress file."""
    told = json.loads((folder / COACH).read_text())
    coach = CoachRef.from_dict(told["coach"])
    engine = pkgutil.resolve_name(backend)(coach, Path(told["store"]))
    progress = Progress(folder)
    if probe := list(_requests(folder / PROBE)):
        # What is compiled or read at the first draft is no part of the pace.
        list(drafts(coach, engine, [min(probe, key=_length)]))
        began = time.monotonic()
        tokens = _draft(coach, engine, probe, progress)
        seconds = time.monotonic() - began
        memory, device = (None, "") if backend == ELSEWHERE else peak()
        progress.say(
            "speed",
            drafts=len(probe),
            tokens=tokens,
            seconds=seconds,
            memory=memory,
            device=device,
        )
    _draft(coach, engine, list(_requests(folder / TODO)), progress)


def _requests(path: Path) -> Iterator[DraftRequest]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield DraftRequest.from_dict(json.loads(line))


def _length(request: DraftRequest) -> int:
    return sum(map(len, asdict(request.text).values()))


def _draft(
    coach: CoachRef, engine: Any, requests: list[DraftRequest], progress: Progress
) -> int:
    """Tell each draft as it comes; the tokens of all."""
    parent, tokens = os.getppid(), 0
    raw = {request.key: request.text for request in requests}
    for result in drafts(coach, engine, requests):
        progress.say("draft", **_told(result, raw[result.key], coach))
        tokens += result.new_tokens
        if os.getppid() != parent:
            raise SystemExit("The process that started this comparison is gone.")
    return tokens


def _told(result: DraftResult, raw: Any, coach: CoachRef) -> dict[str, Any]:
    return {
        "key": result.key,
        "text": asdict(result.text),
        "problem": result.problem,
        "parseable": is_parseable(result.raw_output, raw, coach.prompt),
        "loop": has_loop(result.raw_output, raw),
    }


def peak() -> tuple[int, str]:
    """The most bytes that this process has held, and of which memory: a GPU's where
    the model is on one, else the machine's."""
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        return int(torch.cuda.max_memory_allocated()), "cuda"
    if _STATUS.exists():  # getrusage would count the process that started this one
        lines = _STATUS.read_text().splitlines()
        high = next(line for line in lines if line.startswith("VmHWM"))
        return int(high.split()[1]) * 1024, "cpu"
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held * (1 if sys.platform == "darwin" else 1024), "cpu"


def main() -> None:
    """Measure what lies in the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Measure one coach's drafting.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default=LOCAL, help="dotted path of its class")
    asked = parser.parse_args()
    with telling(asked.folder):
        measure(asked.folder, asked.backend)


if __name__ == "__main__":
    main()
