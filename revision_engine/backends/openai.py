"""A coach behind any OpenAI-compatible server: vLLM, SGLang, llama.cpp's server, TGI.

Chosen by `REVISION_BACKEND=revision_engine.backends.openai.OpenAiBackend`; the server
and its limits are the settings named OPENAI_… in docs/operations.md.
"""

from __future__ import annotations

import json
import logging
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from revision_engine.adapters import verified_folder
from revision_engine.types import CoachRef, Completion

logger = logging.getLogger(__name__)
REFUSED = Completion(text="", new_tokens=0, finished=False, refused=True)
TELL_EVERY = 0.5
"""Seconds between two looks at a text that is being written."""
TEMPERATURE = 0.7
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers that may be better next time."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between two tries: doubled each time, with chance, unless the server says."""
TOO_LONG = ("context length", "context size", "context window", "too long", "exceed")
TOO_LONG_CODES = frozenset({400, 413, 422})
SAID_CHARS = 300


class ServerFailed(RuntimeError):
    """The server could not be had, or refused; the message says which and why."""


def _number(name: str, default: float) -> float:
    return float(os.environ.get(name, "") or default)


@dataclass(frozen=True, slots=True)
class Options:
    """Where the server is, and how it is asked."""

    base_url: str = "http://127.0.0.1:8001/v1"
    api_key: str = field(default="", repr=False)
    model: str = ""
    """Empty asks for the adapter's key, or for the base model without an adapter."""
    concurrency: int = 8
    timeout: float = 120.0
    """Seconds without a byte from the server."""
    tries: int = 5
    max_new_tokens: int = 1024
    load_adapters: bool = False
    """Have vLLM load a promoted coach's adapter while it runs."""

    @classmethod
    def from_environment(cls) -> Options:
        known = cls()
        return cls(
            base_url=(os.environ.get("OPENAI_BASE_URL") or known.base_url).rstrip("/"),
            api_key=os.environ.get("OPENAI_API_KEY", ""),
            model=os.environ.get("OPENAI_MODEL", ""),
            concurrency=int(_number("OPENAI_CONCURRENCY", known.concurrency)),
            timeout=_number("OPENAI_TIMEOUT_SECONDS", known.timeout),
            tries=int(_number("OPENAI_TRIES", known.tries)),
            max_new_tokens=int(_number("OPENAI_MAX_NEW_TOKENS", known.max_new_tokens)),
            load_adapters=os.environ.get("OPENAI_LOAD_ADAPTERS", "") == "1",
        )


