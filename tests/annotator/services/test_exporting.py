"""An export holds what counts of each accepted pair, in every shape."""

from __future__ import annotations

import pytest

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.formats.exports.orders import ExportOrder
from annotator.formats.revised_rows import alpaca
from annotator.formats.side_columns import with_columns
from annotator.models import AuditEvent, Export, HunkDecision, Pair, Verdict
from annotator.services import exporting
from tests import exported_pairs, factories
from tests.exported_pairs import TURNS, lines, written
from training.examples import edit_distance, read_jsonl

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return exported_pairs.make()


def by_the_orm(review) -> dict:
    """The row of an accepted review, read off the models field by field."""
    pair, draft, fix, verdict = review.pair, review.draft, review.fix, review.verdict
    row = {
        **alpaca(review.outcome),
        **({"system": "You are kind."} if pair.context else {}),
        **({"history": [["Hello?", "Good day."]]} if pair.context else {}),
        "id": pair.external_id or None,
        "category": pair.category or None,
        "provenance": {
            "pair": pair.pk,
            "batch": pair.batch.name,
            "row": pair.row,
            "fingerprint": pair.fingerprint,
            "arm": review.arm,
            "decision": review.decision,
            "imported_revision": review.is_imported,
            "distance_raw_final": review.outcome_distance,
            "distance_draft_final": review.distance_draft_final,
            "coach": draft.coach.name if draft else None,
            "adapter_sha256": draft.adapter_sha256 if draft else None,
            "prompt": draft.prompt if draft else None,
            "reviewed_by": review.author.username if review.author else None,
            "opened_at": review.opened_at and review.opened_at.isoformat(),
            "submitted_at": review.submitted_at.isoformat(),
            "quality": verdict.kind,
            "judged_by": verdict.judge.username if verdict.judge else None,
            "judged_by_author": verdict.is_own,
            "distance_review_fix": fix.distance if fix else 0,
            "accepted_at": verdict.created_at.isoformat(),
            "active_seconds": round(review.active_seconds, 1),
        },
    }
    return with_columns(row, pair.extra)


def test_each_row_is_what_the_models_say_in_the_order_of_the_import(made):
    project, lead = made

    found = lines(project, lead)

    wanted = [by_the_orm(review) for review in exported_pairs.reviews(project)]
    assert len(wanted) == 5
    assert found == wanted
    assert [list(row) for row in found] == [list(row) for row in wanted]


def test_only_the_texts_go_out_if_nothing_is_wanted_beside_them(made):
    project, lead = made

    found = lines(project, lead, beside="nothing")

    turned = {"instruction", "input", "output", "system", "history"}
    assert [set(row) for row in found if "history" in row] == [turned]
    assert {tuple(row) for row in found if "history" not in row} == {
        ("instruction", "input", "output")
    }


def test_a_chat_has_the_turns_before_the_pair_and_input_behind_the_instruction(made):
    project, lead = made
    reviews = exported_pairs.reviews(project)

    found = lines(project, lead, shape="messages")

    for row, review in zip(found, reviews, strict=True):
        final = review.outcome
        *before, asked, answer = row["messages"]
        wanted = final.instruction + (f"\n\n{final.input}" if final.input else "")
        assert before == (TURNS if review.pair.context else [])
        assert asked == {"role": "user", "content": wanted}
        assert answer == {"role": "assistant", "content": final.response}
    assert any(review.pair.context for review in reviews)
    assert any(review.outcome.input for review in reviews)


def test_sharegpt_says_the_same_in_its_own_words(made):
    project, lead = made
    names = {"system": "system", "human": "user", "gpt": "assistant"}

    chats = lines(project, lead, shape="sharegpt")

    plain = lines(project, lead, shape="messages")
    for chat, row in zip(chats, plain, strict=True):
        turns = [
            {"role": names[turn["from"]], "content": turn["value"]}
            for turn in chat["conversations"]
        ]
        assert turns == row["messages"]


def test_prompts_and_completions_keep_earlier_turns_beside_them(made):
    project, lead = made

    found = lines(project, lead, shape="prompt_completion", beside="columns")

    (turned,) = [row for row in found if "history" in row]
    assert turned["history"] == [["Hello?", "Good day."]]
    assert turned["system"] == "You are kind."
    assert turned["id"] == 7
    assert {"prompt", "completion"} <= set(turned)
    assert turned["provenance"] == {"from": "elsewhere"}  # the file's own


def test_revisions_have_the_published_keys_and_the_distance(made):
    project, lead = made

    found = lines(project, lead, shape="revisions", beside="nothing")

    for row, review in zip(found, exported_pairs.reviews(project), strict=True):
        raw, final = review.pair.text, review.outcome
        assert {k: v for k, v in row.items() if k not in ("system", "history")} == {
            "Raw Instruction": raw.instruction,
            "Raw Input": raw.input,
            "Raw Response": raw.response,
            "Revised Instruction": final.instruction,
            "Revised Input": final.input,
            "Revised Response": final.response,
            "Distance": edit_distance(raw, final),
        }


def test_the_coach_set_is_what_training_reads_without_held_out_pairs(made, settings):
    project, lead = made
    settings.HELD_OUT_SHARE = 0.5

    export, path = written(project, lead, shape="coach")

    examples = list(read_jsonl(path))
    left_out = export.manifest["left_out"]["held out for measuring coaches"]
    assert len(examples) + left_out == 5
    assert 0 < left_out < 5
    for example in examples:
        assert example.distance == edit_distance(example.raw, example.revised)
    settings.HELD_OUT_SHARE = 0.0
    whole = list(read_jsonl(written(project, lead, shape="coach")[1]))
    assert sorted(example.fixed for example in whole) == [False] * 3 + [True] * 2


