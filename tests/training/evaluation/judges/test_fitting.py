import json
from dataclasses import replace

import numpy as np
import pytest

from revision_engine.types import PairText
from tests.training.evaluation.judges.revisions import revisions
from training.evaluation.judges import form
from training.evaluation.judges.damages import DAMAGES
from training.evaluation.judges.embedded import SHIPPED, EmbeddedJudge
from training.evaluation.judges.fitting import HELD_OUT, fit, length_balance
from training.evaluation.judges.judge import Contest, Winner
from training.evaluation.judges.preference_model import PreferenceModel, UnfitModel
from training.examples import is_held_out


@pytest.fixture(scope="module")
def model() -> PreferenceModel:
    return fit(revisions(300))


def accuracy(model: PreferenceModel, judge: str, pairs: str) -> float:
    [found] = [
        row.value
        for row in model.papers.accuracies
        if (row.judge, row.pairs) == (judge, pairs)
    ]
    return found


def test_it_learns_what_the_experts_like(model):
    likes = dict(zip(form.FEATURES, model.weights, strict=True))

    assert likes["paragraphs"] > 0
    assert accuracy(model, "this", "of like length") == 1.0
    assert accuracy(model, "this", "of like length, held out") == 1.0


def test_it_says_what_length_alone_would_reach(model):
    assert accuracy(model, "longer is better", "all") == 0.9
    assert model.papers.beats_length
    assert model.papers.gain == pytest.approx(
        1 - accuracy(model, "longer is better", "of like length")
    )


def test_experts_without_a_preference_make_no_judge_that_beats_length():
    rows = [
        replace(row, raw=row.revised, revised=row.raw) if number % 3 else row
        for number, row in enumerate(revisions(300))
        if number % 3 < 2
    ]

    assert not fit(rows).papers.beats_length


def test_held_out_pairs_do_not_move_the_weights(model):
    rows = revisions(300)
    out = [is_held_out(row.fingerprint, HELD_OUT) for row in rows]
    other = PairText(instruction="x", response="y")
    turned = [
        replace(row, revised=other) if is_out else row
        for row, is_out in zip(rows, out, strict=True)
    ]

    assert any(out)
    assert fit(turned).weights == model.weights


def test_revisions_that_change_nothing_are_left_out_and_counted():
    same = [replace(row, revised=row.raw) for row in revisions(10)]

    told = fit([*revisions(300)[10:], *same]).papers

    assert told.unchanged == 10
    assert told.fitted_on + told.held_out == 290


def test_too_few_revisions_say_nothing():
    with pytest.raises(UnfitModel, match="There are 199 revisions"):
        fit(revisions(199))
    with pytest.raises(UnfitModel, match="0 revisions of like length"):
        fit([row for row in revisions(300) if int(row.source_id) % 5])


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_learns_what_small_models_do_wrong_too(model, damage):
    assert accuracy(model, "this", damage) > 0.65


def test_damaged_texts_are_what_they_are_called():
    pairs = [
        PairText(instruction=f"{n}?", response=f"{n} and so on.") for n in range(3)
    ]

    off, broken, looping = (damage(pairs) for damage in DAMAGES.values())

    assert [pair.response[0] for pair in off] == ["1", "2", "0"]
    assert [pair.instruction for pair in off] == ["0?", "1?", "2?"]
    assert broken[0].response == "0 and "
    assert looping[0].response == " ".join(["0 and so on."] * 6)


def test_the_rarer_change_of_length_counts_more():
    times = length_balance(np.array([0.3, 0.3, 0.3, -0.3, 0.0]))

    assert times[3] == pytest.approx(3 * times[0])
    assert times.mean() == pytest.approx(1)


def test_a_model_is_read_as_it_was_written(model, tmp_path):
    model.write(tmp_path / "judge.json")

    assert PreferenceModel.read(tmp_path / "judge.json") == model


def test_a_file_that_is_no_model_is_refused(model, tmp_path):
    path = tmp_path / "judge.json"
    path.write_text("{")
    with pytest.raises(UnfitModel, match="is no JSON"):
        PreferenceModel.read(path)
    path.write_text("[]")
    with pytest.raises(UnfitModel, match="cannot be read"):
        PreferenceModel.read(path)
    model.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"features": 99}))
    with pytest.raises(UnfitModel, match="fit it anew"):
        PreferenceModel.read(path)


def test_ratings_are_places_among_the_texts_of_the_fit(model):
    judge, rows = EmbeddedJudge(model), revisions(300)

    before = [each.rating for each in judge.rate([row.raw for row in rows])]
    after = [each.rating for each in judge.rate([row.revised for row in rows])]

    assert np.mean(before + after) == pytest.approx(2.5, abs=0.1)
    assert np.mean(after) > np.mean(before) + 1
    assert judge.rate([]) == []


def test_a_preference_does_not_depend_on_the_order(model):
    judge, row = EmbeddedJudge(model), revisions(1)[0]

    [found, turned, same] = judge.prefer(
        [
            Contest(first=row.raw, second=row.revised),
            Contest(first=row.revised, second=row.raw),
            Contest(first=row.raw, second=row.raw),
        ]
    )

    assert (found.winner, turned.winner) == (Winner.SECOND, Winner.FIRST)
    assert found.consistent
    assert "- paragraphs" in found.reason
    assert (same.winner, same.reason) == (Winner.TIE, "")


def test_it_knows_which_pairs_it_was_fitted_on(model):
    judge, rows = EmbeddedJudge(model), revisions(300)

    seen = [judge.has_seen(row.raw) for row in rows]

    assert seen == [not is_held_out(row.fingerprint, HELD_OUT) for row in rows]
    assert not judge.has_seen(PairText(instruction="New.", response="New."))


def test_the_shipped_judge_has_papers_that_say_how_far_it_gets():
    judge = EmbeddedJudge.shipped()
    told = judge.model.papers

    assert (told.fitted_on, told.held_out) == (1883, 190)
    assert told.beats_length
    assert SHIPPED.stat().st_size < 100_000
    [good, bad] = judge.rate(
        [
            PairText(
                instruction="Name two colours of the flag of Poland.",
                response="The flag of Poland has two colours:\n\n1. White, above.\n\n"
                "2. Red, below.",
            ),
            PairText(instruction="name colours", response="white"),
        ]
    )
    assert good.rating is not None
    assert bad.rating is not None
    assert good.rating > bad.rating
