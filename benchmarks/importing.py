"""How fast does a file of pairs come in, and in how much memory?

    ./coachlm benchmark importing [pairs] [profile]

Writes a JSONL file of made-up pairs (about 800 bytes each, a tenth of them twice),
starts a PostgreSQL of its own and imports the file as the page does. Prints seconds,
rows a second and the greatest resident memory of the importing process; with `profile`
the functions that take longest.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

WORDS = "people write about water light bread stone music the a of and to in is".split()  # noqa: SIM905


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    from annotator.config.embedded import EmbeddedPostgres

    with tempfile.TemporaryDirectory(prefix="coachlm-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = EmbeddedPostgres(folder / "postgres")
        try:
            os.environ.update(
                DATABASE_URL=postgres.start(),
                COACHLM_VAR=str(folder / "var"),
                DJANGO_SETTINGS_MODULE="annotator.config.settings",
            )
            (folder / "var").mkdir()
            file = folder / "pairs.jsonl"
            with file.open("w", encoding="utf-8") as sink:
                sink.writelines(f"{json.dumps(row)}\n" for row in rows(count))
            run(file, count, profiled="profile" in sys.argv)
        finally:
            postgres.stop()


def rows(count: int) -> Iterator[dict[str, object]]:
    chance = random.Random(7)
    last: dict[str, object] = {}
    for number in range(count):
        words = chance.choices(WORDS, k=100)
        # Every tenth row is the one before it again.
        key = number - (number % 10 == 9)
        if key != number:
            yield last
            continue
        last = {
            "id": number,
            "instruction": f"Explain number {key}: {' '.join(words[:15])}.",
            "input": " ".join(words[15:30]) if number % 3 else "",
            "output": f"{' '.join(words).capitalize()}, as {key} says. " * 1,
            "category": ("writing", "coding", "advice")[number % 3],
            "source": "made up",
        }
        yield last


def run(file: Path, count: int, *, profiled: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from annotator.models import Project
    from annotator.services import importing

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", name="Benchmark")
    profile = cProfile.Profile()
    size = file.stat().st_size
    began = time.monotonic()
    with file.open("rb") as source:
        if profiled:
            profile.enable()
        batch = importing.import_pairs(
            project=project, actor=None, file=source, name=file.name
        )
        profile.disable()
    took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:,} rows ({size / 1e6:,.0f} MB), {batch.imported:,} pairs: "
        f"{took:.1f} s, "
        f"{count / took:,.0f} rows/s, {peak:,.0f} MB at most, load "
        f"{os.getloadavg()[0]:.1f}"
    )
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
