"""Carry out a study that is laid out, as a process of its own.

    python -m training.evaluation.tuned.work FOLDER --judge MODEL.json
        [--backend DOTTED.PATH] [--minutes N] [--leashed]

Its progress and, if it fails, why stand in the folder's `progress.jsonl`. With
--leashed it ends, and what it has started with it, as soon as its standard input does:
whoever started it holds the other end, and may be killed.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import signal
import threading
from pathlib import Path

from training.evaluation.drafting import LOCAL
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.preference_model import PreferenceModel
from training.evaluation.tuned import study
from training.progress import telling

INPUT = 0
"""The file of a process's standard input."""


def leash() -> None:
    """From now on this process group ends with its standard input."""
    threading.Thread(target=_end_with_input, daemon=True).start()


def _end_with_input() -> None:
    # Not sys.stdin: its lock, held here, would abort the interpreter at its end.
    while os.read(INPUT, 1024):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Carry out the study of the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Carry out a study of datasets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--judge", type=Path, required=True, help="preference model")
    parser.add_argument("--backend", default=LOCAL, help="dotted path of its class")
    parser.add_argument("--minutes", type=float, help="begin no run after so many")
    parser.add_argument("--leashed", action="store_true", help="end with the input")
    asked = parser.parse_args()
    if asked.leashed:
        leash()
    with telling(asked.folder):
        judge = EmbeddedJudge(PreferenceModel.read(asked.judge))
        load = pkgutil.resolve_name(asked.backend)
        study.carry_out(asked.folder, judge, load, asked.minutes)


if __name__ == "__main__":
    main()
