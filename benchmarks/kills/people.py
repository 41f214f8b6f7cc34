"""People at their desks, who keep a list of all that the server has acknowledged.

Each text and note is like no other. As a real desk does, a person sends a deed again,
with the same token, until the answer names it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

from benchmarks.kills.fill import PASSWORD, SLUG
from benchmarks.kills.pages import Answer, Browser

DESK = {"writer": f"/p/{SLUG}/review/", "judge": f"/p/{SLUG}/quality/"}
_DEED = re.compile(r'action="([^"]+/)(?:submit|judge)/"')
_PAIR = re.compile(r'data-pair="(\d+)"')
AGAIN_SECONDS = 0.5


@dataclass(slots=True)
class Ledger:
    """What was acknowledged, by unique text."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    submits: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    autosaves: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """(person, pair) -> texts, each acknowledged, in order."""
    unsure: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Autosaves that were sent and not acknowledged: they may be there."""
    refused: Counter[str] = field(default_factory=Counter)

    def count(self) -> int:
        return len(self.submits) + len(self.verdicts) + self.saves()

    def saves(self) -> int:
        return sum(map(len, self.autosaves.values()))


class Person(threading.Thread):
    """Works until told to stop."""

    def __init__(
        self, name: str, browser: Browser, ledger: Ledger, pace: float
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.browser, self.ledger, self.pace = browser, ledger, pace
        self.role = name.rstrip("0123456789")
        self.tab = str(uuid4())
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            if not self.browser.sign_in(self.name, PASSWORD):
                time.sleep(AGAIN_SECONDS)
                continue
            self._work()

    def _work(self) -> None:
        page = Answer(0, "")
        while not self.stopping.is_set():
            deed, pair = _DEED.search(page.body), _PAIR.search(page.body)
            if not deed or not pair:
                self.stopping.wait(AGAIN_SECONDS)
                page = self.browser.get(DESK[self.role])
                if "/login/" in page.headers.get("HX-Redirect", ""):
                    return
                continue
            self.stopping.wait(self.pace)
            if self.role == "writer":
                page = self._write(deed[1], pair[1])
            else:
                page = self._judge(deed[1])

    def _write(self, base: str, pair: str) -> Answer:
        where, text = base.removeprefix(DESK["writer"]), f"{self.name} {uuid4()}"
        for number in (1, 2):
            self._save(f"{DESK['writer']}{where}autosave/", pair, f"{text} v{number}")
        with_text = {"response": text, "action": "save"}
        return self._send(f"{base}submit/", with_text, self.ledger.submits, text)

    def _save(self, path: str, pair: str, text: str) -> None:
        answer = self.browser.post(path, self._fields(response=text))
        is_kept = answer.is_fine and "revision" in _json(answer.body)
        book = self.ledger.autosaves if is_kept else self.ledger.unsure
        with self.ledger.lock:
            book.setdefault((self.name, pair), []).append(text)

    def _judge(self, base: str) -> Answer:
        note = f"{self.name} {uuid4()}"
        fields = {"note": note, "action": "accept"}
        return self._send(f"{base}judge/", fields, self.ledger.verdicts, note)

    def _send(
        self, path: str, given: dict[str, str], book: list[str], unique: str
    ) -> Answer:
        """Until the answer names the deed, or refuses it."""
        deed = str(uuid4())
        fields = self._fields(**given) if "response" in given else {**given}
        fields |= {"deed": deed, "tab": self.tab}
        while True:
            answer = self.browser.post(path, fields)
            if answer.headers.get("X-Deed-Done") == deed:
                with self.ledger.lock:
                    book.append(unique)
                return answer
            if answer.status in (403, 404, 409, 422):
                with self.ledger.lock:
                    self.ledger.refused[answer.said()] += 1
                return Answer(0, "")
            if self.stopping.wait(AGAIN_SECONDS):
                return Answer(0, "")

    def _fields(self, **given: str) -> dict[str, str]:
        return {"instruction": "Say it.", "input": "", "tab": self.tab, **given}


def _json(body: str) -> dict[str, object]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
