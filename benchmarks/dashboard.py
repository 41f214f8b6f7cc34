"""How fast is the dashboard over a million pairs and a million reviews?

    ./coachlm benchmark dashboard [reviews] [requests]

Starts a server of its own and fills one project by SQL: as many pairs as reviews, 25
people over 250 days (weekends off), 20 batches worked through one after the other, 10
categories, 5 coaches in turn, a tenth without a draft, and the event log of it all.
Then it counts the tallies from nothing and one day anew, proves them with a recount,
and asks for the page in turn: without a filter and with each. `server` is the time of
the whole request inside the web process (middleware, queries, template), through
Django's test client. Beside it, in the same run, the plain query over the rows for the
same figures (one of the many that the page would need).
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.own_database import own_database

PEOPLE, DAYS, BATCHES, CATEGORIES, COACHES = 25, 250, 20, 10, 5


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    count, requests = (given + [1_000_000, 40][len(given) :])[:2]
    with own_database():
        run(count, requests)


def run(count: int, requests: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    project = make_project()
    print(f"{count:,} pairs and reviews, {os.cpu_count()} cores, load {load()}")
    timed("fill by SQL", lambda: fill(project, count))
    fold(project)
    measure(project, requests)


def load() -> str:
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def timed(name: str, deed: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    answer = deed()
    print(f"{name}: {time.perf_counter() - began:.2f} s (load {load()})", flush=True)
    return answer


def make_project() -> Any:
    from annotator.domain.roles import Role
    from annotator.models import Batch, Membership, Project, User
    from revision_engine.types import CoachRef
    from training.services import registry

    project = Project.objects.create(slug="bench", name="bench")
    for number in range(COACHES):
        ref = CoachRef(
            name="bench", base_model="none", adapter="", prompt="coachlm-1", wording="x"
        )
        name = f"coach {number}"
        coach = registry.register(scope=project.scope, ref=ref, name=name)
        registry.promote(coach=coach, actor=None)
    for number in range(PEOPLE):
        user = User.objects.create_user(f"person{number}")
        role = Role.ANNOTATOR if number else Role.LEAD
        Membership.objects.create(project=project, user=user, role=role)
    Batch.objects.bulk_create(
        Batch(project=project, name=f"batch {n}", sha256="0" * 64)
        for n in range(BATCHES)
    )
    return project


# Pair n is reviewed in the n-th place of the whole time; earlier batches come first.
PAIRS = """
INSERT INTO annotator_pair (project_id, batch_id, row, external_id, category,
    instruction, input, response, fingerprint, state, state_since, arm, priority,
    opened, to_judge, exclusion_reason, exclusion_note, created_at)
SELECT %(project)s, (%(batches)s::bigint[])[1 + (n - 1) * {batches} / %(count)s], n, '',
    'category ' || (hashint8(n) & 1023) %% {categories},
    'Explain the word number ' || n, '', repeat('It is a word. ', 10),
    lpad(n::text, 64, '0'), 'accepted', now(), %(arm)s, 0, true, true, '', '',
    %(start)s + ((n - 1) * {batches} / %(count)s) * interval '10 days'
FROM generate_series(1, %(count)s::bigint) n
"""
WORKED = """
CREATE UNLOGGED TABLE worked AS
SELECT p.id AS pair_id, p.row AS n, h %% 10 = 0 AS control,
    h, (h / 1024) %% 100 AS luck, (h / 7) %% 100 AS other,
    start + day * interval '1 day' + ((h / 3) %% 28800) * interval '1 second'
        + interval '8 hours' AS at,
    1 + day * {coaches} / {days} AS coach_number, (h / 5) %% {people} AS person
FROM (
    SELECT id, row, abs(hashint8(id)::bigint) AS h,
        -- seven days of calendar for five of work
        (((row - 1) * {workdays} / %(count)s) / 5 * 7
            + ((row - 1) * {workdays} / %(count)s) %% 5) AS day,
        %(start)s::timestamptz AS start
    FROM annotator_pair
) p
"""
DRAFTS = """
INSERT INTO annotator_draft (pair_id, coach_id, adapter_sha256, prompt, instruction,
    input, response, problem, hint, raw_output, new_tokens, seconds, created_at)
SELECT pair_id, (%(coaches)s::bigint[])[coach_number], '', 'coachlm-1', 'Explain.', '',
    repeat('It is a word. ', 12), CASE WHEN luck = 0 THEN 'loop' ELSE '' END, '', '',
    100, 1, at - interval '1 hour'
FROM worked WHERE NOT control
"""
REVIEWS = """
INSERT INTO annotator_review (pair_id, author_id, draft_id, arm, is_imported,
    instruction, input, response, decision, distance_raw_final,
    distance_draft_final, distance_raw_draft, distance_instruction, distance_input,
    distance_response, submitted_at, active_seconds, wall_seconds, regenerate_seconds)
