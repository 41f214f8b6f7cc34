"""A study of datasets is laid out from files, and says what it cannot use."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from annotator.domain.errors import Invalid
from annotator.services import comparing_datasets
from annotator.services.comparing_datasets import Dataset
from training.evaluation.judges.judge import Judgement
from training.evaluation.tuned import study
from training.examples import read_jsonl

ROWS = [
    {
        "Raw Instruction": f"Name the capital of country {n}.",
        "Raw Input": "",
        "Raw Response": f"City {n}" * n,
        "Revised Instruction": f"Name the capital of country {n}.",
        "Revised Input": "",
        "Revised Response": f"It is city {n}.",
    }
    for n in range(1, 7)
]
TESTS = [
    {"instruction": "Explain in a few words what a tide is.", "input": ""},
    {"instruction": "Name the capital of country 3.", "input": ""},
]


class ByLength:
    """Rates a response by its length."""

    name, version = "length", "1"

    def rate(self, pairs):
        return [Judgement(rating=min(5.0, len(p.response) / 10)) for p in pairs]


@pytest.fixture
def files(tmp_path):
    for name, content in (("data", ROWS), ("tests", TESTS)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    return tmp_path


def lay_out(files, **asked):
    data = files / "data.json"
    given = {
        "datasets": {
            "raw": Dataset(source=data, is_raw=True),
            "revised": Dataset(source=data),
        },
        "testset": files / "tests.json",
        "seeds": [1],
        "seen": 8,
        "config": {},
        "judge": ByLength(),
        **asked,
    }
    return comparing_datasets.lay_out(files / "study", **given)


def test_each_arm_has_its_side_and_known_test_items_are_left_out(files):
    made = lay_out(files, keep_from=2.0)

    assert made.sizes == {"raw": 6, "revised": 6, "filtered": 3}
    assert (made.items, made.contaminated) == (1, 1)
    learned = {
        arm: [row.revised.response for row in read_jsonl(path)]
        for arm in made.sizes
        for path in [files / "study" / "datasets" / f"{arm}.jsonl"]
    }
    assert learned["raw"] == [row["Raw Response"] for row in ROWS]
    assert learned["revised"] == [row["Revised Response"] for row in ROWS]
    assert learned["filtered"] == [row["Raw Response"] for row in ROWS[3:]]
    [item] = study.read_items(files / "study" / "testset.jsonl")
    assert item.instruction == TESTS[0]["instruction"]
    assert study.Study.read(files / "study").arms == ["raw", "revised", "filtered"]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"datasets": {}}, "two or more"),
        ({"seen": 0}, "seen"),
        ({"keep_from": 5.5}, "No pair of the first dataset is rated 5.5"),
        ({"config": {"rank": 0}}, "rank"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(files, asked, named):
    with pytest.raises(Invalid, match=named):
        lay_out(files, **asked)

    assert not (files / "study").exists()


def test_files_that_cannot_be_used_are_named(files):
    (files / "tests.json").write_text('[{"a": 1}]')
    with pytest.raises(Invalid, match=r"tests\.json, row 1"):
        lay_out(files)
    (files / "tests.json").write_text(json.dumps(TESTS[1:]))
    with pytest.raises(
        Invalid, match=r"Of the 1 instructions of the test set 1 stand in an arm, and 0"
    ):
        lay_out(files)
    (files / "data.json").write_text("{")
    with pytest.raises(Invalid, match=r"data\.json cannot be read"):
        lay_out(files)


def test_a_study_is_not_laid_over_another(files):
    lay_out(files)

    with pytest.raises(Invalid, match="holds a study"):
        lay_out(files)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "holds no study"),
        (["raw=x.json", "b=y.json"], "--testset is needed"),
        (["raw", "--testset", "t.json"], "must be NAME=FILE"),
        (["../x=y.json", "--testset", "t.json"], "must be NAME=FILE"),
    ],
)
def test_the_command_says_what_it_lacks(tmp_path, arguments, named):
    with pytest.raises(CommandError, match=named):
        call_command("compare_datasets", str(tmp_path / "study"), *arguments)


def test_the_command_lays_out_and_stops_when_the_minutes_are_over(files, capsys):
    data = files / "data.json"
    asked = [f"raw={data}@raw", f"revised={data}", "--testset", files / "tests.json"]

    call_command(
        "compare_datasets", files / "study", *map(str, asked), "--minutes", "0"
    )

    assert "1 were left out" in capsys.readouterr().err
    assert study.Study.read(files / "study").seeds == [17, 18, 19]
