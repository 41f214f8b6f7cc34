"""A coach behind any OpenAI-compatible server: vLLM, SGLang, llama.cpp's server, TGI.

Chosen by `REVISION_BACKEND=revision_engine.backends.openai.OpenAiBackend`; the server
and its limits are the settings named OPENAI_… in docs/operations.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from revision_engine.adapters import verified_folder
from revision_engine.backends.asking import (
    Refusal,
    Server,
    ServerFailed,
    events,
    told_by,
)
from revision_engine.types import CoachRef, Completion

logger = logging.getLogger(__name__)
REFUSED = Completion(text="", new_tokens=0, finished=False, refused=True)
TELL_EVERY = 0.5
"""Seconds between two looks at a text that is being written."""
TEMPERATURE = 0.7
NOT_FOR_US = frozenset({401, 403})
NO_LIST = frozenset({404, 405, 501})
CHAT = "chat/completions"
Body = dict[str, Any]


def _number(name: str, default: float) -> float:
    return float(os.environ.get(name, "") or default)


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


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
            load_adapters=_flag("OPENAI_LOAD_ADAPTERS"),
        )


class OpenAiBackend:
    """One coach, by its name on the server. Many requests are under way at once; the
    server does the batching."""

    def __init__(
        self, coach: CoachRef, store: Path, options: Options | None = None
    ) -> None:
        self.coach, self.store = coach, store
        self.options = options or Options.from_environment()
        self.model = self.options.model or coach.adapter or coach.base_model
        self.server = Server(
            self.options.base_url,
            self.options.api_key,
            timeout=self.options.timeout,
            tries=self.options.tries,
        )
        self.with_scores = True
        """Until the server says that it knows no `logprobs`."""
        list(told_by(self._look))

    def complete(self, prompts: Sequence[str]) -> Iterator[tuple[int, Completion]]:
        """As the protocol says. A prompt that fails for good does not take the others
        with it: ServerFailed comes after their answers."""

        async def work(tell: Callable[[tuple[int, Completion]], None]) -> None:
            gate = asyncio.Semaphore(self.options.concurrency)
            async with self.server.client() as client:
                await self._still_there(client)
                one = (self._one(client, gate, at, tell) for at in enumerate(prompts))
                faults = [fault for fault in await asyncio.gather(*one) if fault]
            if faults:
                raise faults[-1]

        return told_by(work)

    def write_live(
        self, prompt: str, *, seed: int, tell: Callable[[str], None]
    ) -> Completion:
        body = self._body(prompt, temperature=TEMPERATURE, seed=seed, stream=True)

        async def work(tell: Callable[[str | Completion], None]) -> None:
            async with self.server.client() as client:
                await self._still_there(client)
                tell(await self._ask(body, lambda b: self._stream(client, b, tell)))

        for told in told_by(work):
            if isinstance(told, Completion):
                return told
            tell(told)
        raise self.server.failed("no completion")

    async def _one(
        self,
        client: httpx.AsyncClient,
        gate: asyncio.Semaphore,
        at: tuple[int, str],
        tell: Callable[[tuple[int, Completion]], None],
    ) -> ServerFailed | None:
        """Tell one prompt's answer, or give back why there is none."""
        place, prompt = at
        try:
            async with gate:
                body = self._body(prompt, temperature=0.0)
                tell((place, await self._ask(body, lambda b: self._post(client, b))))
        except ServerFailed as fault:
            return fault
        return None

    async def _ask(
        self, body: Body, write: Callable[[Body], Awaitable[Completion]]
    ) -> Completion:
        """Ask with `logprobs`, and without if the server knows none."""
        try:
            if self.with_scores:
                try:
                    return await self.server.again(
                        lambda: write({**body, "logprobs": True})
                    )
                except Refusal as no:
                    self._no_scores(no)
            return await self.server.again(lambda: write(body))
        except Refusal as no:
            if no.too_long:
                return REFUSED
            raise

    def _no_scores(self, no: Refusal) -> None:
        if not no.of_scores:
            raise no
        if self.with_scores:
            logger.warning("No log-probabilities from now on: %s", no)
        self.with_scores = False

    async def _post(self, client: httpx.AsyncClient, body: Body) -> Completion:
        answer = self.server.check(await client.post(CHAT, json=body))
        try:
            said = answer.json()
            choice = said["choices"][0]
            text = choice["message"]["content"] or ""
            used = (said.get("usage") or {}).get("completion_tokens", 0)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise self.server.failed(f"no completion: {answer.text}") from None
        scores = _scores(choice)
        return Completion(
            text=text,
            new_tokens=used or len(scores),
            finished=choice.get("finish_reason") == "stop",
            mean_logprob=_mean(scores),
        )

    async def _stream(
        self, client: httpx.AsyncClient, body: Body, tell: Callable[[str], None]
    ) -> Completion:
        text, pieces, reason, told_at = "", 0, "", 0.0
        scores: list[float] = []
        async with client.stream("POST", CHAT, json=body) as answer:
            if not answer.is_success:
                await answer.aread()
            async for event in events(self.server.check(answer)):
                choice = self._choice(event)
                piece = (choice.get("delta") or {}).get("content") or ""
                text, pieces = text + piece, pieces + bool(piece)
                reason = choice.get("finish_reason") or reason
                scores += _scores(choice)
                if piece and time.monotonic() - told_at >= TELL_EVERY:
                    told_at = time.monotonic()
                    tell(text)
        if not reason:
            raise httpx.RemoteProtocolError("the stream broke off")
        return Completion(
            text=text,
            new_tokens=len(scores) or pieces,
            finished=reason == "stop",
            mean_logprob=_mean(scores),
        )

    def _choice(self, event: dict[str, Any]) -> dict[str, Any]:
        """An event's one choice; a server may also fail in the middle of a stream."""
        if "error" in event:
            raise self.server.refusal(500, str(event["error"]))
        choices = event.get("choices") or [{}]
        return dict(choices[0])

    async def _look(self, tell: Callable[[None], None]) -> None:
        async with self.server.client() as client:
            await self._find_model(client)

    async def _still_there(self, client: httpx.AsyncClient) -> None:
        """A server that was started anew has lost the adapters it was given."""
        if self.options.load_adapters:
            await self._find_model(client)

    async def _find_model(self, client: httpx.AsyncClient) -> None:
        """Have the server load the adapter, if that is wanted; ServerFailed if it does
        not serve this coach. A server that lists nothing is believed to."""
        if self.options.model:
            await self._reach(client)
            return
        served = await self._served(client)
        if self.model in served:
            return
        if self.options.load_adapters and self.coach.adapter:
            await self._load(client)
        elif served:
            known = ", ".join(served)
            raise self.server.failed(f"it serves {known}, not {self.model}")

    async def _reach(self, client: httpx.AsyncClient) -> None:
        """A model that a setting names need not be listed, nor need a list work; but
        the server must be there, and take the key."""
        answer = await self.server.again(lambda: client.get("models"))
        if answer.status_code in NOT_FOR_US:
            self.server.check(answer)

    async def _load(self, client: httpx.AsyncClient) -> None:
        coach = self.coach
        folder = verified_folder(self.store, coach.adapter, coach.adapter_sha256)
        body = {"lora_name": self.model, "lora_path": str(folder.absolute())}
        try:
            await self._send(client, "POST", "load_lora_adapter", body)
        except ServerFailed:
            if self.model not in await self._served(client):
                raise  # otherwise another worker was quicker

    async def _served(self, client: httpx.AsyncClient) -> list[str]:
        """The names of the models that the server lists."""
        try:
            answer = await self._send(client, "GET", "models")
            return [str(each["id"]) for each in answer.json().get("data") or []]
        except Refusal as no:
            if no.status in NO_LIST:
                return []
            raise
        except (ValueError, KeyError, TypeError, AttributeError):
            raise self.server.failed("it lists no models; is this its /v1?") from None

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, body: Any = None
    ) -> httpx.Response:
        async def once() -> httpx.Response:
            return self.server.check(await client.request(method, path, json=body))

        return await self.server.again(once)

    def _body(self, prompt: str, **more: Any) -> Body:
        return {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": self.options.max_new_tokens,
            **more,
        }


def _scores(choice: dict[str, Any]) -> list[float]:
    scored = (choice.get("logprobs") or {}).get("content") or []
    return [each["logprob"] for each in scored]


def _mean(scores: list[float]) -> float | None:
    return sum(scores) / len(scores) if scores else None
