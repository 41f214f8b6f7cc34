"""The decode loop writes what transformers writes, token for token."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    AutoModelForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from revision_engine import fast_model
from revision_engine.decoding import WAYS_OUT, Decoder, Row, Source, leave, loop_block
from revision_engine.fast_model import BLOCK, Blocks, FastModel, Unsupported
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.model

NO_END = [10_000]
PROMPTS = [list(range(5, 5 + n)) + [9, 8, 7] * 4 for n in (3, 40, 1, 17, 120, 60)]
SMALL: dict[str, Any] = {
    "vocab_size": 200,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.3,
}


@pytest.fixture(scope="module")
def llama(tmp_path_factory) -> Any:
    folder: Path = make_tiny_model(tmp_path_factory.mktemp("m") / "base")
    return AutoModelForCausalLM.from_pretrained(folder).eval()


def family(name: str) -> Any:
    torch.manual_seed(3)
    match name:
        case "qwen2":  # fused, with biases
            model = Qwen2ForCausalLM(Qwen2Config(**SMALL, num_key_value_heads=2))
            for layer in model.model.layers:
                torch.nn.init.normal_(layer.self_attn.q_proj.bias)
                torch.nn.init.normal_(layer.self_attn.k_proj.bias)
            return model.eval()
        case "qwen3":  # norms of queries and keys: through the attention interface
            config = Qwen3Config(**SMALL, num_key_value_heads=2, head_dim=8)
            return Qwen3ForCausalLM(config).eval()
        case _:
            return GPTNeoXForCausalLM(GPTNeoXConfig(**SMALL)).eval()


def by_transformers(model: Any, prompt: list[int], limit: int) -> list[int]:
    ids = torch.tensor([prompt])
    written = model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=limit,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )
    return written[0, len(prompt) :].tolist()


def until_loop(tokens: list[int]) -> list[int]:
    ends = (n for n in range(1, len(tokens) + 1) if loop_block(tokens[:n]))
    return tokens[: next(ends, len(tokens))]


def decoder(model: Any, **values: Any) -> Decoder:
    values = {"rows": 3, "cache_bytes": 1 << 22, **values}
    return Decoder(FastModel(model), NO_END, **values)


def written(loop: Decoder, limit: int = 150, ways_out: int = 0) -> list[list[int]]:
    rows = [
        Row(n, prompt, limit, ways_out=ways_out) for n, prompt in enumerate(PROMPTS)
    ]
    done = sorted(loop.write(rows), key=lambda row: row.number)
    return [row.written for row in done]


@pytest.mark.parametrize("look_ahead", [True, False])
def test_tokens_are_those_of_generate(llama, look_ahead):
    expected = [until_loop(by_transformers(llama, p, 150)) for p in PROMPTS]

    assert written(decoder(llama, look_ahead=look_ahead)) == expected


@pytest.mark.parametrize("name", ["qwen2", "qwen3", "neox"])
def test_other_families_write_what_generate_writes(name):
    model = family(name)
    expected = [until_loop(by_transformers(model, p, 150)) for p in PROMPTS]

    assert written(decoder(model)) == expected


@pytest.fixture
def copier(llama) -> Any:
    copier = AutoModelForCausalLM.from_pretrained(llama.name_or_path).eval()
    for layer in copier.model.layers:  # without attention it soon goes in a circle
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
    return copier


@pytest.fixture
def steps(monkeypatch) -> list[int]:
    taken: list[int] = []
    real = Decoder._step
    monkeypatch.setattr(
        Decoder, "_step", lambda self, rows: (taken.append(1), real(self, rows))
    )
    return taken


def test_a_guess_saves_steps_and_never_changes_a_token(copier, steps):
    with_guesses = written(decoder(copier), ways_out=WAYS_OUT)
    counted = len(steps)
    without = written(decoder(copier, look_ahead=False), ways_out=WAYS_OUT)

    assert with_guesses == without
    assert 2 * counted < len(steps) - counted


def test_a_guess_saves_steps_of_a_sampled_row_and_changes_no_token(copier, steps):
    def sampled(**values: Any) -> list[int]:
        generator = torch.Generator().manual_seed(4)
        row = Row(0, PROMPTS[0], 150, temperature=0.05, generator=generator)
        [done] = decoder(copier, **values).write([row])
        return done.written

    with_guesses = sampled()
    counted = len(steps)
    without = sampled(look_ahead=False)

    assert with_guesses == without
    assert counted < len(steps) - counted


def by_hand(model: Any, prompt: list[int], limit: int) -> tuple[list[int], float]:
    """One token at a time from the whole text, leaving loops; and its mean score."""
    new: list[int] = []
    scores: list[float] = []
    barred: list[tuple[int, int]] = []
    while len(new) < limit:
        logits = model(torch.tensor([prompt + new])).logits[0, -1]
        for place, token in barred:
            if place == len(new):
                logits[token] = -torch.inf
        new.append(int(logits.argmax()))
        scores.append(logits.log_softmax(-1)[new[-1]].item())
        block = loop_block(new) if len(new) < limit else 0
        if block and len(barred) == WAYS_OUT:
            break
        if block:
            same = len(new)  # how far the last block goes on to the left
            while same > block and new[same - 1] == new[same - 1 - block]:
                same -= 1
            barred.append((same, new[same]))
            new, scores = new[:same], scores[:same]
    return new, sum(scores) / len(scores)


@pytest.mark.parametrize("look_ahead", [True, False])
@torch.no_grad()
def test_a_loop_is_left_at_the_end_of_its_first_block(copier, look_ahead):
    prompt, limit = PROMPTS[1], 200
    loop = decoder(copier, look_ahead=look_ahead)
    rows = [Row(0, prompt, limit), Row(1, PROMPTS[4], limit)]
    row = next(row for row in loop.write(rows) if row.number == 0)

    expected, score = by_hand(copier, prompt, limit)
    assert row.written == expected
    assert row.mean_logprob == pytest.approx(score, abs=1e-4)
    stuck = until_loop(by_transformers(copier, prompt, limit))
    assert len(stuck) < limit
    assert row.ways_out < WAYS_OUT
    assert row.written[: len(stuck)] != stuck


def test_in_bf16_packed_weights_give_the_scores_of_the_model(llama):
    """Logits differ by rounding alone: bf16 has 8 bits."""
    half = AutoModelForCausalLM.from_pretrained(
        llama.name_or_path, dtype=torch.bfloat16
    )
    ids = torch.tensor(PROMPTS[1])
    exact = llama(ids[None]).logits[0]
    fast = FastModel(half.eval())
    cache = Blocks(fast.shape, 1)
    attend = fast_model.Prefill(cache, [(0, len(ids))], [[0]])

    with torch.inference_mode():
        found = fast.logits(fast.hidden(ids, torch.arange(len(ids)), attend)).float()

    assert (found - exact).abs().max() < 0.05 * exact.abs().max()


def test_the_score_is_the_mean_log_probability_of_the_tokens(llama):
    [row] = decoder(llama).write([Row(0, PROMPTS[0], 20)])

    whole = torch.tensor([PROMPTS[0] + row.written])
    chances = llama(whole).logits[0, :-1].log_softmax(-1)
    picked = chances.gather(1, whole[0, 1:, None])[len(PROMPTS[0]) - 1 :]
    assert row.mean_logprob == pytest.approx(picked.mean().item(), abs=1e-4)


def test_the_cache_never_grows_and_all_is_given_back(llama):
    each = Blocks.bytes_each(FastModel(llama).shape)
    loop = decoder(llama, cache_bytes=4 * each + 1, rows=30)
    before = written(decoder(llama))

    assert loop.cache.count == 4
    assert written(loop) == before
    assert sorted(loop.free) == [0, 1, 2, 3]
    assert loop.unpromised == 4
    assert not loop.fits(Row(0, [1] * 2 * BLOCK, 2 * BLOCK))


def test_a_caller_who_stops_listening_frees_the_cache(llama):
    loop = decoder(llama)
    coming = loop.write([Row(n, p, 40) for n, p in enumerate(PROMPTS)])

    next(coming)
    coming.close()

    assert loop.unpromised == len(loop.free) == loop.cache.count


def test_old_values_in_a_block_do_no_harm(llama):
    loop = decoder(llama)
    first = written(loop)
    for keys, values in zip(loop.cache.keys, loop.cache.values, strict=True):
        keys.fill_(torch.nan)
        values.fill_(torch.nan)

    assert written(loop) == first


def test_a_sampled_row_is_repeated_by_its_seed_in_any_company(llama):
    def row(seed: int) -> Row:
        generator = torch.Generator().manual_seed(seed)
        return Row(0, PROMPTS[0], 30, temperature=1.0, generator=generator)

    [alone] = decoder(llama).write([row(1)])
    company = decoder(llama).write([row(1), Row(1, PROMPTS[1], 30)])
    [other] = decoder(llama).write([row(2)])

    assert {r.number: r.written for r in company}[0] == alone.written != other.written


def test_a_row_tells_of_its_tokens_as_they_come(llama):
    told: list[int] = []
    row = Row(0, PROMPTS[0], 30, tell=lambda tokens: told.append(len(tokens)))

    list(decoder(llama).write([row]))

    assert len(told) > 2
    assert all(a < b for a, b in pairwise(told))


def test_a_window_narrower_than_the_context_is_not_run_wrongly():
    model = family("qwen3")
    model.config.sliding_window, model.config.use_sliding_window = 64, True

    with pytest.raises(Unsupported, match="Qwen3ForCausalLM attends to 64 tokens"):
        FastModel(model)


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 8))
def test_a_guess_is_what_followed_the_last_two_tokens(tokens, count):
    source = Source()
    source.extend(tokens)

    guess = source.guess(count)

    places = [
        place
        for place in range(2, len(tokens))
        if tokens[place - 2 : place] == tokens[-2:]
    ]
    assert guess == (tokens[places[-1] : places[-1] + count] if places else [])


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 50), max_size=30),
    st.lists(st.integers(0, 50), min_size=12, max_size=40),
)
def test_three_equal_blocks_are_a_loop(start, block):
    tokens = start + 3 * block
    tokens = tokens[len(tokens) % 8 :]  # it is asked at multiples of 8 alone

    assert loop_block(tokens) or len(tokens) < 3 * len(block)


LINE = list(range(50, 62))
"""A block that is found as a loop when it comes three times."""


def row_of(prompt: list[int], written: list[int]) -> Row:
    return Row(0, prompt, 500, written=written, scores=[-0.1] * len(written))


@pytest.mark.parametrize("times", [3, 5])
def test_what_the_prompt_repeats_as_often_is_no_loop(times):
    row = row_of([7, *LINE * 5, 8], [9, *LINE * times])

    assert not leave(row, len(LINE))
    assert row.written == [9, *LINE * times]
    assert not row.stopped


def test_a_loop_that_goes_on_beyond_the_prompts_goes_back_to_where_that_ends():
    row = row_of([7, *LINE * 5, 8], [9, *LINE * 8])

    assert leave(row, len(LINE))
    assert row.written == [9, *LINE * 5]
    assert row.barred == {1 + 5 * len(LINE): {LINE[0]}}


def test_a_loop_of_what_the_prompt_says_once_goes_back_to_its_first_block():
    row = row_of([7, *LINE, 8], [9, *LINE * 3])

    assert leave(row, len(LINE))
    assert row.written == [9, *LINE]
