"""The local backend on tiny real models, by OpenVINO and by transformers."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from revision_engine import converting, stopping, writing
from revision_engine.adapters import AdapterMismatch
from revision_engine.backends import hf, limits, local, openvino, turn
from revision_engine.backends.local import LocalBackend
from revision_engine.prompts import chat_ids
from revision_engine.types import CoachRef, Completion
from revision_engine.writing import WAYS_OUT, text_of
from tests.tiny_model import make_tiny_adapter, make_tiny_model

pytestmark = pytest.mark.model

TURNS = ["Say hi.", "Instruction: A poem.\nResponse: No. " * 3, "Why?", "x" * 200]
EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}


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
def small_and_exact(monkeypatch, place: Path) -> Iterator[None]:
    monkeypatch.setenv("COACHLM_MODELS", str(place / "models"))
    monkeypatch.setattr(hf, "dtype", lambda: torch.float32)
    monkeypatch.setattr(openvino, "properties", lambda: EXACT)
    monkeypatch.setattr(writing, "MAX_NEW_TOKENS", 64)
    local._loaded.clear()
    stopping.told.clear()
    yield
    local._loaded.clear()
    stopping.told.clear()


@pytest.fixture(params=[LocalBackend, hf.HfBackend], ids=["openvino", "transformers"])
def make(request) -> type[LocalBackend]:
    return request.param


def answers(backend: LocalBackend, turns: Sequence[str]) -> list[Completion]:
    return [answer for _, answer in sorted(backend.complete(turns))]


def merged(coach: CoachRef, place: Path) -> Any:
    model: Any = AutoModelForCausalLM.from_pretrained(coach.base_model)
    return PeftModel.from_pretrained(model, place / coach.adapter).merge_and_unload()


def test_openvino_runs_what_it_can(coach, place):
    assert isinstance(LocalBackend(coach, place)._writer(), openvino.OpenVinoWriter)
    assert isinstance(hf.HfBackend(coach, place)._writer(), hf.HfWriter)


@torch.no_grad()
def test_the_tokens_and_their_scores_are_those_of_the_merged_model(make, coach, place):
    writer = make(coach, place)._writer()
    tokenizer = AutoTokenizer.from_pretrained(coach.base_model)

    [text] = writer.write([text_of(writer, 0, TURNS[0])])

    assert text.prompt == chat_ids(tokenizer, TURNS[0])
    logits = merged(coach, place)(torch.tensor([text.tokens])).logits[0]
    chances = logits[len(text.prompt) - 1 : -1].log_softmax(-1)
    picked = chances.gather(1, torch.tensor(text.written)[:, None])[:, 0]
    assert text.scores[: len(picked)] == pytest.approx(picked.tolist(), abs=0.03)
    assert (chances.max(-1).values - picked).max() < 0.03  # no other was likelier
    assert text.mean_logprob == pytest.approx(sum(text.scores) / len(text.scores))


def test_a_batch_writes_what_each_turn_alone_would(make, coach, place):
    backend = make(coach, place)

    together = answers(backend, TURNS)

    alone = [answers(backend, [turn])[0] for turn in TURNS]
    assert [a.text for a in together] == [a.text for a in alone]
    assert [a.mean_logprob for a in together] == [
        pytest.approx(a.mean_logprob, abs=1e-4) for a in alone
    ]
    assert all(answer.new_tokens for answer in together)


def test_what_is_finished_comes_before_the_rest(make, coach, place, monkeypatch):
    monkeypatch.setattr(limits, "ROWS", 1)
    backend = make(coach, place)

    coming = backend.complete(TURNS)
    first, _ = next(coming)
    coming.close()

    assert first == 3  # the longest prompt
    assert [place for place, _ in sorted(backend.complete(TURNS))] == [0, 1, 2, 3]


def test_a_caller_who_stops_listening_frees_the_cache(coach, place):
    backend = LocalBackend(coach, place)
    writer: Any = backend._writer()

    coming = backend.complete(TURNS)
    next(coming)
    coming.close()

    assert writer.unpromised == writer.blocks
    assert not writer.pipe.has_non_finished_requests()
    assert len(answers(backend, TURNS)) == len(TURNS)


def test_a_pair_that_the_cache_cannot_hold_is_refused(make, coach, place, monkeypatch):
    config = AutoModelForCausalLM.from_pretrained(coach.base_model).config.to_dict()
    each = converting.token_bytes(config, 4)
    monkeypatch.setattr(limits, "CACHE_BYTES", 300 * each)
    backend = make(coach, place)

    [short, long] = answers(backend, ["Hi.", "x" * 400])

    assert (short.refused, long.refused) == (False, True)


def test_the_cache_never_grows_beyond_its_bound(coach, place, monkeypatch):
    config = AutoModelForCausalLM.from_pretrained(coach.base_model).config.to_dict()
    bound = 800 * converting.token_bytes(config, 4)
    expected = answers(LocalBackend(coach, place), TURNS * 3)
    monkeypatch.setattr(limits, "CACHE_BYTES", bound)
    local._loaded.clear()
    backend = LocalBackend(coach, place)

    assert answers(backend, TURNS * 3) == [
        replace(one, mean_logprob=pytest.approx(one.mean_logprob, abs=1e-4))
        for one in expected
    ]
    metrics = backend._writer().pipe.get_metrics()  # type: ignore[attr-defined]
    assert 0 < metrics.cache_size_in_bytes <= bound


def test_the_adapter_is_merged_into_the_weights(make, coach, place):
    bare = replace(coach, adapter="", adapter_sha256="")

    assert answers(make(coach, place), TURNS) != answers(make(bare, place), TURNS)


def test_an_adapter_of_another_digest_is_refused(make, coach, place):
    with pytest.raises(AdapterMismatch):
        make(replace(coach, adapter_sha256="0" * 64), place)


def test_a_turn_too_long_for_the_model_is_refused_not_cut(make, coach, place):
    short, long = answers(make(coach, place), ["Hi.", "x" * 1100])

    assert not short.refused
    assert (long.refused, long.finished, long.text) == (True, False, "")


@pytest.fixture
def stuck(place: Path, base: Path) -> CoachRef:
    """All tokens alike, and the first is chosen, for ever."""
    folder = place / "stuck"
    if not folder.exists():
        folder.mkdir()
        for path in base.iterdir():
            if path.suffix != ".safetensors":
                (folder / path.name).write_bytes(path.read_bytes())
        weights = load_file(base / "model.safetensors")
        weights["lm_head.weight"][:] = 0
        weights["lm_head.weight"][40] = weights["model.norm.weight"] * 0
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
        for name in ("config.json", "generation_config.json", "tokenizer_config.json"):
            path = folder / name
            path.write_text(
                path.read_text()
                .replace('"eos_token_id": 0', '"eos_token_id": 2')
                .replace('"eos_token": "<|im_end|>"', '"eos_token": "<|im_start|>"')
            )
    return CoachRef(
        name="stuck", base_model=str(folder), prompt="coachlm-1", wording="Improve."
    )


def test_a_text_in_a_loop_leaves_it_and_is_stopped_in_the_fourth(
    make, stuck, place, monkeypatch
):
    monkeypatch.setattr(writing, "MAX_NEW_TOKENS", 400)
    writer = make(stuck, place)._writer()

    [text] = writer.write([text_of(writer, 0, "Hi.")])

    assert (text.stopped, text.ended, text.ways_out) == (True, False, 0)
    assert sum(map(len, text.barred.values())) == WAYS_OUT
    assert all(
        text.written[spot] not in barred
        for spot, barred in text.barred.items()
        if spot < len(text.written)
    )
    assert len(text.scores) == len(text.written) < 100


def test_a_company_of_loops_disturbs_nobody(make, stuck, place, monkeypatch):
    monkeypatch.setattr(writing, "MAX_NEW_TOKENS", 400)
    backend = make(stuck, place)

    found = answers(backend, TURNS)

    assert [answer.finished for answer in found] == [False] * 4
    assert answers(backend, TURNS) == found


def test_a_worker_told_to_stop_writes_no_further(make, coach, place):
    backend = make(coach, place)
    coming = backend.complete(TURNS * 4)
    next(coming)

    stopping.told.set()

    assert len(list(coming)) < len(TURNS) * 4 - 1


def test_a_batch_stands_still_while_a_person_is_served(make, coach, place):
    backend = make(coach, place)
    found: list[tuple[int, Completion]] = []
    batch = threading.Thread(target=lambda: found.extend(backend.complete(TURNS)))

    with turn.first(place):
        batch.start()
        batch.join(0.5)
        assert batch.is_alive()
        assert found == []
    batch.join(60)

    assert len(found) == len(TURNS)


def test_a_candidate_is_told_as_it_grows_and_its_seed_repeats_it(
    make, coach, place, monkeypatch
):
    monkeypatch.setattr(local, "TELL_EVERY", 0.0)
    backend = make(coach, place)
    told: list[str] = []

    first = backend.write_live(TURNS[0], seed=1, tell=told.append)
    again = backend.write_live(TURNS[0], seed=1, tell=told.append)
    other = backend.write_live(TURNS[0], seed=2, tell=told.append)

    assert first == again != other
    assert len(told) > 2
    assert first.text.startswith(told[0])


def test_what_is_drawn_is_repeated_by_its_seed_in_any_company(make, coach, place):
    backend = make(coach, place)

    [(_, alone)] = backend.draw(TURNS[:1], [3], 1.0)
    company = dict(backend.draw(TURNS, [3, 4, 5, 6], 1.0))
    [(_, other)] = backend.draw(TURNS[:1], [9], 1.0)

    assert company[0].text == alone.text != other.text


def test_a_candidate_of_a_pair_that_is_too_long_is_refused(make, coach, place):
    assert make(coach, place).write_live("word " * 3000, seed=1, tell=print).refused


def test_only_the_last_coaches_stay_in_memory(coach, place):
    bare = replace(coach, adapter="", adapter_sha256="")
    third = replace(bare, base_revision="v1")

    for one in (coach, bare, coach, third):
        LocalBackend(one, place)

    kept = [key[2:] for key in local._loaded]
    assert kept == [("", "key", coach.adapter_sha256), ("v1", "", "")]


def test_the_same_weights_with_other_settings_beside_them_are_another_coach(
    coach, place
):
    shutil.copytree(place / "key", place / "other", dirs_exist_ok=True)

    for adapter in ("key", "other"):
        LocalBackend(replace(coach, adapter=adapter), place)

    assert len(local._loaded) == 2


def test_what_openvino_cannot_run_transformers_runs(coach, place, monkeypatch, caplog):
    config = Path(coach.base_model) / "config.json"
    whole = config.read_text()
    config.write_text(
        whole.replace('"attention_bias": false', '"attention_bias": true')
    )
    try:
        with caplog.at_level(logging.WARNING), pytest.raises(ValueError, match="bias"):
            converting.check_family({"model_type": "llama", "attention_bias": True})
        backend = LocalBackend(coach, place)
        assert isinstance(backend._writer(), hf.HfWriter)
    finally:
        config.write_text(whole)
    assert "OpenVINO cannot: The base has attention_bias True." in caplog.text


def test_a_machine_without_openvino_has_transformers(coach, place, monkeypatch):
    monkeypatch.setattr(local, "unfit_machine", lambda: "it is not installed")

    assert isinstance(LocalBackend(coach, place)._writer(), hf.HfWriter)
