"""How fast do a project's rules go over stored pairs, and in how much memory?

    ./coachlm benchmark rules [pairs] [profile]

Starts a PostgreSQL of its own, stores made-up pairs (about 800 bytes each; of a hundred
five have an e-mail address, three trailing blanks, two are nearly another one, one is
in another language), and runs all rules over them, as the page does. Prints the pairs a
second of each phase, what was found, the greatest resident memory, and what putting all
of it back takes; with `profile` the functions that take longest.
"""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import random
import resource
import sys
import time
from collections.abc import Iterator
from itertools import islice

from benchmarks.own_database import own_database

WORDS = "people write about water light bread stone music the a of and to in is".split()  # noqa: SIM905
WORDS += "river town road winter letter question answer market garden teacher".split()  # noqa: SIM905
WORDS += "number machine window paper story north value simple longer person".split()  # noqa: SIM905
CHINESE = "请用三句话向小学生解释为什么天空是蓝色的，并且举一个生活中的例子。"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with own_database():
        run(count, profiled="profile" in sys.argv)


def rows(count: int) -> Iterator[dict[str, str]]:
    chance = random.Random(7)
    last: list[str] = chance.choices(WORDS, k=100)
    for number in range(count):
        words = chance.choices(WORDS, k=100)
        if number % 100 in (40, 80):
            words = [*last[:-2], "something", "else"]
        last = words
        text = " ".join(words)
        if number % 100 < 5:
            text += f" Mail anna{number}@firma.de."
        elif number % 100 < 8:
            text += "  "
        elif number % 100 == 8:
            text = CHINESE * 3
        yield {"instruction": f"Task {number}: {text[:90]}", "input": "",
               "output": text}  # fmt: skip


def run(count: int, *, profiled: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from annotator.models import Project, RuleRun
    from annotator.services import arranging_rules, importing, running_rules

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", name="bench")
    made = rows(count)
    while part := [json.dumps(row) for row in islice(made, 50_000)]:
        file = io.BytesIO("\n".join(part).encode())
        importing.import_pairs(project=project, actor=None, file=file, name="a.jsonl")
    for rule in arranging_rules.listed(project):
        if rule.key == "safety":
            rule.settings = {"words": ["bomb", "毒品"]}
            rule.save()
    print(f"{count:,} pairs are stored; resident {resident():,.0f} MB", flush=True)
    job = running_rules.start(project=project, actor=None)
    marks: dict[str, list[float]] = {}
    cpu: dict[str, float] = {}

    def tell(run: RuleRun) -> None:
        now = time.monotonic()
        cpu[run.phase] = time.process_time()
        marks.setdefault(run.phase, [now, now])[1] = now

    profile = cProfile.Profile()
    begun, cpu["begun"] = time.monotonic(), time.process_time()
    if profiled:
        profile.enable()
    running_rules.run(job.pk, tell=tell)
    profile.disable()
    took = time.monotonic() - begun
    job.refresh_from_db()
    pairs = marks["pairs"][1] - begun
    compared = marks["compare"][1] - marks["pairs"][1]
    print(f"{job.state}: {took:.1f} s, {count / took:,.0f} pairs/s")
    print(f"  pair by pair {pairs:.1f} s ({count / pairs:,.0f} pairs/s), "
          f"{cpu['pairs'] - cpu['begun']:.1f} s of CPU here")  # fmt: skip
    print(f"  comparing {compared:.1f} s ({count / compared:,.0f} pairs/s), "
          f"{cpu['compare'] - cpu['pairs']:.1f} s of CPU here")  # fmt: skip
    print(f"  load {os.getloadavg()[0]:.1f}")
    print(f"  greatest resident memory {resident():,.0f} MB")
    for each in job.counts.order_by("pk"):
        print(f"  {each.rule}: found {each.found:,}, fixed {each.fixed:,}, "
              f"tagged {each.tagged:,}, proposed {each.proposed:,}")  # fmt: skip
    RuleRun.objects.filter(pk=job.pk).update(
        state="undoing", phase="undo", after=0, done=0, heard_at=None
    )
    begun = time.monotonic()
    running_rules.run(job.pk)
    job.refresh_from_db()
    print(f"put back {job.put_back:,} pairs: {time.monotonic() - begun:.1f} s")
    if profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def resident() -> float:
    """Megabytes at most, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
