"""A language model as a judge, behind any OpenAI-compatible server.

It is asked at temperature 0, and kept to what it said (answers.py). A comparison is
asked for in both orders, since models lean towards what they are shown first or last.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import httpx

from revision_engine.backends.asking import Refusal, Server, told_by
from revision_engine.types import PairText
from training.evaluation.judges import rubric
from training.evaluation.judges.answers import Answer, Answers, question_key
from training.evaluation.judges.judge import Contest, Judgement, Preference, Winner

T = TypeVar("T")
Tell: TypeAlias = Callable[[tuple[str, Answer]], None]
"""Takes a question's key and its answer."""
REFUSED, TOO_LONG, UNREADABLE = "refused", "too long", "unreadable"
PROBLEMS = (REFUSED, TOO_LONG, UNREADABLE)
MILLION = 1_000_000
ANSWER_CHARS = 20_000
"""More of an answer is not looked at."""
_OF_CONTENT = re.compile(r"content[ _-]?(filter|policy|management)|safety", re.I)
"""What Azure, OpenAI and Gemini say of a text that they will not read."""
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """Where the judge is, how it is asked, and what it costs."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    answers: Path
    """The folder in which its answers are kept."""
    concurrency: int = 8
    timeout: float = 120.0
    """Seconds without a byte from the server."""
    tries: int = 5
    max_new_tokens: int = 512
    prompt_price: float = 0.0
    completion_price: float = 0.0
    """Each for a million tokens, in whatever currency; both 0: not known."""


@dataclass(slots=True)
class Usage:
    """What a judge was asked since it was made, and what came of it."""

    questions: int = 0
    from_kept: int = 0
    """Of these: answered before, and free."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Of the questions that were sent."""
    refused: int = 0
    too_long: int = 0
    unreadable: int = 0
    cost: float | None = None
    """In the currency of the prices; None without any."""


class EndpointJudge:
    """ServerFailed if the server does not answer for good; what it has answered until
    then is kept, so that the same call goes on from there."""

    name = "endpoint"

    def __init__(self, options: EndpointOptions, version: str = rubric.LATEST) -> None:
        self.options = options
        self.rubric = rubric.RUBRICS[version]
        self.version = f"{options.model}, {version}"
        self.server = Server(
            options.base_url,
            options.api_key,
            timeout=options.timeout,
            tries=options.tries,
        )
        self.answers = Answers(options.answers)
        self.usage = Usage()

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        asked = self._ask([self.rubric.rating_of(pair) for pair in pairs])
        found = [self._read(answer, rubric.read_rating) for answer in asked]
        return [
            Judgement(rating=value, reason=reason, problem=problem)
            for value, reason, problem in found
        ]

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        turned = [Contest(first=c.second, second=c.first) for c in contests]
        asked = self._ask([self.rubric.better_of(c) for c in (*contests, *turned)])
        found = [self._read(answer, rubric.read_winner) for answer in asked]
        half = len(contests)
        return [
            Preference(
                as_given=given,
                swapped=_turned(other),
                reason=reason,
                problem=problem or other_problem,
            )
            for (given, reason, problem), (other, _, other_problem) in zip(
                found[:half], found[half:], strict=True
            )
        ]

    def _read(
        self, answer: Answer, read: Callable[[str], tuple[T, str] | None]
    ) -> tuple[T | None, str, str]:
        """What it says, why, and what is wrong with it; problems are counted."""
        found = None if answer.problem else read(answer.text[:ANSWER_CHARS])
        if found:
            return *found, ""
        problem = answer.problem or UNREADABLE
        self.usage.refused += problem == REFUSED
        self.usage.too_long += problem == TOO_LONG
        self.usage.unreadable += problem == UNREADABLE
        return None, "", problem

    def _ask(self, questions: Sequence[str]) -> list[Answer]:
        """In their order; the same question is sent once."""
        bodies = [self._body(question) for question in questions]
        keys = [question_key(self.server.name, body) for body in bodies]
        todo = {
            key: body
            for key, body in zip(keys, bodies, strict=True)
            if self.answers.get(key) is None
        }
        self.usage.questions += len(questions)
        self.usage.from_kept += len(questions) - len(todo)

        async def work(tell: Tell) -> None:
            await self._send(todo, tell)

        for key, answer in told_by(work):
            self.answers.keep(key, answer)
            self._count(answer)
        found = [self.answers.get(key) for key in keys]
        return [answer for answer in found if answer is not None]

    def _count(self, answer: Answer) -> None:
        use, options = self.usage, self.options
        use.prompt_tokens += answer.prompt_tokens
        use.completion_tokens += answer.completion_tokens
        if options.prompt_price or options.completion_price:
            price = options.prompt_price * use.prompt_tokens
            price += options.completion_price * use.completion_tokens
            use.cost = price / MILLION

    async def _send(
        self,
        todo: dict[str, dict[str, Any]],
        tell: Tell,
    ) -> None:
        """Tell each answer as it comes; the first fault for good ends all."""
        waiting = iter(todo.items())

        async def one_after_another(client: httpx.AsyncClient) -> None:
            for key, body in waiting:
                tell((key, await self._answer(client, body)))

        async with self.server.client() as client:
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(self.options.concurrency):
                        group.create_task(one_after_another(client))
            except BaseExceptionGroup as faults:
                raise faults.exceptions[0] from None

    async def _answer(self, client: httpx.AsyncClient, body: dict[str, Any]) -> Answer:
        async def once() -> httpx.Response:
            return self.server.check(await client.post("chat/completions", json=body))

        try:
            return self._read_completion(await self.server.again(once))
        except Refusal as no:
            if no.too_long:
                return Answer(text="", problem=TOO_LONG)
            if no.status == _BAD_REQUEST and _OF_CONTENT.search(no.body):
                return Answer(text="", problem=REFUSED)
            raise

    def _read_completion(self, answer: httpx.Response) -> Answer:
        try:
            said = answer.json()
            choice = said["choices"][0]
            message = choice["message"]
            text, used = message.get("content") or "", said.get("usage") or {}
            is_refused = bool(
                message.get("refusal")
                or choice.get("finish_reason") == "content_filter"
            )
            return Answer(
                text=str(text)[:ANSWER_CHARS],
                problem=REFUSED if is_refused else "",
                prompt_tokens=int(used.get("prompt_tokens") or 0),
                completion_tokens=int(used.get("completion_tokens") or 0),
            )
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise self.server.failed(f"no completion: {answer.text}") from None

    def _body(self, question: str) -> dict[str, Any]:
        return {
            "model": self.options.model,
            "messages": [{"role": "user", "content": question}],
            "max_tokens": self.options.max_new_tokens,
            "temperature": 0.0,
        }


def _turned(winner: Winner | None) -> Winner | None:
    """The answer to (second, first) in the words of (first, second)."""
    match winner:
        case Winner.FIRST:
            return Winner.SECOND
        case Winner.SECOND:
            return Winner.FIRST
    return winner
