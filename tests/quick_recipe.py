"""A recipe without a model: three steps, one measurement, and an adapter of ones."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests import adapters
from training.progress import Progress


def main(folder: Path) -> None:
    progress = Progress(folder)
    progress.say("start", step=0, steps=3)
    for step in (1, 2, 3):
        progress.say(
            "step", step=step, epoch=step / 3, loss=1 / step, rate=0.1, tokens=50,
            seconds=0.5,
        )  # fmt: skip
    progress.say("held_out", step=3, epoch=1.0, loss=0.75)
    adapter = folder / "adapter"
    adapter.mkdir(exist_ok=True)
    for name, content in adapters.files().items():
        (adapter / name).write_bytes(content)
    progress.say("done", step=3, steps=3)


if __name__ == "__main__":
    assert json.loads((Path(sys.argv[1]) / "config.json").read_text())
    main(Path(sys.argv[1]))