class OpenAiBackend:
    """One coach, by its name on the server. Many requests are under way at once; the
    server does the batching."""

    def __init__(
        self, coach: CoachRef, store: Path, options: Options | None = None
    ) -> None:
        self.coach = coach
        self.options = options or Options.from_environment()
        self.model = self.options.model or coach.adapter or coach.base_model
        key = self.options.api_key
        self.client = httpx.Client(
            base_url=self.options.base_url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(self.options.timeout, connect=10.0),
            limits=httpx.Limits(max_connections=self.options.concurrency),
        )
        self.with_scores = True
        """Until the server says that it knows no `logprobs`."""
        self._find_model(store)

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        """As the protocol says. A prompt that fails for good does not take the others
        with it: ServerFailed comes after their answers."""
        pool = ThreadPoolExecutor(self.options.concurrency)
        failed: ServerFailed | None = None
        try:
            asked = {pool.submit(self._write, p): n for n, p in enumerate(prompts)}
            for done in as_completed(asked):
                try:
                    yield asked[done], done.result()
                except ServerFailed as fault:
                    failed = fault
            if failed:
                raise failed
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        body = self._body(prompt, temperature=TEMPERATURE, seed=seed, stream=True)
        for _ in range(self.options.tries - 1):
            try:
                return self._stream(body, tell)
            except httpx.TransportError as fault:  # an idle connection was closed, say
                logger.warning("A stream broke off: %r", fault)
        try:
            return self._stream(body, tell)
        except httpx.HTTPError as fault:
            raise self._failed(repr(fault)) from None

    def _stream(self, body: dict[str, Any], tell: Callable[[str], None]) -> Completion:
        text, pieces, reason, told_at = "", 0, "", 0.0
        with self.client.stream("POST", "chat/completions", json=body) as answer:
            if answer.status_code != httpx.codes.OK:
                answer.read()
                return self._refused_or_raise(answer)
            for choice in _choices(answer.iter_lines()):
                piece = (choice.get("delta") or {}).get("content") or ""
                text, pieces = text + piece, pieces + bool(piece)
                reason = choice.get("finish_reason") or reason
                if time.monotonic() - told_at >= TELL_EVERY:
                    told_at = time.monotonic()
                    tell(text)
        return Completion(text=text, new_tokens=pieces, finished=reason == "stop")

    def _find_model(self, store: Path) -> None:
        """Reach the server, and have it load the adapter if that is wanted. A server
        that does not list its models is believed to have this one."""
        try:
            answer = self.client.get("models")
        except httpx.HTTPError as fault:
            raise self._failed(repr(fault)) from None
        if not self.options.load_adapters:
            return
        if answer.status_code != httpx.codes.OK:
            raise self._failed(_said(answer))
        if self.model in {each.get("id") for each in answer.json().get("data", [])}:
            return
        if not self.coach.adapter:
            raise self._failed(f"it does not serve {self.model}")
        folder = verified_folder(store, self.coach.adapter, self.coach.adapter_sha256)
        loading = {"lora_name": self.model, "lora_path": str(folder.absolute())}
        answer = self._send("POST", "load_lora_adapter", loading)
        if answer.status_code != httpx.codes.OK:
            self._refused_or_raise(answer)

    def _write(self, prompt: str) -> Completion:
        answer = self._send("POST", "chat/completions", self._body(prompt))
        if answer.status_code == httpx.codes.BAD_REQUEST and self._no_scores(answer):
            answer = self._send("POST", "chat/completions", self._body(prompt))
        if answer.status_code != httpx.codes.OK:
            return self._refused_or_raise(answer)
        return self._read(answer)

    def _body(
        self, prompt: str, *, temperature: float = 0.0, **more: Any
    ) -> dict[str, Any]:
        scores = {"logprobs": True} if self.with_scores and "stream" not in more else {}
        return {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": temperature,
            "max_tokens": self.options.max_new_tokens,
            **scores,
            **more,
        }

    def _no_scores(self, answer: httpx.Response) -> bool:
        if not self.with_scores or "logprobs" not in answer.text:
            return False
        logger.warning("The server gives no log-probabilities: %s", _said(answer))
        self.with_scores = False
        return True

    def _read(self, answer: httpx.Response) -> Completion:
        try:
            choice = answer.json()["choices"][0]
            text = choice["message"]["content"] or ""
            used = (answer.json().get("usage") or {}).get("completion_tokens", 0)
        except (ValueError, KeyError, IndexError, TypeError):
            raise self._failed(f"no completion: {_said(answer)}") from None
        scored = (choice.get("logprobs") or {}).get("content") or []
        scores = [each["logprob"] for each in scored]
        return Completion(
            text=text,
            new_tokens=used or len(scores),
            finished=choice.get("finish_reason") == "stop",
            mean_logprob=sum(scores) / len(scores) if scores else None,
        )

    def _send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask until there is an answer that will stay; ServerFailed after the tries."""
        last = ""
        for attempt in range(self.options.tries):
            wait = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
            try:
                answer = self.client.request(method, path, json=body)
            except httpx.HTTPError as fault:
                last = repr(fault)
            else:
                if answer.status_code not in AGAIN:
                    return answer
                last = _said(answer)
                wait = _asked_to_wait(answer, wait)
            if attempt + 1 < self.options.tries:
                time.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        raise self._failed(f"{self.options.tries} tries, the last: {last}")

    def _refused_or_raise(self, answer: httpx.Response) -> Completion:
        said = answer.text.lower()
        if answer.status_code in TOO_LONG_CODES and any(w in said for w in TOO_LONG):
            return REFUSED
        raise self._failed(_said(answer))

    def _failed(self, why: str) -> ServerFailed:
        return ServerFailed(f"The server {self.options.base_url}: {why}")


def _said(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:SAID_CHARS]}"


def _asked_to_wait(answer: httpx.Response, wait: float) -> float:
    try:
        return min(float(answer.headers.get("Retry-After", "")), LONGEST_WAIT)
    except ValueError:
        return wait


def _choices(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The choices of a stream of server-sent events."""
    for line in lines:
        if line.startswith("data:") and line[5:].strip() not in {"", "[DONE]"}:
            yield from json.loads(line[5:]).get("choices", [])[:1]
