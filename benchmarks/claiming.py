"""How long is it from submit to the next pair on the wire, when many work at once?

    ./coachlm benchmark claiming [pairs] [annotators] [seconds] [pace]

Starts servers of its own, fills a project with drafted pairs, and lets simulated
annotators log in and work through the real web process: read for a moment, submit,
get the next pair in the answer. `pace` is the mean time for reading in seconds; 6 is
still several times as fast as people are. Logins and each person's first two submits
warm the processes up and do not count. The load comes from the same cores.

Prints percentiles of the time to the whole answer as the client sees it, and of a page
that claims nothing (the overview), so that a slow machine shows in both. Users of Label
Studio report over 15 s a page at 10,000 tasks (its issue 9637).
"""

from __future__ import annotations

import http.cookiejar
import os
import random
import re
import statistics
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.own_database import own_database

PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"
PASSWORD = "a long bench password"  # noqa: S105
CHUNK = 5000
WARM_UP = 2
WORDS = ("the", "coach", "drafts", "a", "revision", "of", "pairs", "and", "people")


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    count, people, seconds, pace = (given + [50_000, 20, 60, 6][len(given) :])[:4]
    with own_database() as folder:
        from annotator.config.embedded import EmbeddedValkey

        valkey = EmbeddedValkey(folder / "valkey")
        try:
            os.environ["CELERY_BROKER_URL"] = valkey.start()
            fill(count, people)
            measure(count, people, seconds, pace)
        finally:
            valkey.stop()


def fill(count: int, people: int) -> None:
    """A project of `count` drafted pairs, and its annotators."""
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from django.db import connection

    from annotator.domain.roles import Role
    from annotator.models import Batch, Draft, Membership, Pair, Project, User
    from revision_engine.types import CoachRef
    from training.services import registry

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", name="bench")
    ref = CoachRef(
        name="bench", base_model="none", adapter="", prompt="coachlm-1", wording="x"
    )
    coach = registry.register(scope=project.scope, ref=ref, name="bench")
    registry.promote(coach=coach, actor=None)
    secret = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=f"person{n}", password=secret) for n in range(people)
    )
    Membership.objects.bulk_create(
        Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users
    )
    batch = Batch.objects.create(project=project, name="bench.json", sha256="0" * 64)
    words = random.Random(17)
    for start in range(0, count, CHUNK):
        pairs = Pair.objects.bulk_create(
            Pair(
                project=project,
                batch=batch,
                row=number,
                instruction=text(words, 25),
                response=text(words, 120),
                fingerprint=f"{number:064}",
                state="ready",
                arm="coached",
                draft_coach=coach.pk,
            )
            for number in range(start, min(start + CHUNK, count))
        )
        drafts = Draft.objects.bulk_create(
            Draft(
                pair=pair,
                coach=coach,
                prompt="coachlm-1",
                instruction=pair.instruction,
                response=pair.response.replace("the", "this") + " " + text(words, 40),
            )
            for pair in pairs
        )
        for pair, draft in zip(pairs, drafts, strict=True):
            pair.draft = draft
        Pair.objects.bulk_update(pairs, ["draft"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def text(words: random.Random, length: int) -> str:
    return " ".join(words.choices(WORDS, k=length)).capitalize() + "."


def measure(count: int, people: int, seconds: int, pace: int) -> None:
    """Let them work, and print what they waited."""
    with served():
        waits, overview = let_work(enter(people), seconds, pace)
    print(f"{count:,} pairs, {people} annotators, {os.cpu_count()} cores, {seconds} s")
    show("submit -> next pair", waits, seconds)
    show("overview page", overview, seconds)


@contextmanager
def served() -> Iterator[None]:
    """The real web processes, at ADDRESS."""
    from annotator.config import processes

    command = processes.web("127.0.0.1", PORT)
    server = subprocess.Popen(command, env=processes.environment())
    try:
        wait_until_up()
        yield
    finally:
        server.terminate()
        server.wait()


@dataclass
class Annotator:
    """Somebody who is signed in, with the pair on their screen."""

    number: int
    browser: urllib.request.OpenerDirector
    page: str
    chance: random.Random


def enter(people: int) -> list[Annotator]:
    """Sign them in, and have each hand in the first pairs, which do not count."""
    with ThreadPoolExecutor(people) as each:
        return list(each.map(sign_in, range(people)))


def sign_in(number: int) -> Annotator:
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{ADDRESS}/login/").read().decode()
    credentials = {"username": f"person{number}", "password": PASSWORD}
    send(browser, "/login/", page, credentials)
    page = browser.open(f"{ADDRESS}/p/bench/review/").read().decode()
    one = Annotator(number, browser, page, random.Random(number))
    for _ in range(WARM_UP):
        submit(one)
    return one


def let_work(
    annotators: Sequence[Annotator], seconds: int, pace: int
) -> tuple[list[float], list[float]]:
    """Seconds that all waited for a next pair, and for the overview."""
    waits: list[float] = []
    overview: list[float] = []
    with ThreadPoolExecutor(len(annotators)) as each:
        done = [
            each.submit(work, one, seconds, pace, waits, overview) for one in annotators
        ]
        for one in done:
            one.result()
    return waits, overview


def wait_until_up() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{ADDRESS}/login/").close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web process did not come up.")


def work(
    one: Annotator, seconds: int, pace: int, waits: list[float], overview: list[float]
) -> None:
    """Read for a while, change a word, submit."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(pace * one.chance.uniform(0.5, 1.5))
        waits.append(submit(one))
        if one.chance.random() < 0.1:
            began = time.perf_counter()
            one.browser.open(f"{ADDRESS}/p/bench/").read()
            overview.append(time.perf_counter() - began)


def submit(one: Annotator) -> float:
    """Send the pair on the page; how many seconds the next one took to come."""
    action = re.search(r'action="([^"]+/submit/)"', one.page)
    if action is None:
        raise SystemExit(f"person{one.number} got no pair:\n{one.page[:2000]}")
    typed = {
        "instruction": "An instruction.",
        "response": f"A response by {one.number}.",
        "action": "save" if one.chance.random() < 0.5 else "accept",
    }
    began = time.perf_counter()
    one.page = send(one.browser, action[1], one.page, typed, htmx=True)
    return time.perf_counter() - began


def send(
    browser: urllib.request.OpenerDirector,
    path: str,
    page: str,
    fields: dict[str, str],
    *,
    htmx: bool = False,
) -> str:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    values = {**fields, "csrfmiddlewaretoken": token[1] if token else ""}
    body = urllib.parse.urlencode(values).encode()
    headers = {"HX-Request": "true"} if htmx else {}
    request = urllib.request.Request(f"{ADDRESS}{path}", body, headers)
    answer: str = browser.open(request).read().decode()
    return answer


def show(name: str, waits: list[float], seconds: int) -> None:
    if len(waits) < 2:
        print(f"{name}: too few")
        return
    cuts = statistics.quantiles(waits, n=100, method="inclusive")
    p50, p95, p99 = (1000 * cuts[n - 1] for n in (50, 95, 99))
    rate = len(waits) / seconds
    print(
        f"{name}: n {len(waits)}, {rate:.1f}/s, "
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms"
    )


if __name__ == "__main__":
    main()