SELECT w.pair_id, (%(people)s::bigint[])[1 + w.person], d.id,
    CASE WHEN w.control THEN 'control' ELSE 'coached' END, false, 'Explain.', '',
    repeat('It is a word. ', 14),
    CASE WHEN w.control THEN 'without_draft' WHEN w.luck < 40 THEN 'accepted'
         WHEN w.luck < 85 THEN 'edited' WHEN w.luck < 95 THEN 'rewritten'
         ELSE 'kept_raw' END,
    50 + w.h %% 400, CASE WHEN d.id IS NOT NULL THEN w.h %% 200 END, 100,
    w.h %% 3 * 10, 0, w.h %% 200, w.at,
    exp(4.2 + 0.7 * sqrt(-2 * ln((1 + w.h %% 9973) / 9974.0))
        * cos(2 * pi() * ((w.h / 9973) %% 997) / 997.0))::float8, 200, 0
FROM worked w LEFT JOIN annotator_draft d ON d.pair_id = w.pair_id ORDER BY w.at
"""
VERDICTS = """
INSERT INTO annotator_verdict (review_id, judge_id, accepted, reason, note, created_at,
    active_seconds)
SELECT r.id, (%(people)s::bigint[])[1], w.other >= 6, CASE WHEN w.other < 3 THEN 'style'
    WHEN w.other < 6 THEN 'incomplete' ELSE '' END, '', r.submitted_at
    + interval '1 day', 30
FROM annotator_review r JOIN worked w ON w.pair_id = r.pair_id
"""
TAGS = """
INSERT INTO annotator_rubrictag (review_id, criterion)
SELECT r.id, (%(tags)s::text[])[1 + (w.h / (k * 13)) %% 10]
FROM annotator_review r JOIN worked w ON w.pair_id = r.pair_id,
     generate_series(1, 2) k
WHERE (w.h / k) %% 3 > 0 ON CONFLICT DO NOTHING
"""
EVENTS = """
INSERT INTO annotator_auditevent (pair_id, actor_id, action, old_state, new_state,
    note, at)
SELECT w.pair_id, NULL::bigint, s.action, s.old, s.new, '', w.at + s.shift
FROM worked w CROSS JOIN (VALUES
    (1, 'queued', 'imported', 'queued', interval '-3 hours'),
    (2, 'drafting', 'queued', 'drafting', interval '-2 hours'),
    (3, 'drafted', 'drafting', 'ready', interval '-1 hours'),
    (4, 'claimed for review', 'ready', 'in_review', interval '-5 minutes'),
    (5, 'submitted', 'in_review', 'reviewed', interval '0'),
    (6, 'claimed for quality', 'reviewed', 'in_quality', interval '23 hours'),
    (7, 'accepted', 'in_quality', 'accepted', interval '1 day')
) s (place, action, old, new, shift)
WHERE (NOT w.control OR place NOT IN (2, 3)) AND (w.other >= 6 OR place < 7)
UNION ALL
SELECT pair_id, NULL::bigint, 'ready without a draft', 'queued', 'ready', '',
    at - interval '1 hour' FROM worked WHERE control
UNION ALL
SELECT pair_id, NULL::bigint, 'sent back', 'in_quality', 'ready', '',
    at + interval '1 day' FROM worked WHERE other < 6
ORDER BY 1, 7
"""
STATES = """
UPDATE annotator_pair p SET state = CASE WHEN w.other < 6 THEN 'ready' ELSE p.state END,
    arm = CASE WHEN w.control THEN 'control' ELSE 'coached' END
