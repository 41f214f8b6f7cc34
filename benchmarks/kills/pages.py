"""A browser as plain as can be: signs in, sends forms, tells what a page said."""

from __future__ import annotations

import html
import http.client
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

SECONDS = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 and the reason where nothing did."""

    status: int
    body: str
    headers: Message = field(default_factory=Message)
    place: str = ""
    """Where a redirect has led to."""

    @property
    def is_fine(self) -> bool:
        """A page, and not the one that asks who it is."""
        return self.status == 200 and "/login/" not in self.place

    def said(self) -> str:
        """The status, and the first words that a person would read."""
        if not self.status:
            return self.body
        body = re.sub(r"(?s)<(head|script|style|nav).*?</\1>", " ", self.body)
        heading = re.search(r"(?s)<h1[^>]*>(.*?)</h1>", body)
        words = re.sub(r"<[^>]+>", " ", heading[1] if heading else body)
        return f"{self.status} {html.unescape(' '.join(words.split()))[:60]}"


class Browser:
    """One person's, with cookies; each request on a connection of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar),
        )

    def get(self, path: str) -> Answer:
        return self._ask(urllib.request.Request(self.address + path))

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """As htmx sends a form."""
        token = next((c.value for c in self.jar if c.name == "csrftoken"), "") or ""
        request = urllib.request.Request(
            self.address + path,
            urllib.parse.urlencode(fields).encode(),
            {"X-CSRFToken": token, "HX-Request": "true"},
        )
        return self._ask(request)

    def sign_in(self, name: str, password: str) -> bool:
        self.get("/login/")
        self.post("/login/", {"username": name, "password": password})
        return any(cookie.name == "sessionid" for cookie in self.jar)

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with self.opener.open(request, timeout=SECONDS) as answer:
                body = answer.read().decode()
                return Answer(answer.status, body, answer.headers, answer.url)
        except urllib.error.HTTPError as error:
            body = error.read().decode(errors="replace")
            return Answer(error.code, body, error.headers)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            return Answer(0, _plain(reason))


def _plain(reason: object) -> str:
    if isinstance(reason, ConnectionRefusedError):
        return "connection refused"
    if isinstance(reason, TimeoutError):
        return f"no answer in {SECONDS} s"
    return "connection lost"
