"""The document of a report, beside what is counted by hand."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from annotator.domain.dataset_reports import ReportOrder, Source
from annotator.formats.two_sided import Found, TwoSides
from annotator.services import dataset_documents, rating
from annotator.services.report_pairs import Read
from revision_engine.types import PairText
from tests import judges

KNOWN = rating.known


@pytest.fixture(autouse=True)
def with_judges(monkeypatch):
    judges.use(monkeypatch)


def pair(number, raw, revised, *, category="", instruction="List two rivers."):
    return TwoSides(
        number=number,
        category=category,
        raw=PairText(instruction=instruction, response=raw),
        revised=PairText(instruction=instruction, response=revised),
    )


PAIRS = [
    pair(1, "Rhine", "The Rhine and the Elbe flow north."),
    pair(2, "One two three four five six", "One"),
    pair(3, "The same text on both sides", "The same text on both sides"),
    pair(4, "refuse", "Two words"),
]


def made(tmp_path, pairs=PAIRS, names=("length",), **asked):
    order = ReportOrder(source=Source.FILE, file="a.json", judges=names, **asked)
    read = Read(
        found=Found(pairs=pairs, left_out=Counter({"excluded": 2})),
        told={"files": [{"name": "a.json"}]},
    )
    known = rating.known()
    return dataset_documents.document(
        read,
        order,
        judges={name: known[name] for name in names},
        kept=tmp_path / "kept",
        tell=lambda stage, done, of: None,
    )


def test_it_is_json_and_says_what_was_read(tmp_path):
    document = json.loads(json.dumps(made(tmp_path), allow_nan=False))

    assert (document["format"], document["pairs"]) == (1, 4)
    assert document["left_out"] == {"excluded": 2}
    manifest = document["manifest"]
    assert manifest["source"] == {"files": [{"name": "a.json"}]}
    assert manifest["judges"] == [{"name": "length", "version": "1"}]
    assert manifest["raw_sha256"] != manifest["revised_sha256"]


def test_the_same_pairs_and_seed_give_the_same_figures(tmp_path):
    first, second = made(tmp_path), made(tmp_path)

    del first["made_at"], second["made_at"]
    assert first == second


def test_ratings_are_of_the_pairs_that_have_both(tmp_path):
    (judge,) = made(tmp_path)["ratings"]["judges"]

    # 1 -> 5 (7 words), 5 (6 words) -> 1, 5 -> 5; the fourth was refused.
    assert (judge["pairs"], judge["problems"]) == (3, {"refused": 1})
    assert judge["whole"]["mean"]["raw"]["value"] == pytest.approx(11 / 3)
    assert judge["whole"]["mean"]["revised"]["value"] == pytest.approx(11 / 3)
    assert judge["whole"]["share"]["raw"]["value"] == pytest.approx(2 / 3)
    assert (judge["better"], judge["worse"], judge["same"]) == (1, 1, 1)
    assert judge["like_length"]["pairs"] == 1


def test_changed_pairs_are_counted_by_field(tmp_path):
    shares = made(tmp_path)["changed"]["shares"]

    assert (shares["pair"]["count"], shares["pair"]["of"]) == (3, 4)
    assert shares["instruction"]["count"] == 0
    assert shares["response"]["value"] == 0.75
    assert shares["response"]["low"] < 0.75 < shares["response"]["high"]


def test_lengths_are_those_of_the_texts(tmp_path):
    words = made(tmp_path)["lengths"]["response"]["words"]

    # 1, 6, 6, 1 and 7, 1, 6, 2.
    assert words["mean"]["raw"]["value"] == 3.5
    assert words["mean"]["revised"]["value"] == 4.0
    assert words["raw"]["median"] == 3.5


def test_samples_are_what_rose_and_fell_most_then_drawn_ones(tmp_path):
    found = made(tmp_path)["samples"]

    kinds = {sample["number"]: sample["kind"] for sample in found}
    assert kinds == {1: "improved", 2: "worsened", 4: "drawn"}
    assert found[0]["ratings"]["length"]["revised"]["rating"] == 5


def test_a_long_sample_is_cut(tmp_path):
    long = pair(1, "word " * 1_000, "other")

    (sample,) = made(tmp_path, [long], names=())["samples"]

    assert len(sample["raw"]["response"]) < dataset_documents.SHOWN + 10
    assert sample["raw"]["response"].endswith("[…]")


def test_the_embedded_judge_brings_its_papers_and_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(rating, "known", KNOWN)

    document = made(tmp_path, names=("embedded",))

    assert dataset_documents.LIMITS["embedded"] in document["limits"]
    (judge,) = document["manifest"]["judges"]
    assert judge["version"].startswith("embedded-")
    assert isinstance(judge["beats_length"], bool)
    assert document["ratings"]["judges"][0]["seen"] == 0


def test_without_a_judge_the_report_is_whole_and_says_so(tmp_path):
    document = made(tmp_path, names=())

    assert document["ratings"] == {"judges": [], "agreement": []}
    assert dataset_documents.LIMITS["no_judge"] in document["limits"]
    assert dataset_documents.LIMITS["judge"] not in document["limits"]
    assert {sample["kind"] for sample in document["samples"]} == {"drawn"}
    assert document["diversity"]["response"]["distinct"]


def test_two_judges_that_contradict_each_other_are_seen(tmp_path):
    (agreement,) = made(tmp_path, names=("length", "short"))["ratings"]["agreement"]

    assert agreement["judges"] == ["length", "short"]
    assert agreement["same_direction"]["count"] == 0
    assert agreement["correlation"] < 0


def test_diversity_is_also_told_of_texts_of_one_length(tmp_path):
    """Each revised text goes on alike: cut to the raw one's words, nothing differs."""
    pairs = [
        pair(n, f"a{n} b{n} c{n}", f"a{n} b{n} c{n} and so it goes on, as always.")
        for n in range(12)
    ]

    found = made(tmp_path, pairs)["diversity"]["response"]

    assert found["all"]["self_bleu"]["difference"]["low"] > 10
    assert found["all"]["spread"]["distance"]["difference"]["high"] < 0
    for figure in (found["cut"]["self_bleu"], found["cut"]["spread"]["vendi"]):
        assert figure["difference"]["value"] == 0


def test_one_pair_alone_is_reported_on(tmp_path):
    document = made(tmp_path, [PAIRS[0]])

    assert document["diversity"]["response"]["distinct"] == []
    assert document["diversity"]["response"]["all"] == {}
    assert document["ratings"]["judges"][0]["pairs"] == 1


def test_texts_without_words_are_reported_on(tmp_path):
    pairs = [pair(n, "?", "!", instruction="…") for n in range(6)]

    document = made(tmp_path, pairs)

    assert document["repeats"]["pair"]["raw"]["same"] == 5
    assert document["openings"]["raw"]["mapped"] == 0
