from __future__ import annotations

import json

import pytest

from annotator.domain.errors import Invalid
from annotator.formats.two_sided import TwoSides
from annotator.services import rating
from revision_engine.types import PairText
from tests import judges

KNOWN = rating.known
"""The installation's own, before a test puts others in their place."""


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch):
    judges.use(monkeypatch)


def pair(raw, revised, number=1):
    return TwoSides(
        number=number,
        raw=PairText(instruction="Say.", response=raw),
        revised=PairText(instruction="Say.", response=revised),
    )


def rate(pairs, kept, names=("length",), tell=lambda done, of: None):
    known = rating.known()
    return rating.rate(pairs, {name: known[name] for name in names}, kept, tell)


def test_both_sides_are_rated_in_the_order_of_the_pairs(tmp_path):
    (panel,) = rate([pair("a", "a b"), pair("a b c", "x")], tmp_path / "kept")

    found = [(one.raw.rating, one.revised.rating) for one in panel.pairs]
    assert found == [(1, 2), (3, 1)]
    assert (panel.name, panel.version) == ("length", "1")


def test_equal_texts_are_rated_once(tmp_path):
    rate([pair("a", "a"), pair("a", "a b")], tmp_path / "kept")

    assert len(judges.ASKED) == 2


def test_what_was_rated_before_a_kill_is_not_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(rating, "AT_ONCE", 2)
    pairs = [pair(f"raw {n}", f"revised {n} now") for n in range(5)]

    def die(done, of):
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rate(pairs, tmp_path / "kept", tell=die)
    with (tmp_path / "kept").open("a") as file:
        file.write('{"judge": "length", "vers')  # half a line, as a kill leaves it
    before = len(judges.ASKED)
    (panel,) = rate(pairs, tmp_path / "kept")

    assert before == 4
    assert len(judges.ASKED) == 10
    assert [one.revised.rating for one in panel.pairs] == [3.0] * 5


def test_another_version_of_a_judge_is_asked_anew(tmp_path, monkeypatch):
    rate([pair("a", "b c")], tmp_path / "kept")
    monkeypatch.setattr(judges.LengthJudge, "version", "2")

    rate([pair("a", "b c")], tmp_path / "kept")

    assert len(judges.ASKED) == 4


def test_progress_counts_the_texts_of_all_judges(tmp_path):
    told = []

    rate(
        [pair("a", "b c")],
        tmp_path / "kept",
        names=("length", "short"),
        tell=lambda done, of: told.append((done, of)),
    )

    assert told == [(0, 4), (2, 4), (2, 4), (4, 4)]


def test_a_long_reason_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(rating, "REASON", 3)

    rate([pair("a", "b c")], tmp_path / "kept")

    lines = (tmp_path / "kept").read_text().splitlines()
    assert {json.loads(line)["reason"] for line in lines} == {"1 w", "2 w"}


def test_missing_ratings_are_counted_by_their_reason(tmp_path):
    (panel,) = rate([pair("refuse", "refuse this"), pair("a", "b")], tmp_path / "kept")

    assert panel.problems == {"refused": 2}


def test_an_unknown_judge_is_named_with_those_there_are():
    with pytest.raises(Invalid, match="there is no Solomon; there is length, short"):
        rating.check(["Solomon"])


def test_the_installation_has_the_embedded_judge_and_no_endpoint_until_one_is_set(
    settings,
):
    assert list(KNOWN()) == ["embedded"]

    settings.JUDGE_BASE_URL, settings.JUDGE_MODEL = "http://127.0.0.1:1/v1", "judge"

    assert list(KNOWN()) == ["embedded", "endpoint"]


def test_the_embedded_judge_rates_and_shows_its_papers(tmp_path):
    pairs = [
        pair("rhine", "The Rhine, the Elbe and the Weser flow to the north sea."),
        pair("yes", "Yes, it does. Here is why: the water is warmer there."),
    ]

    (panel,) = rating.rate(pairs, KNOWN(), tmp_path / "kept", lambda done, of: None)

    assert all(one.revised.rating > one.raw.rating for one in panel.pairs)
    assert panel.seen == [False, False]
    assert panel.papers["gain_low"] <= panel.papers["gain"]
    assert panel.papers["beats_length"] is (panel.papers["gain_low"] > 0)


def test_a_judge_whose_model_is_lost_is_told_by_its_setting(settings, tmp_path):
    settings.JUDGE_MODEL_FILE = str(tmp_path / "nowhere.json")

    with pytest.raises(Invalid, match="JUDGE_MODEL_FILE"):
        KNOWN()["embedded"]()
