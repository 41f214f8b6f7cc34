"""What models put around an answer is cut off, and nothing that the pair has itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from revision_engine.postprocess import Problem, check
from revision_engine.prompts import PROMPTS, by_version
from revision_engine.types import PairText
from tests.pair_texts import PAIRS

SPRING = PairText(
    instruction="Name a month of spring.",
    response="April is thhe second month of spring.",
)
MENDED = replace(SPRING, response="April is the second month of spring.")
ANSWER = by_version("coachlm-2").target(MENDED)
BOLD = ANSWER.replace("Instruction:", "**Instruction:**").replace(
    "Response:", "**Response:**"
)
DRAFT = "Instruction: Hm.\nResponse: No, better:"
WRAPPED = {
    "a thought": f"<think>\n{DRAFT}\n</think>\n\n{ANSWER}",
    "a thought that the prompt had begun": f"Well.\n{DRAFT}\n</think>\n{ANSWER}",
    "a thought within one": f"<think>a<think>b</think>c</think>{ANSWER}",
    "a thought about the tag": f"<think>no </think> yet\n{DRAFT}</think>{ANSWER}",
    "a thought behind it": f"{ANSWER}\n<think>Was it good? It",
    "a thought in capitals": f"<THINKING>{DRAFT}</THINKING>{ANSWER}",
    "another name": f"<reasoning>{DRAFT}</reasoning>\n<answer>\n{ANSWER}\n</answer>",
    "Magistral": f"[THINK]{DRAFT}[/THINK]{ANSWER}",
    "Kimi": f"◁think▷{DRAFT}◁/think▷{ANSWER}",
    "Seed": f"<seed:think>{DRAFT}</seed:think>{ANSWER}",
    "Command": f"<|START_THINKING|>{DRAFT}<|END_THINKING|>{ANSWER}",
    "gpt-oss": "<|channel|>analysis<|message|>"
    f"{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
    "a fence": f"```\n{ANSWER}\n```",
    "a fence with a language": f"Here you are:\n\n```text\n{ANSWER}\n```\nDone!",
    "a fence of tildes": f"~~~\n{ANSWER}\n~~~",
    "a fence behind a thought": f"<think>x</think>\n```json\n{ANSWER}\n```",
    "a preamble": f"Here is the revised pair:\n\n{ANSWER}",
    "bold labels": BOLD,
    "bold labels on lines of their own": BOLD.replace(":** ", "**\n"),
    "bold labels in a fence": f"```markdown\n{BOLD}\n```",
    "a note": f"{ANSWER}\n\nChanges made: mended a word.",
    "a note in bold": f"{ANSWER}\n\n**Changes Made:**\n- mended a word",
    "a note below a rule": f"{ANSWER}\n\n---\n\n### Summary of changes\nA word.",
    "a note in a sentence": f"{ANSWER}\n\nI made the following changes: a word.",
    "another note": f"{ANSWER}\n\n*Explanation of the changes:* a word.",
    "a note behind a fence": f"```\n{ANSWER}\n```\n\nKey improvements made:\n- a word",
    "all of it": f"<think>{DRAFT}</think>Sure!\n\n```\n{BOLD}\n```\nChanges made: one.",
    "marks of turns": f"{ANSWER}<|im_end|>\n<|im_start|>user\nThanks!",
    "the mark of another family": f"{ANSWER}<end_of_turn>\nmore",
}


@pytest.mark.parametrize("output", WRAPPED.values(), ids=WRAPPED.keys())
def test_the_answer_is_found_in_what_is_around_it(output):
    assert check(SPRING, output) == (MENDED, None)


@pytest.mark.parametrize(
    "output",
    [f"<think>{ANSWER}", f"<think>{ANSWER}</think>", f"{ANSWER}</think>\nDone."],
)
def test_a_thought_is_no_answer(output):
    text, problem = check(SPRING, output)

    assert text == SPRING
    assert problem in {Problem.EMPTY, Problem.UNPARSEABLE}


@pytest.mark.parametrize(
    "line",
    [
        "Changes made in 1990 led to a longer spring.",
        "What changed was the weather.",
        "Note: in the south it is the first month of autumn.",
        "Improvements are possible.",
    ],
)
def test_a_sentence_that_speaks_of_changes_is_no_note(line):
    text, _ = check(SPRING, f"{ANSWER}\n{line}")

    assert text.response == f"{MENDED.response}\n{line}"


ABOUT_WRAPPING = {
    "thoughts": PairText(
        instruction="What does <think> do?",
        response="A model's notes stand up to </think>; thhe rest is the answer.",
    ),
    "thoughts with labels": PairText(
        instruction="Show a reply.",
        response="<think>\nInstruction: x\n</think>\nInstruction: thhe\nResponse: y",
    ),
    "a fence": PairText(
        instruction="Show thhe code.", response="```python\nprint(1)\n```"
    ),
    "a fence that is not closed": PairText(
        instruction="Go on.", input="```", response="Begin with thhe\n```python\nx = 1"
    ),
    "a note": PairText(
        instruction="Write thhe log.", response="Version 2\n\nChanges made:\n- all"
    ),
    "tags": PairText(
        instruction="Close <answer>.", response="<answer>thhe</answer>\n</answer>"
    ),
}


@pytest.mark.parametrize("raw", ABOUT_WRAPPING.values(), ids=ABOUT_WRAPPING.keys())
@pytest.mark.parametrize("version", PROMPTS)
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "<think>Let me see.</think>\n{}",
        "<think>Instruction: a\nResponse: b</think>\n{}",
        "Sure:\n```\n{}\n```",
        "{}\n\nChanges made: a word.",
    ],
)
def test_a_pair_about_such_things_keeps_them(raw, version, around):
    shown = by_version(version).target(raw, raw)
    revised = replace(
        raw,
        instruction=raw.instruction.replace("thhe", "the"),
        response=raw.response.replace("thhe", "the"),
    )

    output = around.format(shown.replace("thhe", "the"))

    assert check(raw, output, prompt=version) == (revised, None)


AROUND = st.sampled_from(
    [
        "<think>\nHm, a pair.\n</think>\n\n{}",
        "Here is the revised pair:\n\n{}",
        "```\n{}\n```",
        "{}<|eot_id|>",
    ]
)


@pytest.mark.parametrize("version", PROMPTS)
@pytest.mark.chance
@settings(max_examples=300, deadline=None)
@given(raw=PAIRS, around=AROUND)
def test_what_was_shown_is_found_in_what_is_around_it(version, raw, around):
    shown = by_version(version).target(raw, raw)

    assert check(raw, around.replace("{}", shown), prompt=version) == (raw, None)
