"""Draft with a coach what it has not learned, for the estimate of which drafts help.

    python -m training.evaluation.unlearned PART_FOLDER [--backend DOTTED.PATH]

Reads `config.json`, `unlearned.jsonl` and `adapter/` of the folder, and keeps each
draft in `drafts.jsonl` as soon as it is there: after a kill the others are drafted.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from revision_engine.types import DraftResult
from training.evaluation.coaches import coach_of
from training.evaluation.done_lines import kept
from training.evaluation.drafting import LOCAL, drafted
from training.examples import read_jsonl
from training.progress import Progress, telling

EXAMPLES = "unlearned.jsonl"
DRAFTS = "drafts.jsonl"


def draft(folder: Path, backend: str = LOCAL) -> None:
    """Draft all that is not drafted yet, and tell how many there are."""
    parent, progress = os.getppid(), Progress(folder)
    examples = list(read_jsonl(folder / EXAMPLES))
    coach, store = coach_of(folder / "adapter", folder)
    progress.say("drafting", done=0, total=len(examples))
    made = drafted(folder / DRAFTS, examples, coach, store, backend)
    for count, _ in enumerate(made, start=1):
        progress.say("drafting", done=count, total=len(examples))
        if os.getppid() != parent:
            raise SystemExit("The process that started this is gone.")


def drafts_in(folder: Path) -> list[DraftResult]:
    """All that its coach has drafted, each example once."""
    coach, _ = coach_of(folder / "adapter", folder)
    rows = kept(folder / DRAFTS, coach)
    found = [DraftResult.from_dict(row["draft"]) for row in rows]
    return list({one.key: one for one in found}.values())


def main() -> None:
    """Draft what lies in the folder that the command line names."""
    parser = argparse.ArgumentParser(description="Draft what a coach has not learned.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backend", default=LOCAL, help="dotted path of its class")
    asked = parser.parse_args()
    with telling(asked.folder):
        draft(asked.folder, asked.backend)


if __name__ == "__main__":
    main()
