"""A batch of pairs through the coach: render, complete, check."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from revision_engine import prompts
from revision_engine.backends.base import Backend
from revision_engine.postprocess import Problem, check
from revision_engine.types import CoachRef, Completion, DraftRequest, DraftResult

logger = logging.getLogger(__name__)
MAX_RAW_OUTPUT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back for one pair (None: the backend broke), and its time."""

    completion: Completion | None
    seconds: float


def draft_batch(
    coach: CoachRef, backend: Backend, requests: Sequence[DraftRequest]
) -> list[DraftResult]:
    """One result a request, in order; a pair that breaks the batch fails alone.

    If each of several pairs breaks the backend, the fault is not theirs: it is raised.
    """
    prompt = prompts.by_version(coach.prompt)
    turns = [prompt.render(r.text, _wording(coach, r)) for r in requests]
    answers = _complete(backend, turns)
    return [
        _result(coach, request, answer)
        for request, answer in zip(requests, answers, strict=True)
    ]


def draft_live(
    coach: CoachRef,
    backend: Backend,
    request: DraftRequest,
    *,
    seed: int,
    tell: Callable[[str], None],
) -> DraftResult:
    """Another draft of one pair, sampled; `tell` gets the text while it is written."""
    turn = prompts.by_version(coach.prompt).render(
        request.text, _wording(coach, request)
    )
    began, completion = time.monotonic(), None
    try:
        completion = backend.write_live(turn, seed=seed, tell=tell)
    except Exception:
        logger.exception("The coach failed on a candidate.")
    return _result(coach, request, _Answer(completion, time.monotonic() - began))


def _wording(coach: CoachRef, request: DraftRequest) -> str:
    return f"{coach.wording} {request.hint}".strip()


def _complete(backend: Backend, turns: Sequence[str]) -> list[_Answer]:
    if not turns:
        return []
    began = time.monotonic()
    try:
        completions = backend.complete(turns)
    except Exception as fault:
        logger.warning("A batch of %d failed; its pairs go alone now.", len(turns))
        return _one_by_one(backend, turns, fault)
    seconds = (time.monotonic() - began) / len(turns)
    return [_Answer(completion, seconds) for completion in completions]


def _one_by_one(
    backend: Backend, turns: Sequence[str], fault: Exception
) -> list[_Answer]:
    answers = [_alone(backend, turn) for turn in turns]
    if len(turns) > 1 and not any(answer.completion for answer in answers):
        raise fault
    return answers


def _alone(backend: Backend, turn: str) -> _Answer:
    began = time.monotonic()
    completion = None
    try:
        completion = backend.complete([turn])[0]
    except Exception:
        logger.exception("The coach failed on a pair.")
    return _Answer(completion, time.monotonic() - began)


def _result(coach: CoachRef, request: DraftRequest, answer: _Answer) -> DraftResult:
    said = answer.completion
    if said is None or said.refused:
        problem = Problem.INPUT_TOO_LONG if said else Problem.FAILED
        return DraftResult(
            pair_id=request.pair_id,
            text=request.text,
            problem=str(problem),
            seconds=answer.seconds,
        )
    text, fault = check(
        request.text,
        said.text,
        finished=said.finished,
        wording=_wording(coach, request),
    )
    return DraftResult(
        pair_id=request.pair_id,
        text=text,
        problem=str(fault or ""),
        raw_output=said.text[:MAX_RAW_OUTPUT_CHARS],
        new_tokens=said.new_tokens,
        seconds=answer.seconds,
    )
