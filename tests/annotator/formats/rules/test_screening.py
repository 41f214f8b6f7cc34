"""Rule scripts set aside what is not worth revising, and nothing that has its input."""

from __future__ import annotations

import pytest

from annotator.formats.rules import screening
from revision_engine.types import PairText


@pytest.mark.parametrize("source", ["None", "N/A", "null", "Na", '""', "<>", "nan"])
def test_an_input_that_reads_like_nothing_is_an_input(source):
    pair = PairText(
        instruction="Count the words of the following text.",
        input=source,
        response="One.",
    )

    assert screening.screen(pair) is None


@pytest.mark.parametrize("source", ["", "  ", "<noinput>", '"<noinput>"', "No input."])
def test_a_text_that_was_promised_and_is_not_there_is_missed(source):
    pair = PairText(
        instruction="Count the words of the following text.",
        input=source,
        response="Many.",
    )

    assert screening.screen(pair)


@pytest.mark.parametrize(
    ("instruction", "is_kept"),
    [("2 + 2", True), ("12 =", True), ("+ 12", False), ("?!", False), ("12 12", False)],
)
def test_digits_and_an_operator_behind_them_are_a_task(instruction, is_kept):
    caught = screening.screen(PairText(instruction=instruction, response="4"))

    assert (caught is None) == is_kept


@pytest.mark.parametrize(
    "instruction",
    [
        "7" * 1_000_000,
        "this image" + " " * 1_000_000 + "x",
        "the attached image :" + " " * 1_000_000 + "x",
        "the following text" + " " * 1_000_000 + "x",
        "." * 1_000_000,
    ],
    ids=["digits", "blanks", "blanks behind a colon", "promised", "dots"],
)
def test_the_rules_read_a_text_once(instruction):
    """One that tried each place against all that follows would not come back."""
    screening.screen(PairText(instruction=instruction, response="x"))


@pytest.mark.parametrize(
    "medium",
    [
        *("image", "images", "picture", "photo", "photograph", "screenshot", "video"),
        *("audio", "audio clip", "IMAGE", "Audio\u00a0recording", "v\u0131deo"),
    ],
)
def test_each_medium_that_is_not_there_is_missed(medium):
    pair = PairText(instruction=f"Describe the attached {medium}.", response="A cat.")

    caught = screening.screen(pair)

    assert caught
    assert caught.reason == "multi_modal"
