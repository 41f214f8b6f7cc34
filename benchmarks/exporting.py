"""How fast do accepted pairs go out, and in how much memory?

    ./coachlm benchmark exporting [pairs] [shape.file ...] [profile]

Starts a PostgreSQL of its own, puts so many accepted pairs into it (about 1,600 bytes
each with their raw side; half with a draft, a tenth mended by quality control, a fifth
with columns of their own), and writes each export as the worker does, from the
request to the manifest: the texts, the digest, and the line in each pair's history.
Prints seconds, rows a second, megabytes, and the greatest resident memory so far of the
writing process. The first export writes the histories; `again` is the same without.
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
from typing import Any

from benchmarks.own_database import own_database

WORDS = "people write about water light bread stone music the a of and to in is".split()  # noqa: SIM905
WANTED = ("alpaca.jsonl", "alpaca.jsonl", "revisions.jsonl", "messages.parquet")
STEP = 20_000


def main() -> None:
    given = [each for each in sys.argv[1:] if each != "profile"]
    count = int(given.pop(0)) if given and given[0].isdigit() else 50_000
    with own_database():
        run(count, given or list(WANTED), profiled="profile" in sys.argv)


def run(count: int, wanted: list[str], *, profiled: bool) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    project = fill(count)
    print(f"{count:,} accepted pairs in {time.monotonic() - began:.0f} s")
    for name in wanted:
        profile = cProfile.Profile()
        if profiled:
            profile.enable()
        write(project, name)
        profile.disable()
        if profiled:
            pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def write(project: Any, name: str) -> None:
    from annotator.services import exporting

    shape, _, file = name.partition(".")
    file, _, beside = file.partition("+")
    given: dict[str, object] = {"shape": shape, "file": file.removesuffix(".gz")}
    if beside:
        given["beside"] = beside
    if file.endswith(".gz"):
        given["gzip"] = True
    began, cpu, asked = time.monotonic(), time.process_time(), database_seconds()
    order = exporting.order_of(given)
    export = exporting.request(project=project, actor=None, order=order)
    exporting.write(export.pk)
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    asked = database_seconds() - asked
    export.refresh_from_db()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {export.rows:,} rows ({export.size / 1e6:,.0f} MB) in {took:.1f} s "
        f"(of a processor {cpu:.1f} s here, {asked:.1f} s in PostgreSQL), "
        f"{export.rows / took:,.0f} rows/s, {peak:,.0f} MB at most, load "
        f"{os.getloadavg()[0]:.1f} {export.problem}"
    )


def database_seconds() -> float:
    """Processor seconds of the server processes of our connections."""
    import psutil
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        )
        pids = [pid for (pid,) in cursor.fetchall()]
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(each.user + each.system for each in times))


def fill(count: int) -> Any:
    """A project with a batch of accepted pairs, by COPY."""
    from django.db import connection, transaction
    from django.utils import timezone

    from annotator.models import Batch, Project, User
    from revision_engine.types import CoachRef
    from training.services import registry

    project = Project.objects.create(slug="bench", name="Benchmark")
    batch = Batch.objects.create(project=project, name="made up", state="done")
    anna = User.objects.create_user("anna")
    ref = CoachRef(
        name="a coach",
        base_model="none",
        adapter="a" * 32,
        adapter_sha256="b" * 64,
        prompt="coachlm-1",
        wording="Improve.",
    )
    coach = registry.register(scope=project.scope, ref=ref, name="a coach")
    rows = made_up(count)
    for start in range(0, count, STEP):
        part = [next(rows) for _ in range(min(STEP, count - start))]
        with transaction.atomic():
            store(part, project.pk, batch.pk, anna.pk, coach.pk, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return project


def made_up(count: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(7)
    for number in range(count):
        words = chance.choices(WORDS, k=100)
        raw = " ".join(words)
        yield {
            "number": number,
            "instruction": f"Explain number {number}: {' '.join(words[:15])}.",
            "input": " ".join(words[15:30]) if number % 3 else "",
            "response": f"{raw} as {number} says.",
            "final": f"{raw.capitalize()}, as {number} says; and so it is.",
            "extra": json.dumps(
                {"id": number, "source": "made up"} if number % 5 == 0 else {}
            ),
        }


def store(
    part: list[dict[str, Any]],
    project: int,
    batch: int,
    anna: int,
    coach: int,
    now: Any,
) -> None:
    from annotator.database.copying import copy, numbers
    from annotator.models import Draft, Fix, Pair, Review, Verdict

    pairs, drafts = numbers(Pair, len(part)), numbers(Draft, len(part))
    reviews, verdicts = numbers(Review, len(part)), numbers(Verdict, len(part))
    copy(
        Pair,
        (
            *("id", "project_id", "batch_id", "row", "external_id", "category"),
            *("instruction", "input", "response", "context", "shape", "extra"),
            *("fingerprint", "state", "state_since", "arm", "dealt_as", "priority"),
            *("suspicion", "opened", "to_judge", "exclusion_reason"),
            *("exclusion_note", "created_at"),
        ),
        (
            (
                *(pk, project, batch, row["number"], str(row["number"]), "writing"),
                *(row["instruction"], row["input"], row["response"]),
                *("[]", "{}", row["extra"], f"{row['number']:064}", "accepted", now),
                *("coached", None, 0, 0, True, True, "", "", now),
            )
            for pk, row in zip(pairs, part, strict=True)
        ),
    )
    copy(
        Draft,
        (
            *("id", "pair_id", "coach_id", "adapter_sha256", "prompt", "instruction"),
            *("input", "response", "problem", "hint", "raw_output", "new_tokens"),
            *("seconds", "created_at"),
        ),
        (
            (
                *(pk, pair, coach, "b" * 64, "coachlm-1", row["instruction"]),
                *(row["input"], row["final"][:-10], "", "", "", 10, 0.1, now),
            )
            for pk, pair, row in zip(drafts, pairs, part, strict=True)
            if row["number"] % 2
        ),
    )
    copy(
        Review,
        (
            *("id", "pair_id", "author_id", "draft_id", "arm", "is_imported"),
            *("instruction", "input", "response", "decision", "distance_raw_final"),
            *("opened_at", "submitted_at", "active_seconds", "wall_seconds"),
            "regenerate_seconds",
        ),
        (
            (
                *(pk, pair, anna, draft if row["number"] % 2 else None, "coached"),
                *(False, row["instruction"], row["input"], row["final"], "edited", 20),
                *(now, now, 12.5, 20.0, 0.0),
            )
            for pk, pair, draft, row in zip(reviews, pairs, drafts, part, strict=True)
        ),
    )
    copy(
        Verdict,
        (
            *("id", "review_id", "kind", "accepted", "reason", "note"),
            *("created_at", "active_seconds"),
        ),
        (
            (pk, review, "unsampled", True, "", "", now, 0.0)
            for pk, review in zip(verdicts, reviews, strict=True)
        ),
    )
    copy(
        Fix,
        (
            *("verdict_id", "instruction", "input", "response", "distance"),
            "distance_raw",
        ),
        (
            (pk, row["instruction"], row["input"], f"{row['final']} Yes.", 5, 25)
            for pk, row in zip(verdicts, part, strict=True)
            if row["number"] % 10 == 0
        ),
    )


if __name__ == "__main__":
    main()
