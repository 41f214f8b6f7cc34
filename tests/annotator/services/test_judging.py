"""A file is judged by one judge or two, and all of it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotator.domain.errors import Invalid
from annotator.services import judging
from annotator.services.judging import Order
from revision_engine.backends.asking import ServerFailed
from revision_engine.types import PairText
from training.evaluation.judges.embedded import EmbeddedJudge
from training.evaluation.judges.judge import Contest, Judgement, Preference, Winner

RAW = {"Raw Instruction": "Name two colours.", "Raw Input": "", "Raw Response": "red"}
REVISED = {
    "Revised Instruction": "Name two colours.",
    "Revised Input": "",
    "Revised Response": "Two colours are:\n\n1. Red.\n2. Blue.",
}


class Strict:
    """Rates by length, 1 a ten characters, and refuses what says no."""

    name = "strict"
    version = "strict-1"

    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        return [
            Judgement(rating=None, problem="refused")
            if pair.response == "no"
            else Judgement(rating=min(5.0, len(pair.response) / 10))
            for pair in pairs
        ]

    def prefer(self, contests: Sequence[Contest]) -> list[Preference]:
        return [
            Preference(as_given=Winner.FIRST, swapped=Winner.SECOND) for _ in contests
        ]


class Gone(Strict):
    def rate(self, pairs: Sequence[PairText]) -> list[Judgement]:
        raise ServerFailed("The server http://judge: 401 wrong key")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.json"
    rows = [
        RAW | REVISED,
        {"instruction": "Say.", "output": "no"},
        {"instruction": "Say.", "output": "Yes, gladly."},
    ]
    path.write_text(json.dumps(rows))
    return path


def test_each_row_has_each_judges_answers_in_the_order_of_the_file(source):
    found = judging.judge_file(Order(source=source), [Strict()])

    first, second, third = found["rows"]
    assert [row["row"] for row in found["rows"]] == [1, 2, 3]
    assert first["judges"][0]["raw"]["rating"] == pytest.approx(0.3)
    assert first["judges"][0]["revised"]["rating"] == pytest.approx(3.4)
    assert first["judges"][0]["preference"]["winner"] == "tie"
    assert second["judges"][0] == {
        "raw": {"rating": None, "reason": "", "problem": "refused"}
    }
    assert third["judges"][0]["raw"]["rating"] == pytest.approx(1.2)


def test_it_tells_how_far_it_is(source, monkeypatch):
    monkeypatch.setattr(judging, "PORTION", 2)
    told: list[tuple[int, int]] = []

    found = judging.judge_file(
        Order(source=source), [Strict()], lambda *far: told.append(far)
    )

    # Three raw texts, one revised, one contest.
    assert told == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert [row["judges"][0]["raw"]["problem"] for row in found["rows"]] == [
        *("", "refused", "")
    ]


def test_figures_can_be_recounted_from_the_rows(source):
    found = judging.judge_file(Order(source=source), [Strict()])

    [told] = found["judges"]
    assert (found["pairs"], found["revised"], found["left_out"]) == (3, 1, 0)
    assert told["raw"]["n"] == 2
    assert told["raw"]["problems"] == {"refused": 1}
    assert told["raw"]["mean"]["value"] == pytest.approx(0.75)
    assert told["win_rate"]["ties"] == 1
    assert told["position_bias"]["lean"] == 0.5
    json.dumps(found, allow_nan=False)


def test_two_judges_are_compared(source):
    judges = [EmbeddedJudge.shipped(), Strict()]

    found = judging.judge_file(Order(source=source), judges)

    [two] = found["agreement"]
    assert two["judges"] == [judges[0].version, "strict-1"]
    assert [each["name"] for each in two["ratings"]] == ["weighted kappa", "Spearman"]
    assert [each["n"] for each in two["ratings"]] == [3, 3]


def test_a_judge_is_tested_against_people_if_they_revised(source):
    order = Order(source=source, by_people=True)

    [told] = judging.judge_file(order, [EmbeddedJudge.shipped()])["judges"]

    assert told["people"]["agreed"]["value"] == 1.0
    assert told["people"]["beats_length"] is None  # one text is too few
    assert told["people"]["fitted_on"] == 0
    assert told["papers"]["beats_length"] is True


def test_a_file_without_revised_texts_tests_nobody(tmp_path):
    path = tmp_path / "pairs.json"
    path.write_text('[{"instruction": "Say.", "output": "Yes."}]')

    with pytest.raises(Invalid, match="holds no revised texts"):
        judging.judge_file(Order(source=path, by_people=True), [Strict()])
    told = judging.judge_file(Order(source=path), [Strict()])
    assert "win_rate" not in told["judges"][0]


def test_a_server_that_fails_is_told_in_its_words(source):
    with pytest.raises(Invalid, match="401 wrong key"):
        judging.judge_file(Order(source=source), [Gone()])


def test_the_command_tells_the_figures_and_writes_all(source, capsys):
    out = source.with_name("judged.json")

    call_command("judge", str(source), out=out, by_people=True)

    told, beside = capsys.readouterr()
    assert "5 of 5 answers" in beside
    assert "3 pairs, 1 with a revised text" in told
    assert "revised over raw: 1 wins, 0 ties, 0 losses" in told
    assert "Too few texts of like length" in told
    assert json.loads(out.read_text())["pairs"] == 3


def test_a_stopped_command_says_how_it_goes_on(source, monkeypatch):
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(judging, "judge_file", stopped)

    with pytest.raises(CommandError, match="same command again"):
        call_command("judge", str(source))


def test_the_command_says_which_setting_is_missing(source):
    with pytest.raises(CommandError, match="JUDGE_BASE_URL is not set"):
        call_command("judge", str(source), by=["endpoint"])


def test_the_command_says_what_is_wrong_with_the_model(source, settings):
    settings.JUDGE_MODEL_FILE = str(source)

    with pytest.raises(CommandError, match="JUDGE_MODEL_FILE: pairs"):
        call_command("judge", str(source))


def test_a_judge_no_better_than_length_is_marked(source, settings, capsys):
    model = json.loads(Path(settings.JUDGE_MODEL_FILE).read_text())
    model["papers"] |= {"gain_low": -0.01}
    path = source.with_name("weak.json")
    path.write_text(json.dumps(model))
    settings.JUDGE_MODEL_FILE = str(path)

    call_command("judge", str(source))

    assert "NO BETTER THAN LENGTH" in capsys.readouterr().out
