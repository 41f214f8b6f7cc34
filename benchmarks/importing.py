"""How fast does a file of pairs come in, and in how much memory?

    ./coachlm benchmark importing [pairs] [profile] [peer=PATH/bin/label-studio]

Writes a JSONL file of made-up pairs (about 800 bytes each, a tenth of them twice),
starts a PostgreSQL of its own and imports the file as the page does. Prints seconds,
rows a second, the greatest resident memory of the importing process and of the one that
reads for it, and the seconds of processor that these and PostgreSQL took; with
`profile` the functions that take longest. With `peer` the same rows go into Label
Studio next (see label_studio_peer.py), and the ratio is printed.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import random
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks import label_studio_peer
from benchmarks.own_database import own_database

PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
WORDS = "people write about water light bread stone music the a of and to in is".split()  # noqa: SIM905


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with own_database() as folder:
        file = folder / "pairs.jsonl"
        with file.open("w", encoding="utf-8") as sink:
            sink.writelines(f"{json.dumps(row)}\n" for row in rows(count))
        ours = run(file, count, profiled="profile" in sys.argv)
        if peer := next((each for each in sys.argv if each[:5] == "peer="), ""):
            theirs = label_studio_peer.taken(Path(peer[5:]), rows(count))
            print(
                f"Label Studio: {theirs.seconds:.1f} s, {theirs.seconds / ours:.1f} "
                f"times ours; {theirs.processor:.1f} s of processor, load "
                f"{os.getloadavg()[0]:.1f}"
            )


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


def of_python() -> tuple[float, float]:
    """Seconds of processor of this process, and of those that it has ended."""
    taken = os.times()
    return taken.user + taken.system, taken.children_user + taken.children_system


def of_postgres() -> float:
    """Seconds of processor of the server that this process has started."""
    whole = 0.0
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if each.name() == "postgres":
                taken = each.cpu_times()
                whole += taken.user + taken.system
    return whole


def run(file: Path, count: int, *, profiled: bool) -> float:
    """Seconds."""
    import django

    django.setup()
    from django.core.management import call_command

    from annotator.models import Project
    from annotator.services import importing

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", name="Benchmark")
    profile = cProfile.Profile()
    size = file.stat().st_size
    (stores, reads), there = of_python(), of_postgres()
    began = time.monotonic()
    with file.open("rb") as source:
        if profiled:
            profile.enable()
        batch = importing.import_pairs(
            project=project, actor=None, file=source, name=file.name
        )
        profile.disable()
    took = time.monotonic() - began
    stored, read = of_python()
    stores, reads, there = stored - stores, read - reads, of_postgres() - there
    peak, reader = (resource.getrusage(whose).ru_maxrss / 1024 for whose in PROCESSES)
    print(
        f"{count:,} rows ({size / 1e6:,.0f} MB), {batch.imported:,} pairs: "
        f"{took:.1f} s, "
        f"{count / took:,.0f} rows/s, {peak:,.0f} MB at most, load "
        f"{os.getloadavg()[0]:.1f}"
    )
    print(
        f"processor: {reads:.2f} s to read, {stores:.2f} s to store, {there:.2f} s of "
        f"PostgreSQL, {(reads + stores + there) / count * 1e6:.0f} µs a row; the "
        f"reading process had {reader:,.0f} MB at most"
    )
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    return took


if __name__ == "__main__":
    main()
