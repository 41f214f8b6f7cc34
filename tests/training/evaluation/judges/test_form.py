import pytest

from revision_engine.types import PairText
from training.evaluation.judges.form import FEATURES, features


def told(response: str, instruction: str = "Name colours.", input: str = "") -> dict:
    pair = PairText(instruction=instruction, input=input, response=response)
    return dict(zip(FEATURES, features(pair), strict=True))


def test_layout_is_seen():
    flat, laid_out = told("First, then."), told("First:\n\n1. Red.\n2. Blue.")

    assert flat["paragraphs"] == flat["lines"] == flat["list lines"] == 0
    assert laid_out["paragraphs"] > 0
    assert laid_out["lines"] > laid_out["paragraphs"]
    assert laid_out["list lines"] > 0


def test_runs_of_words_that_come_again_are_seen():
    assert told("red and blue and green")["repetition"] == 0
    assert told("red and blue, red and blue")["repetition"] == 0.25


def test_it_sees_how_much_of_the_instruction_is_taken_up():
    found = told("Colours abound.", instruction="Name some colours.")

    assert found["instruction's words used"] == pytest.approx(1 / 3)
    assert found["instruction's words repeated"] == pytest.approx(1 / 2)


def test_an_input_that_stands_for_none_is_seen():
    assert told("Red.", input="<noinput>")["placeholder as input"] == 1
    assert told("Red.", input="a list")["placeholder as input"] == 0
    assert told("Red.")["placeholder as input"] == 0


def test_chinese_counts_as_latin_does():
    found = told("你好！红色，蓝色。", instruction="说出颜色。")

    assert found["response ends whole"] == 1
    assert found["sentences"] > 0
    assert found["addresses the reader"] > 0
    assert found["commas"] > 0


@pytest.mark.parametrize("text", ["", " ", "\n\n", "42", "!?"])
def test_any_text_has_its_numbers(text):
    assert all(abs(each) < 100 for each in told(text, text, text).values())