def test_preferences_are_for_the_final_text_and_against_another_one(made):
    project, lead = made

    of_drafts = lines(project, lead, shape="dpo", rejected="draft")
    of_raws = lines(project, lead, shape="dpo", rejected="raw")

    reviews = exported_pairs.reviews(project)
    drafted = [r for r in reviews if r.draft and r.draft.response != r.outcome.response]
    assert [(row["chosen"], row["rejected"]) for row in of_drafts] == [
        (r.outcome.response, r.draft.response) for r in drafted
    ]
    assert drafted
    assert [(row["chosen"], row["rejected"]) for row in of_raws] == [
        (r.outcome.response, r.pair.response) for r in reviews
    ]


def test_kto_labels_each_text(made):
    project, lead = made

    found = lines(project, lead, shape="kto", rejected="raw")

    assert [row["label"] for row in found] == [True, False] * 5
    raws = [review.pair.response for review in exported_pairs.reviews(project)]
    assert [row["completion"] for row in found if not row["label"]] == raws


def test_a_rejected_hunk_becomes_a_minimal_pair():
    project = factories.make_drafted(1)
    lead = factories.make_member(project, Role.LEAD, "lena")
    annotator = factories.make_member(project, Role.ANNOTATOR, "anna")
    pair = Pair.objects.get()
    review = factories.review(project, annotator, pair.text)  # the draft's change: no
    assert HunkDecision.objects.get().outcome == "rejected"
    accept(review)

    (row,) = lines(project, lead, shape="dpo", rejected="hunks")

    assert row["chosen"] == pair.response
    assert row["rejected"] == f"{pair.response} It has a history, too."
    assert row["change"] == {"kept": "", "rejected": " It has a history, too."}


def accept(review):
    Verdict.objects.create(review=review, accepted=True, kind=Verdict.Kind.UNSAMPLED)
    Pair.objects.filter(pk=review.pair_id).update(state="accepted")


def test_an_audit_has_all_that_is_known_of_each_pair(made):
    project, lead = made

    found = lines(project, lead, shape="audit", state="all")

    assert len(found) == Pair.objects.filter(project=project).count() == 8
    first = found[0]
    (review,) = first["reviews"]
    assert first["raw"]["output"].startswith("It is the word")
    assert review["verdict"]["fix"]["text"] == first["final"]
    assert review["text"] != first["final"]
    assert first["drafts"][0]["coach"] == "first coach"
    assert first["comments"][0]["body"] == "Look at this."
    assert review["hunks"]
    assert "submitted" in [event["action"] for event in first["events"]]
    sent_back = [r for row in found for r in row["reviews"] if r["verdict"]]
    assert ["style"] in [r["verdict"]["reasons"] for r in sent_back]
    assert [row["id"] for row in found if row["id"]] == [7]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"looked": "judged"}, 2),
        ({"looked": "unjudged"}, 3),
        ({"person": "anna"}, 3),
        ({"person": "lena"}, 0),
        ({"coach": 0}, 2),
        ({"category": "nature"}, 1),
        ({"category": "-"}, 4),
        ({"since": "2999-01-01"}, 0),
        ({"until": "2999-01-01"}, 5),
        ({"shape": "audit", "state": "unreviewed"}, 3),
        ({"shape": "audit", "state": "excluded"}, 0),
        ({"shape": "audit", "state": "all", "looked": "judged"}, 2),
    ],
)
def test_filters_narrow_and_the_count_says_so_beforehand(made, asked, count):
    project, lead = made
    order = ExportOrder.from_dict(asked)

    before = exporting.count(project=project, actor=lead, order=order)

    export, _ = written(project, lead, **asked)
    assert (before, export.rows, export.manifest["pairs"]) == (count, count, count)


def test_a_batch_narrows_and_a_strange_one_is_named(made):
    project, lead = made
    last = project.batches.latest("pk")

    assert len(lines(project, lead, batch=last.pk)) == 2
    with pytest.raises(Invalid, match="no batch 999"):
        lines(project, lead, batch=999)
    with pytest.raises(Invalid, match="nobody called nina"):
        lines(project, lead, person="nina")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"shape": "poem"}, "shape must be one of alpaca"),
        ({"file": "jsonl", "colour": "red"}, "unknown in an export: colour"),
        ({"file": "parquet", "gzip": True}, "gzip goes with jsonl, csv"),
        ({"state": "all"}, "only an audit export"),
        ({"since": "2026-02-30"}, "since must be a day"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "is after until"),
        ({"batch": "first"}, "batch must be a whole number"),
        ({"batch": 10**40}, "batch must be a whole number"),
        ({"person": "a\0"}, "person must be a text"),
        ({"gzip": "yes"}, "gzip must be true or false"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_by_name(asked, said):
    with pytest.raises(Invalid, match=said):
        exporting.order_of(asked)


def test_an_order_comes_out_of_the_row_as_it_was_asked_for():
    order = ExportOrder.from_dict(
        {"shape": "kto", "rejected": "hunks", "since": "2026-01-02", "coach": 0}
    )

    assert ExportOrder.from_dict(order.as_dict()) == order


def test_the_history_of_an_accepted_pair_says_once_that_it_went_out(made):
    project, lead = made

    written(project, lead, shape="audit", state="all")
    written(project, lead)

    told = AuditEvent.objects.filter(action="exported")
    assert {event.pair_id for event in told} == set(
        Pair.objects.filter(state="accepted").values_list("pk", flat=True)
    )
    assert told.count() == 5
    assert {event.actor for event in told} == {lead}


def test_others_may_not_export(made):
    project, _ = made
    nora = factories.make_member(project, Role.REVIEWER, "nora")

    with pytest.raises(NotAllowed):
        exporting.request(project=project, actor=nora, order=ExportOrder())

    assert not Export.objects.exists()