FROM worked w WHERE w.pair_id = p.id AND (w.control OR w.other < 6)
"""


def fill(project: Any, count: int) -> None:
    """Rows as a year of work leaves them."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from annotator.domain.rubric import BY_KEY
    from training import selectors

    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    members = project.memberships.order_by("user_id")
    given = {
        "project": project.pk,
        "count": count,
        "arm": "coached",
        "start": midnight - timedelta(days=DAYS * 7 // 5 + 2),
        "batches": list(project.batches.order_by("pk").values_list("pk", flat=True)),
        "people": list(members.values_list("user_id", flat=True)),
        "tags": list(BY_KEY),
        "coaches": sorted(
            selectors.coaches(project.scope).values_list("pk", flat=True)
        ),
    }
    sizes = {
        "{batches}": BATCHES,
        "{categories}": CATEGORIES,
        "{coaches}": COACHES,
        "{days}": DAYS * 7 // 5 + 2,
        "{workdays}": DAYS,
        "{people}": PEOPLE,
    }
    with connection.cursor() as cursor:
        for statement in (
            PAIRS,
            WORKED,
            DRAFTS,
            REVIEWS,
            VERDICTS,
            TAGS,
            EVENTS,
            STATES,
        ):
            for name, size in sizes.items():
                statement = statement.replace(name, str(size))
            cursor.execute(statement, given)
        cursor.execute("DROP TABLE worked")
        cursor.execute("VACUUM ANALYZE")


def fold(project: Any) -> None:
    from django.db import connection

    from annotator.models import PairTally, Review, ReviewTally, StaleHour
    from annotator.services.tallies import folding, recounting

    print(f"marks: {StaleHour.objects.count():,}")
    timed("all tallies from nothing", lambda: folding.fold(project))
    months = ReviewTally.objects.filter(grain="month").count()
    print(
        f"tallies: {PairTally.objects.count():,} of pairs, "
        f"{ReviewTally.objects.count() - months:,} of reviews by day, "
        f"{months:,} by month"
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    last = Review.objects.order_by("-submitted_at")[0].submitted_at
    for _ in range(3):
        StaleHour.objects.create(project=project, hour=last)
        timed("one day anew", lambda: folding.fold(project))
    found = timed("recount of everything", lambda: recounting.recount(project))
    print(f"differences: {len(found)} {found[:3]}")


def measure(project: Any, requests: int) -> None:
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from annotator.models import Review, StaleHour, User

    last = Review.objects.order_by("-submitted_at")[0].submitted_at
    settings.ALLOWED_HOSTS = ["*"]
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    client = Client()
    client.force_login(User.objects.get(username="person0"))
    batch = project.batches.order_by("pk")[BATCHES // 2].pk
    coach = coaches(project)[1]
    print(f"\nload {load()}; server ms over {requests} requests each, in turn")
    print("| filter | p50 | p95 | plain query over rows |\n|---|---|---|---|")
    cases = {
        "none": ("", "true"),
        "last 28 days": ("days=28", "r.submitted_at > now() - interval '28 days'"),
        "since a day in mid-month": (
            f"since={past(200)}&until={past(20)}",
            f"r.submitted_at BETWEEN '{past(200)}' AND '{past(20)}'",
        ),
        "person": (
            "person=person3",
            "r.author_id = (SELECT id FROM annotator_user WHERE username = 'person3')",
        ),
        "batch": (f"batch={batch}", f"p.batch_id = {batch}"),
        "category": ("category=category 3", "p.category = 'category 3'"),
        "coach": (f"coach={coach}", f"d.coach_id = {coach}"),
        "without a draft": ("coach=0", "r.draft_id IS NULL"),
        "person, category, 90 days": (
            "person=person3&category=category 3&days=90",
            (
                "p.category = 'category 3' AND r.submitted_at > now() "
                "- interval '90 days' AND r.author_id = "
                "(SELECT id FROM annotator_user WHERE username = 'person3')"
            ),
        ),
    }
    cases["none, and one day is stale"] = ("", "true")
    times: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(requests + 2):
        for name, (query, _) in cases.items():
            if "stale" in name:
                StaleHour.objects.create(project=project, hour=last)
            began = time.perf_counter()
            answer = client.get(f"/p/bench/stats/?{query}")
            took = 1000 * (time.perf_counter() - began)
            assert answer.status_code == 200, answer.content[:500]  # noqa: S101
            if number >= 2:
                times[name].append(took)
    for name, (_, condition) in cases.items():
        p50, p95 = (
            statistics.quantiles(times[name], n=100, method="inclusive")[n - 1]
            for n in (50, 95)
        )
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(PLAIN.format(condition=condition), [project.pk])
            cursor.fetchall()
        plain = 1000 * (time.perf_counter() - began)
        print(f"| {name} | {p50:.0f} | {p95:.0f} | {plain:.0f} |", flush=True)
    print(f"load {load()}")


PLAIN = """
SELECT r.decision, count(*), count(v.id) FILTER (WHERE v.accepted),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY r.active_seconds),
    avg(r.distance_draft_final)
FROM annotator_review r JOIN annotator_pair p ON p.id = r.pair_id
LEFT JOIN annotator_draft d ON d.id = r.draft_id
LEFT JOIN annotator_verdict v ON v.review_id = r.id
WHERE p.project_id = %s AND r.withdrawn_at IS NULL AND NOT r.is_imported
  AND {condition} GROUP BY 1
"""


def coaches(project: Any) -> list[int]:
    from training import selectors

    return sorted(selectors.coaches(project.scope).values_list("pk", flat=True))


def past(days: int) -> str:
    from datetime import timedelta

    from django.utils import timezone

    return (timezone.localdate() - timedelta(days=days)).isoformat()


if __name__ == "__main__":
    main()
