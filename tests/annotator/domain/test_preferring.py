"""What people's deeds with a pair say about which text is better."""

from __future__ import annotations

from dataclasses import replace

from annotator.domain.preferring import (
    MOST_HUNKS,
    PairDeeds,
    ShownDraft,
    preferences,
    rejections,
)
from revision_engine.types import PairText
from training.preferences import PreferenceKind, read_preferences, write_preferences

RAW = PairText(instruction="Name a bird.", response="The robin sings. It is red.")
DRAFT = replace(RAW, response="The small robin sings. It is bright red.")
PARTLY = replace(RAW, response="The small robin sings. It is red.")


def deeds(final: PairText, **values) -> PairDeeds:
    told = {"source_id": "review:1", "raw": RAW, "draft": ShownDraft(DRAFT), **values}
    return PairDeeds(final=final, **told)


def told(given: PairDeeds) -> list[tuple[str, str, str]]:
    return [
        (one.kind, one.chosen.response, one.rejected.response)
        for one in preferences(given)
    ]


def test_a_rejected_change_makes_a_pair_that_differs_by_it_alone():
    hunk = [one for one in told(deeds(PARTLY)) if one[0] == PreferenceKind.HUNK]

    assert not hunk  # with the one rejected change made, the text is the draft itself
    own = replace(PARTLY, response=PARTLY.response + " Listen to it at dawn.")
    [(_, chosen, rejected)] = [
        one for one in told(deeds(own)) if one[0] == PreferenceKind.HUNK
    ]
    assert chosen == own.response
    assert rejected == own.response.replace("is red", "is bright red")


def test_the_final_text_is_preferred_over_the_draft_it_was_made_from():
    final = (PreferenceKind.FINAL, PARTLY.response, DRAFT.response)
    taken = (PreferenceKind.TAKEN, PARTLY.response, RAW.response)

    assert told(deeds(PARTLY)) == [final, taken]


def test_each_change_that_was_taken_makes_a_pair_that_lacks_it_alone():
    without_small = "The robin sings. It is bright red."
    without_bright = "The small robin sings. It is red."

    assert set(told(deeds(DRAFT))) == {
        (PreferenceKind.TAKEN, DRAFT.response, without_small),
        (PreferenceKind.TAKEN, DRAFT.response, without_bright),
    }


def test_what_a_person_typed_stands_on_both_sides_of_a_taken_change():
    own = replace(PARTLY, response=PARTLY.response + " Listen to it at dawn.")
    [(_, chosen, rejected)] = [
        one for one in told(deeds(own)) if one[0] == PreferenceKind.TAKEN
    ]
    assert chosen == own.response
    assert rejected == own.response.replace("small ", "")


def test_a_field_that_the_coach_filled_is_not_preferred_over_an_empty_one():
    raw = replace(RAW, response="")

    kinds = {kind for kind, _, _ in told(deeds(DRAFT, raw=raw))}

    assert PreferenceKind.TAKEN not in kinds


def test_a_pair_that_was_kept_raw_is_preferred_over_its_draft():
    found = told(deeds(RAW))

    assert found[0] == (PreferenceKind.KEPT_RAW, RAW.response, DRAFT.response)
    assert {kind for kind, _, _ in found[1:]} == {PreferenceKind.HUNK}
    assert len(found) == 3


def test_what_was_sent_back_or_mended_is_worse_than_what_was_taken():
    sent_back = replace(RAW, response="The robin sings.")

    found = told(deeds(DRAFT, returned=[sent_back, DRAFT]))

    taken = (PreferenceKind.RETURN, DRAFT.response, sent_back.response)
    assert [one for one in found if one[0] == PreferenceKind.RETURN] == [taken]


def test_the_candidate_that_was_chosen_stands_with_what_was_asked_for():
    first = replace(RAW, response="The robin sings, and sings, and sings.")
    shorter = ShownDraft(DRAFT, hint="shorter")

    one, *rest = preferences(deeds(DRAFT, draft=shorter, others=[ShownDraft(first)]))

    assert {each.kind for each in rest} == {PreferenceKind.TAKEN}
    assert (one.kind, one.hint) == (PreferenceKind.CANDIDATE, "shorter")
    assert (one.chosen, one.rejected) == (DRAFT, first)


def test_no_candidate_is_better_where_the_raw_pair_was_kept():
    others = [ShownDraft(replace(RAW, response="Another."))]

    kinds = {kind for kind, _, _ in told(deeds(RAW, others=others))}

    assert PreferenceKind.CANDIDATE not in kinds


def test_a_pair_without_a_draft_tells_of_its_returns_alone():
    [(kind, _, _)] = told(deeds(PARTLY, draft=None, returned=[RAW]))

    assert kind == PreferenceKind.RETURN


def test_a_draft_of_many_rejected_changes_does_not_outweigh_other_pairs():
    words = [f"word{n} stays here for good." for n in range(12)]
    raw = replace(RAW, response=" ".join(words))
    draft = replace(RAW, response=" ".join(f"new{n} {w}" for n, w in enumerate(words)))

    found = told(deeds(raw, raw=raw, draft=ShownDraft(draft)))

    assert len(found) == 1 + MOST_HUNKS


def test_fields_are_laid_over_each_other_one_by_one():
    draft = PairText(instruction="Name a small bird.", response=DRAFT.response)
    final = replace(DRAFT, instruction=RAW.instruction)

    found = list(preferences(deeds(final, draft=ShownDraft(draft))))

    taken = [PreferenceKind.TAKEN] * 2
    assert [one.kind for one in found] == [PreferenceKind.FINAL, *taken]
    assert found[0].rejected == draft


def test_a_change_that_was_taken_is_no_rejection():
    assert list(rejections(RAW.response, DRAFT.response, DRAFT.response)) == []


def test_what_is_written_is_read_back(tmp_path):
    found = list(preferences(deeds(RAW)))

    write_preferences(tmp_path / "preferences.jsonl", found)

    assert list(read_preferences(tmp_path / "preferences.jsonl")) == found
