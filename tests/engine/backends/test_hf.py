"""The real backend on a tiny real model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM

from revision_engine.adapters import AdapterMismatch
from revision_engine.backends import hf
from revision_engine.types import CoachRef, Completion
from tests.tiny_model import make_tiny_adapter, make_tiny_model

pytestmark = pytest.mark.model

TURNS = ["Say hi.", "Instruction: A poem.\nResponse: No. " * 3, "Why?", "x" * 200]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="module")
def base(place: Path) -> Path:
    return make_tiny_model(place / "base")


@pytest.fixture(scope="module")
def coach(place: Path, base: Path) -> CoachRef:
    return CoachRef(
        name="tiny",
        base_model=str(base),
        adapter="key",
        adapter_sha256=make_tiny_adapter(base, place / "key"),
        prompt="coachlm-1",
        wording="Improve.",
    )


@pytest.fixture(autouse=True)
def small_and_exact(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(hf, "dtype", lambda: torch.float32)
    monkeypatch.setattr(hf, "MAX_NEW_TOKENS", 64)
    hf._loaded.clear()
    yield
    hf._loaded.clear()


def answers(backend: hf.HfBackend, turns: Sequence[str]) -> list[Completion]:
    return [answer for _, answer in sorted(backend.complete(turns))]


def test_a_batch_writes_what_each_turn_alone_would(coach, place):
    backend = hf.HfBackend(coach, place)

    together = answers(backend, TURNS)

    alone = [answers(backend, [turn])[0] for turn in TURNS]
    assert [a.text for a in together] == [a.text for a in alone]
    assert [a.mean_logprob for a in together] == [
        pytest.approx(a.mean_logprob, abs=1e-4) for a in alone
    ]
    assert all(answer.new_tokens for answer in together)


def test_what_is_finished_comes_before_the_rest(coach, place, monkeypatch):
    monkeypatch.setattr(hf, "ROWS", 1)
    backend = hf.HfBackend(coach, place)

    coming = backend.complete(TURNS)
    first, _ = next(coming)
    coming.close()

    assert first == 3  # the longest prompt
    assert [place for place, _ in sorted(backend.complete(TURNS))] == [0, 1, 2, 3]


def test_a_pair_that_the_cache_cannot_hold_is_refused(coach, place, monkeypatch):
    monkeypatch.setattr(hf, "CACHE_BYTES", 1)
    backend = hf.HfBackend(coach, place)

    [short, long] = answers(backend, ["Hi.", "x" * 200])

    assert (short.refused, long.refused) == (False, True)


def test_the_adapter_is_merged_into_the_weights(coach, place):
    bare = replace(coach, adapter="", adapter_sha256="")

    with_adapter = answers(hf.HfBackend(coach, place), TURNS)
    without = answers(hf.HfBackend(bare, place), TURNS)

    assert with_adapter != without


def test_an_adapter_of_another_digest_is_refused(coach, place):
    with pytest.raises(AdapterMismatch):
        hf.HfBackend(replace(coach, adapter_sha256="0" * 64), place)


def test_a_turn_too_long_for_the_model_is_refused_not_cut(coach, place):
    short, long = answers(hf.HfBackend(coach, place), ["Hi.", "x" * 1100])

    assert not short.refused
    assert (long.refused, long.finished, long.text) == (True, False, "")


def test_a_model_that_repeats_itself_is_stopped_early(place, base, coach, monkeypatch):
    monkeypatch.setattr(hf, "MAX_NEW_TOKENS", 400)
    stuck = AutoModelForCausalLM.from_pretrained(base)
    torch.nn.init.zeros_(stuck.lm_head.weight)  # all tokens alike: the first, for ever
    stuck.generation_config.eos_token_id = None
    backend = hf.HfBackend(coach, place)
    tokenizer = hf._load(coach, place).tokenizer
    tokenizer.eos_token = "<|im_start|>"
    writer = hf.Writer(stuck, tokenizer)
    monkeypatch.setattr(hf, "_load", lambda coach, store: writer)

    [answer] = answers(backend, ["Hi."])

    assert not answer.finished
    # After three ways out, 12 tokens and another one make the loop that it stays in:
    # 3 times 13, seen at the next multiple of 8.
    assert answer.new_tokens == 40


def test_a_long_pair_may_get_a_longer_revision_within_the_context():
    assert hf.new_tokens(10, 2048) == 64
    assert hf.new_tokens(600, 2048) == 900
    assert hf.new_tokens(1000, 2048) == 1048


def test_a_candidate_is_told_as_it_grows_and_its_seed_repeats_it(
    coach, place, monkeypatch
):
    monkeypatch.setattr(hf, "TELL_EVERY", 0.0)
    backend = hf.HfBackend(coach, place)
    told: list[str] = []

    first = backend.write_live(TURNS[0], seed=1, tell=told.append)
    again = backend.write_live(TURNS[0], seed=1, tell=told.append)
    other = backend.write_live(TURNS[0], seed=2, tell=told.append)

    assert first == again != other
    assert len(told) > 2
    assert first.text.startswith(told[0])


def test_a_candidate_of_a_pair_that_is_too_long_is_refused(coach, place):
    backend = hf.HfBackend(coach, place)

    answer = backend.write_live("word " * 3000, seed=1, tell=print)

    assert answer.refused


def test_only_the_last_coaches_stay_in_memory(coach, place):
    bare = replace(coach, adapter="", adapter_sha256="")
    third = replace(bare, base_revision="v1")

    for one in (coach, bare, coach, third):
        hf.HfBackend(one, place)

    kept = [key[1:] for key in hf._loaded]
    assert kept == [("", coach.adapter_sha256), ("v1", "")]
