"""Models are tuned on each dataset alike, answer the test set, and are compared."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from revision_engine import prompts
from revision_engine.types import Completion, PairText
from tests.tiny_model import make_tiny_model
from training.causes import Failed
from training.config import LoraConfig
from training.evaluation.judges import agreement
from training.evaluation.judges.judge import Judgement, Preference, Winner
from training.evaluation.tuned import reporting, study
from training.evaluation.tuned.testsets import TestItem
from training.examples import RevisionExample, read_jsonl, write_jsonl
from training.recipes import coach_lora, instruct_lora, loading

ITEMS = [
    TestItem(key=f"k{n}", instruction=f"Say {n}.", reference="x" * (5 + n))
    for n in range(8)
]


class Longest:
    """Holds the longer response for the better one."""

    name, version = "longest", "1"

    def rate(self, pairs):
        return [Judgement(rating=min(5.0, len(p.response) / 10)) for p in pairs]

    def prefer(self, contests):
        return [
            Preference(as_given=winner, swapped=winner)
            for c in contests
            for ahead in [len(c.first.response) - len(c.second.response)]
            for winner in [
                (Winner.SECOND, Winner.TIE, Winner.FIRST)[(ahead > 0) - (ahead < 0) + 1]
            ]
        ]


class Echo:
    """Answers in as many letters as its run is told; counts what it is asked."""

    asked = 0

    def __init__(self, model, store) -> None:
        self.length = {"raw": 6, "revised": 20, "base": 1}[model.name.split("-")[0]]

    def complete(self, turns):
        for place, turn in enumerate(turns):
            Echo.asked += 1
            assert turn.startswith("Say ")
            yield place, Completion(text=" " + "y" * self.length, new_tokens=1)


def example(number: int, response: str) -> RevisionExample:
    pair = PairText(instruction=f"Say {number}.", response=response)
    return RevisionExample(source_id=str(number), raw=pair, revised=pair, distance=0)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    (tmp_path / "datasets").mkdir()
    sizes = {"raw": 6, "revised": 10}
    for name, size in sizes.items():
        rows = [example(n, f"{name} {n}") for n in range(size)]
        write_jsonl(tmp_path / "datasets" / f"{name}.jsonl", rows)
    study.write_items(tmp_path / "testset.jsonl", ITEMS)
    asked = {
        "arms": list(sizes),
        "seeds": [1],
        "seen": 8,
        "config": {
            "base_model": str(tiny),
            "rank": 2,
            "batch_size": 4,
            "micro_batch_tokens": 256,
        },
    }
    (tmp_path / "study.json").write_text(json.dumps(asked))
    return tmp_path


def test_items_come_back_as_they_were_written(tmp_path):
    study.write_items(tmp_path / "x", ITEMS)

    assert study.read_items(tmp_path / "x") == ITEMS


@pytest.mark.model
def test_a_study_compares_models_tuned_alike_and_goes_on_where_it_was(folder):
    Echo.asked = 0
    first = study.carry_out(folder, Longest(), Echo, minutes=0)
    assert first["runs"] == []
    assert Echo.asked == 0

    whole = study.carry_out(folder, Longest(), Echo)

    assert [(run["arm"], run["seed"]) for run in whole["runs"]] == [
        ("base", 1),
        ("raw", 1),
        ("revised", 1),
    ]
    assert Echo.asked == 3 * len(ITEMS)
    learned = {
        arm: list(read_jsonl(folder / "runs" / f"{arm}-1" / "train.jsonl"))
        for arm in ("raw", "revised")
    }
    assert {arm: len(rows) for arm, rows in learned.items()} == {"raw": 8, "revised": 8}
    assert all(row.revised.response.startswith("raw") for row in learned["raw"])
    steps = {
        arm: [
            line["step"]
            for text in (folder / "runs" / f"{arm}-1" / "progress.jsonl").open()
            if (line := json.loads(text))["kind"] == "step"
        ]
        for arm in ("raw", "revised")
    }
    assert steps["raw"] == steps["revised"] == [1, 2]

    again = study.carry_out(folder, Longest(), Echo)

    assert again == whole
    assert Echo.asked == 3 * len(ITEMS)
    assert json.loads((folder / "report.json").read_text())["arms"] == whole["arms"]


@pytest.mark.model
def test_a_whole_model_is_tuned_and_goes_on_from_its_checkpoint(tmp_path, tiny):
    def folder(name: str) -> Path:
        made = tmp_path / name
        made.mkdir()
        told = {"base_model": str(tiny), "prompt": "answer-1", "wording": ""}
        told |= {"epochs": 1, "batch_size": 2, "checkpoint_steps": 1}
        (made / "config.json").write_text(json.dumps(told))
        write_jsonl(made / "dataset.jsonl", [example(n, f"yes {n}") for n in range(6)])
        instruct_lora.lay_out(made, 8)
        return made

    def tuned(made: Path) -> dict:
        return load_file(made / "model" / "model.safetensors")

    whole, broken = folder("whole"), folder("broken")
    coach_lora.train(whole, load=loading.load_whole)
    half = coach_lora.prepare(broken, load=loading.load_whole)
    for _ in range(2):
        coach_lora.one_step(half)
    half.save()
    coach_lora.train(broken, load=loading.load_whole)

    before = load_file(tiny / "model.safetensors")
    after, again = tuned(whole), tuned(broken)
    assert set(after) == set(before)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any("embed_tokens" in name for name in changed)
    assert any("mlp" in name for name in changed)
    assert all(torch.equal(after[name], again[name]) for name in after)
    assert not (whole / "adapter").exists()
    losses = [
        line["loss"]
        for text in (whole / "progress.jsonl").open()
        if (line := json.loads(text))["kind"] == "step"
    ]
    assert len(losses) == 4
    coach_lora.train(whole, load=loading.load_whole)  # nothing is left to do


@pytest.mark.model
def test_models_of_a_study_are_tuned_whole_if_it_says_so(folder):
    asked = json.loads((folder / "study.json").read_text()) | {"tuning": "full"}
    (folder / "study.json").write_text(json.dumps(asked))
    seen = {}

    class Answers(Echo):
        def __init__(self, model, store) -> None:
            super().__init__(model, store)
            seen[model.name] = model

    study.carry_out(folder, Longest(), Answers)

    raw = seen["raw-1"]
    assert raw.base_model == str((folder / "runs" / "raw-1" / "model").absolute())
    assert raw.adapter == ""
    assert (Path(raw.base_model) / "tokenizer.json").exists()
    rate = json.loads((folder / "runs" / "raw-1" / "config.json").read_text())
    assert rate["learning_rate"] == study.FULL_RATE


@pytest.mark.model
def test_a_run_that_fails_says_why(folder):
    asked = json.loads((folder / "study.json").read_text())
    asked["config"]["max_tokens"] = 2
    (folder / "study.json").write_text(json.dumps(asked))

    with pytest.raises(study.RunFailed, match=r"raw-1 ended with code 1: .*max_tokens"):
        study.carry_out(folder, Longest(), Echo)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"arms": ["raw"]}, "two or more"),
        ({"arms": ["raw", "raw"]}, "two or more"),
        ({"arms": ["raw", "base"]}, "base"),
        ({"seeds": []}, "seeds"),
        ({"seen": 0}, "seen"),
        ({"tuning": "half"}, "tuning must be lora or full"),
        ({"config": {"rank": 0}}, "rank"),
        ({"colour": 1}, "unknown study setting: colour"),
        ({"seen": "8"}, "seen must be of the type int"),
    ],
)
def test_a_study_names_the_setting_that_cannot_be_used(tmp_path, changed, named):
    asked = {"arms": ["raw", "b"], "seeds": [1], "seen": 8, "config": {}} | changed
    (tmp_path / "study.json").write_text(json.dumps(asked))

    with pytest.raises(ValueError, match=named):
        study.Study.read(tmp_path)


def answers(**arms: list[int]) -> dict:
    """By arm, how long its answers are, for each seed."""
    return {
        (arm, seed): {item.key: "y" * length for item in ITEMS}
        for arm, lengths in arms.items()
        for seed, length in enumerate(lengths)
    }


def test_an_arm_is_compared_with_the_first_of_the_same_seed_and_the_references():
    done = answers(base=[1], raw=[6, 30], revised=[20, 20])

    found = reporting.report(["raw", "revised"], ITEMS, done, Longest())

    rates = {(row["one"], row["other"]): row for row in found["win_rates"]}
    assert set(rates) == {
        ("revised", "raw"),
        ("base", "raw"),
        ("raw", "reference"),
        ("revised", "reference"),
        ("base", "reference"),
    }
    beside_raw = rates["revised", "raw"]
    assert (beside_raw["wins"], beside_raw["losses"]) == (8, 8)
    assert beside_raw["wr1"]["value"] == 0.5
    assert beside_raw["wr1_by_seed"] == {"0": 1.0, "1": 0.0}
    # All depends on the seed, and of two seeds a resample may draw one twice.
    assert (beside_raw["wr1"]["low"], beside_raw["wr1"]["high"]) == (0.0, 1.0)
    assert rates["base", "raw"]["losses"] == 8  # of the one seed that both have
    raw = next(arm for arm in found["arms"] if arm["arm"] == "raw")
    assert (raw["seeds"], raw["answers"], raw["characters"]) == (2, 16, 18)
    assert raw["rating"]["value"] == pytest.approx((0.6 + 3.0) / 2)
    assert "revised" in reporting.as_text(found)


class Shortest(Longest):
    """The other way round."""

    name = "shortest"

    def rate(self, pairs):
        return [Judgement(rating=5 - each.rating) for each in super().rate(pairs)]

    def prefer(self, contests):
        turned = {
            Winner.FIRST: Winner.SECOND,
            Winner.SECOND: Winner.FIRST,
            Winner.TIE: Winner.TIE,
        }
        return [
            Preference(as_given=turned[each.winner], swapped=turned[each.winner])
            for each in super().prefer(contests)
        ]


def test_several_judges_are_asked_the_same_and_compared():
    done = answers(raw=[6, 30], revised=[20, 20])

    found = reporting.report(["raw", "revised"], ITEMS, done, Longest(), Shortest())

    [other] = found["beside"]
    mine = {(r["one"], r["other"]): r["wins"] for r in found["win_rates"]}
    theirs = {(r["one"], r["other"]): r["losses"] for r in other["win_rates"]}
    assert mine == theirs
    [two] = found["agreement"]
    figures = {row["name"]: row for row in (*two["ratings"], *two["preferences"])}
    assert figures["Spearman"]["value"] == pytest.approx(-1)
    # Of 48 answers, each beside a reference or the other arm's, one is as long.
    assert figures["same winner"]["value"] == pytest.approx(1 / 48)
    assert "agreement of longest and shortest" in reporting.as_text(found)


def test_agreement_is_drawn_by_items_whose_answers_come_together():
    alike = [Judgement(rating=float(n)) for n in (1, 1, 1, 5, 5, 5)]
    other = [Judgement(rating=float(n)) for n in (1, 2, 1, 5, 4, 5)]

    alone, _ = agreement.of_ratings(alike, other)
    grouped, _ = agreement.of_ratings(alike, other, [*"aaabbb"])

    assert alone.value == grouped.value
    # A resample of two groups may hold one twice: then all ratings are about the same.
    assert grouped.low < alone.low


def test_the_answers_that_are_kept_are_judged_anew_by_others(folder):
    for arm in ("raw", "revised"):
        (folder / "runs" / f"{arm}-1").mkdir(parents=True)
        with (folder / "runs" / f"{arm}-1" / "answers.jsonl").open("w") as file:
            for item in ITEMS:
                row = {"coach": {}, "key": item.key, "response": arm}
                file.write(json.dumps(row) + "\n")
    runs = [{"arm": arm, "seed": 1} for arm in ("raw", "revised")]
    (folder / "report.json").write_text(json.dumps({"runs": runs}))

    found = study.judged(folder, Shortest(), Longest())

    assert found["judge"]["name"] == "shortest"
    assert json.loads((folder / "report.json").read_text())["beside"] == found["beside"]
    rates = {(r["one"], r["other"]): r for r in found["win_rates"]}
    assert rates["revised", "raw"]["losses"] == len(ITEMS)


def test_items_without_a_reference_are_compared_with_the_first_arm_alone():
    bare = [TestItem(key=item.key, instruction=item.instruction) for item in ITEMS]

    found = reporting.report(["raw", "b"], bare, answers(raw=[3], b=[4]), Longest())

    assert [(r["one"], r["other"]) for r in found["win_rates"]] == [("b", "raw")]
    assert found["references"] == 0


def test_every_dataset_is_gone_through_evenly_whatever_its_size():
    small = list(instruct_lora.cycled("abc", 8, seed=1))
    large = list(instruct_lora.cycled(range(100), 8, seed=1))

    assert sorted(Counter(small).values()) == [2, 3, 3]
    assert len(set(large)) == 8
    assert small == list(instruct_lora.cycled("abc", 8, seed=1))
    assert large != list(instruct_lora.cycled(range(100), 8, seed=2))


def test_a_coach_s_configuration_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(LoraConfig().as_dict()))

    with pytest.raises(Failed, match="answer-1"):
        instruct_lora.lay_out(tmp_path, 8)


def test_the_answer_prompt_asks_and_learns_without_labels():
    prompt = prompts.by_version(prompts.ANSWER)
    pair = PairText(instruction="Add.", input="1 and 2", response="3")

    assert prompt.render(pair, "Improve.") == "Add.\n\n1 and 2"
    assert prompt.render(PairText(instruction="Add.", input=""), "") == "Add."
    assert prompt.target(pair) == "3"
    assert prompts.ANSWER not in prompts.PROMPTS
