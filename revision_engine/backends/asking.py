"""Asking a server over HTTP: how often, with what waits, and what its refusals mean."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, TypeVar

import httpx

from revision_engine.backends.base import Outage
from revision_engine.saying import gettext

T = TypeVar("T")
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers that may be better next time."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between two tries: doubled each time, with chance, unless the server says."""
LONGEST_ASKED = 120.0
"""A server that wants a longer wait is given up: the batch comes back later."""
TOO_LONG = re.compile(
    r"context[ _](length|size|window)|maximum allowed length|prompt is too long"
    r"|must have less than \d+ tokens|inputs\W+tokens \+ \W*max_new_tokens",
    re.IGNORECASE,
)
"""OpenAI, vLLM, llama.cpp and SGLang; then TGI."""
SAID_CHARS = 300
_ENDED = object()


class ServerFailed(Outage):
    """The server could not be had, or refused; the message says which and why."""


class Refusal(ServerFailed):
    """The server's answer is an error; `body` is all that it said."""

    def __init__(self, message: str, status: int, body: str, after: float | None):
        super().__init__(message)
        self.status, self.body, self.after = status, body, after

    @property
    def too_long(self) -> bool:
        """The prompt does not fit into the model's context."""
        if self.status in {400, 422}:
            return bool(TOO_LONG.search(self.body))
        return self.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE

    @property
    def of_scores(self) -> bool:
        """It is the request for log-probabilities that the server cannot meet."""
        return "logprob" in self.body.lower()

    @property
    def may_pass(self) -> bool:
        soon = self.after is None or self.after <= LONGEST_ASKED
        return self.status in AGAIN and soon and not self.of_scores


class Server:
    """One server, its name for messages, and the patience with it."""

    def __init__(self, base_url: str, key: str, *, timeout: float, tries: int) -> None:
        self.base_url = httpx.URL(base_url)
        self.timeout, self.tries, self._key = timeout, tries, key
        self.name = str(self.base_url.copy_with(username=None, password=None))

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {self._key}"} if self._key else {},
            timeout=httpx.Timeout(self.timeout, connect=min(10.0, self.timeout)),
        )

    async def again(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt gives at last; ServerFailed after the tries."""
        last, wait = "", FIRST_WAIT
        for left in reversed(range(self.tries)):
            pause = wait * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            try:
                return await attempt()
            except httpx.TransportError as fault:
                last = f"{type(fault).__name__} {fault}".strip()
            except Refusal as fault:
                if not fault.may_pass:
                    raise
                last, pause = self.without_name(fault), max(pause, fault.after or 0)
            if left:
                await asyncio.sleep(pause)
                wait = min(wait * 2, LONGEST_WAIT)
        told = gettext("tries: %(number)d, the last: %(fault)s")
        raise self.failed(told % {"number": self.tries, "fault": last})

    def failed(self, why: str) -> ServerFailed:
        return ServerFailed(self._begin + self._tidy(why))

    def refusal(self, status: int, body: str, after: float | None = None) -> Refusal:
        said = f"{self._begin}{status} {self._tidy(_message(body))}"
        return Refusal(said, status, body, after)

    def check(self, answer: httpx.Response) -> httpx.Response:
        """The answer, if it is none of an error."""
        if answer.is_success:
            return answer
        raise self.refusal(answer.status_code, answer.text, _after(answer))

    def without_name(self, fault: ServerFailed) -> str:
        return str(fault).removeprefix(self._begin)

    @property
    def _begin(self) -> str:
        return gettext("The server %(name)s:") % {"name": self.name} + " "

    def _tidy(self, said: str) -> str:
        """On one line, short, and never with the key, which some servers repeat."""
        said = said.replace(self._key, "…") if self._key else said
        return " ".join(said.split())[:SAID_CHARS]


async def events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """A stream of server-sent events, as JSON; one that breaks off is an error."""
    async for line in _lines(answer):
        told = line[5:].strip()
        if told == b"[DONE]":
            return
        if not line.startswith(b"data:") or not told:
            continue
        try:
            yield json.loads(told)
        except ValueError:
            raise httpx.RemoteProtocolError("an event that is no JSON") from None


async def _lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    """Split at line feeds alone: httpx would also split at U+2028 inside a text."""
    rest = b""
    async for more in answer.aiter_bytes():
        *lines, rest = (rest + more).split(b"\n")
        for line in lines:
            yield line
    yield rest


def told_by(
    work: Callable[[Callable[[T], None]], Coroutine[Any, Any, None]],
) -> Iterator[T]:
    """What `work` tells, as it comes. Closing the iterator cancels the work."""
    told: SimpleQueue[Any] = SimpleQueue()
    running = asyncio.run_coroutine_threadsafe(work(told.put), _loop(os.getpid()))
    running.add_done_callback(lambda _: told.put(_ENDED))
    try:
        while (one := told.get()) is not _ENDED:
            yield one
        running.result()
    finally:
        running.cancel()


@lru_cache(maxsize=1)
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """This process's own loop, for a fork has none of its parent's threads."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="asking", daemon=True).start()
    return loop


def _message(body: str) -> str:
    """The words for people in an error, which every server puts elsewhere."""
    with suppress(ValueError, AttributeError):
        found = json.loads(body)
        found = found.get("error") or found.get("message") or found.get("detail")
        found = found.get("message") if isinstance(found, dict) else found
        return str(found or body)
    return body


def _after(answer: httpx.Response) -> float | None:
    """Seconds that the server wants to be left alone: a number, or a date."""
    said = answer.headers.get("Retry-After", "")
    with suppress(ValueError):
        return float(said)
    with suppress(ValueError, TypeError):
        return (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    return None
