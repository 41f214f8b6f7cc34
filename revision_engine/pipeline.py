"""A batch of pairs through the coach: render, complete, check."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from revision_engine import prompts
from revision_engine.backends.base import Backend, Outage
from revision_engine.postprocess import Problem, check
from revision_engine.types import CoachRef, Completion, DraftRequest, DraftResult

logger = logging.getLogger(__name__)
MAX_RAW_OUTPUT_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back for one pair (None: the backend broke), and its time."""

    completion: Completion | None
    seconds: float
    """Since the answer before it: together they are the batch's wall time."""


def drafts(
    coach: CoachRef, backend: Backend, requests: Sequence[DraftRequest]
) -> Iterator[DraftResult]:
    """One result a request, each as soon as it is finished, in any order.

    A pair that breaks the batch fails alone. If each of several pairs breaks the
    backend, the fault is not theirs: it is raised. Closing the iterator ends the work.
    """
    prompt = prompts.by_version(coach.prompt)
    turns = [prompt.render(r.text, _wording(coach, r)) for r in requests]
    for place, answer in _answers(backend, turns) if turns else ():
        yield _result(coach, requests[place], answer)


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
    return prompts.asking_for(coach.wording, request.hint)


def _answers(backend: Backend, turns: Sequence[str]) -> Iterator[tuple[int, _Answer]]:
    """Each turn's answer as it comes. When the backend breaks, what it has not
    answered goes alone; if each of several pairs breaks it, the fault is raised, and
    so is an outage before the first answer."""
    left = dict(enumerate(turns))
    began = time.monotonic()
    try:
        for place, completion in backend.complete(turns):
            del left[place]
            now = time.monotonic()
            yield place, _Answer(completion, now - began)
            began = now
    except Exception as fault:
        if isinstance(fault, Outage) and len(left) == len(turns) > 1:
            raise
        logger.warning("A batch of %d failed; the rest goes alone now.", len(turns))
        yield from _one_by_one(backend, left, fault, some=len(left) < len(turns))


def _one_by_one(
    backend: Backend, turns: dict[int, str], fault: Exception, *, some: bool
) -> Iterator[tuple[int, _Answer]]:
    failed = []
    for place, turn in turns.items():
        answer = _alone(backend, turn)
        if answer.completion is None:
            failed.append((place, answer))
        else:
            some = True
            yield place, answer
    if not some and len(failed) > 1:
        raise fault
    yield from failed


def _alone(backend: Backend, turn: str) -> _Answer:
    began = time.monotonic()
    completion = None
    try:
        [(_, completion)] = backend.complete([turn])
    except Exception:
        logger.exception("The coach failed on a pair.")
    return _Answer(completion, time.monotonic() - began)


def _result(coach: CoachRef, request: DraftRequest, answer: _Answer) -> DraftResult:
    said = answer.completion
    if said is None or said.refused:
        problem = Problem.INPUT_TOO_LONG if said else Problem.FAILED
        return DraftResult(
            key=request.key,
            text=request.text,
            problem=str(problem),
            seconds=answer.seconds,
        )
    text, fault = check(
        request.text,
        said.text,
        finished=said.finished,
        language=request.language,
        wording=_wording(coach, request),
        prompt=coach.prompt,
    )
    return DraftResult(
        key=request.key,
        text=text,
        problem=str(fault or ""),
        raw_output=said.text[:MAX_RAW_OUTPUT_CHARS],
        new_tokens=said.new_tokens,
        mean_logprob=said.mean_logprob,
        seconds=answer.seconds,
    )
