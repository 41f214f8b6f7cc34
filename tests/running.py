"""A recipe started as a process of its own, and what it leaves in its folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from training.manifest import digest_file

TIMEOUT = 120


def start(
    folder: Path, *before: str, recipe: str = "training.recipes.coach_lora"
) -> subprocess.Popen:
    module = ["-m", recipe, str(folder)]
    return subprocess.Popen(
        [*(before or (sys.executable,)), *module],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def lines(folder: Path, kind: str) -> list[dict]:
    path = folder / "progress.jsonl"
    text = path.read_text() if path.exists() else ""
    told = [json.loads(line) for line in text.splitlines()]
    return [line for line in told if line["kind"] == kind]


def curve(folder: Path, kind: str = "step") -> dict[int, float]:
    return {line["step"]: line["loss"] for line in lines(folder, kind)}


def weights(folder: Path) -> str:
    return digest_file(folder / "adapter" / "adapter_model.safetensors")


def wait_for_step(folder: Path, step: int) -> None:
    limit = time.monotonic() + TIMEOUT
    while step not in curve(folder):
        assert time.monotonic() < limit
        time.sleep(0.01)
