"""How long, and how many clicks, until somebody has reviewed a pair of their own data?

    ./coachlm benchmark first_day [pairs] [reads]

Starts the real `./coachlm up --empty` in a folder of its own, with the shipped coach,
and goes through its pages in Chromium as the first person of a team does: first admin,
project, a file of `pairs` (40) raw pairs, the desk, where the first draft is accepted.
A pair that comes without a draft before it is kept raw. Each press of a button or a
link is a click, opening the file dialog is one, too; typing is none.

Seconds are the machine's, with no pause of a person. Those from the import to the first
draft stand beside the minute that the page of batches promises. With `reads` (0), the
seconds for which a person would look at each page are added to the last line.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from annotator.config import ports

PROMISED = 60.0
"""Seconds until the first pairs are drafted: "within a minute or two"."""
PATIENCE = 300.0
BASE = Path(__file__).resolve().parents[1]
PAIRS = BASE / "annotator" / "demo" / "pairs.json"
PASSWORD = "a long one, and new"  # noqa: S105 - of an installation that ends with this
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(slots=True)
class Person:
    """Whoever goes through the pages, with what they have clicked."""

    page: Page
    clicks: int = 0
    pages: int = 0
    began: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.pages += 1

    def click(self, what: str, leads_to: str) -> None:
        """Press it, and wait for the page that it leads to."""
        self.page.locator(what).first.click()
        self.page.wait_for_url(re.compile(leads_to))
        self.page.wait_for_load_state()
        self.clicks += 1
        self.pages += 1

    def choose(self, file: Path) -> None:
        self.page.set_input_files("[name=file]", file)
        self.clicks += 1

    def say(self, what: str) -> None:
        print(f"{self.seconds():7.1f} s  {self.clicks} clicks  {what}", flush=True)


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]]
    pairs, reads = (given + [40, 0][len(given) :])[:2]
    with tempfile.TemporaryDirectory(prefix="coachlm-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "questions.json"
        rows = json.loads(PAIRS.read_text(encoding="utf-8"))[:pairs]
        file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        began = time.monotonic()
        with started(folder) as address, sync_playwright() as playwright:
            print(
                f"{time.monotonic() - began:7.1f} s  ./coachlm up --empty", flush=True
            )
            found = filter(None, map(shutil.which, BROWSERS))
            browser = playwright.chromium.launch(
                executable_path=next(found, None), args=["--no-sandbox"]
            )
            page = browser.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            journey(Person(page), address, file, reads)
            browser.close()


def journey(person: Person, address: str, file: Path, reads: int) -> None:
    person.open(address)
    for name, typed in {
        "username": "ada",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }.items():
        person.page.fill(f"[name={name}]", typed)
    person.click("main button[type=submit]", "/$")
    person.say("the first admin is in")
    person.click("main a:has-text('Make the first project')", "/p/new/$")
    person.page.fill("[name=name]", "Questions")
    person.page.fill("[name=slug]", "questions")
    person.click("main button[type=submit]", "/p/questions/batches/$")
    person.say("the project is made")
    person.choose(file)
    person.click("#upload button[type=submit]", r"/batches/\d+/$")
    imported = person.seconds()
    person.say("the data is in")
    person.click("main a:has-text('Review pairs')", "/review/$")
    kept = accept_first_draft(person)
    drafted = person.seconds() - imported
    print(
        f"import to first accepted draft: {drafted:.1f} s, {drafted / PROMISED:.2f} of "
        f"the minute that is promised; {kept} pairs without a draft before it"
    )
    whole = person.seconds() + reads * person.pages
    print(
        f"first page to first reviewed draft: {person.clicks} clicks, {whole:.1f} s "
        f"({reads} s of reading on each of {person.pages} pages)"
    )


def accept_first_draft(person: Person) -> int:
    """How many pairs came before it that have no draft, and were kept raw."""
    for kept in range(20):
        # Until drafts are there, a page that looks again by itself stands here.
        person.page.wait_for_selector("#work[data-steady] button[value=keep]")
        title = person.page.locator("h1").inner_text()
        accept = person.page.locator("button[value=accept]:visible")
        has_draft = accept.count() > 0
        (accept if has_draft else person.page.locator("button[value=keep]")).click()
        person.clicks += 1
        person.page.wait_for_function(
            "title => document.querySelector('h1')?.innerText !== title", arg=title
        )
        person.say(f"{title} is reviewed" + ("" if has_draft else ": it has no draft"))
        if has_draft:
            return kept
    raise RuntimeError("Twenty pairs came without a draft.")


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """The product on an empty folder; the address that makes the first admin."""
    said = folder / "up.out"
    outside = ("DATABASE_URL", "CELERY_BROKER_URL")
    env = {key: value for key, value in os.environ.items() if key not in outside}
    env |= {
        "PYTHONUNBUFFERED": "1",
        "COACHLM_VAR": str(folder / "var"),
        "COACHLM_PORT": str(ports.for_a_server()),
    }
    with said.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "annotator.config.up", "--empty"],
            stdout=sink,
            stderr=sink,
            cwd=BASE,
            env=env,
        )
    try:
        yield _address(said, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _address(said: Path, process: subprocess.Popen[bytes]) -> str:
    limit = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < limit:
        if found := re.search(r"http\S+/first/\S+", said.read_text()):
            return found[0]
        time.sleep(0.05)
    raise RuntimeError(f"up did not start:\n{said.read_text()}")


if __name__ == "__main__":
    main()
