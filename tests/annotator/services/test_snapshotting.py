"""What a coach learns from is chosen by a query, frozen, and counted beforehand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Review, Verdict
from annotator.services import quality, scheduling, snapshotting
from revision_engine.types import CoachRef
from tests import factories
from training.examples import read_jsonl
from training.models import CoachVersion, SnapshotItem, TrainingRun
from training.selection import to_test_first
from training.services import registry, runs

pytestmark = pytest.mark.django_db
TRAIN, HELD_OUT = SnapshotItem.Role.TRAIN, SnapshotItem.Role.HELD_OUT
FIRST = SnapshotItem.Role.TESTED_FIRST


@pytest.fixture
def project():
    return factories.make_project(alpha=1.0)


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN)


def accepted(project, count: int = 20) -> None:
    factories.import_rows(project, factories.rows(count, revised=True))


def start(project, ada, **asked) -> TrainingRun:
    """Queue a run; one that waited is out of the way first."""
    for waiting in TrainingRun.objects.filter(state=TrainingRun.State.QUEUED):
        runs.cancel(run=waiting)
    plan = snapshotting.plan_for(project, **asked)
    return snapshotting.start_run(project=project, actor=ada, plan=plan)


def prints(run: TrainingRun, role: str) -> set[str]:
    return set(
        run.snapshot.items.filter(role=role).values_list("fingerprint", flat=True)
    )


def test_the_preview_counts_what_the_run_then_freezes(project, ada):
    accepted(project)
    plan = snapshotting.plan_for(project, alpha=0.5)

    preview = snapshotting.preview(project, plan)
    run = snapshotting.start_run(project=project, actor=ada, plan=plan)

    assert preview.accepted == run.snapshot.offered == 20
    assert preview.selected == len(prints(run, TRAIN)) > 0
    assert preview.held_out == len(prints(run, HELD_OUT)) > 0
    assert preview.distance.low <= preview.distance.median <= preview.distance.high
    assert run.snapshot.selection == {"kind": "most_revised", "alpha": 0.5}


def test_a_snapshot_stands_when_the_reviews_change(project, ada):
    accepted(project)
    run = start(project, ada)
    before = (
        run.snapshot.sha256,
        list(run.snapshot.items.values_list("revised_response")),
    )

    Review.objects.update(response="overwritten")

    assert before[1] == list(run.snapshot.items.values_list("revised_response"))
    assert start(project, ada).snapshot.sha256 != before[0]


def test_the_same_reviews_have_the_same_digest(project, ada):
    accepted(project)

    assert start(project, ada).snapshot.sha256 == start(project, ada).snapshot.sha256


def test_what_was_held_out_once_is_never_trained_on(project, ada, settings):
    accepted(project)
    settings.HELD_OUT_SHARE = 0.4
    first = start(project, ada)

    settings.HELD_OUT_SHARE = 0.0
    second = start(project, ada)

    assert prints(second, HELD_OUT) == prints(first, HELD_OUT) != set()
    assert not prints(second, TRAIN) & prints(first, HELD_OUT)


def test_a_pair_that_asks_the_same_as_a_held_out_one_is_left_out(project, ada):
    accepted(project)
    held_out = start(project, ada).snapshot.items.filter(role=HELD_OUT).first()
    twin = factories.rows(1, revised=True)[0] | {
        "Raw Instruction": f"  {held_out.raw_instruction.upper()} ",
        "Raw Response": "Another answer to the very same.",
    }
    factories.import_rows(project, [twin])

    preview = snapshotting.preview(project, snapshotting.plan_for(project))

    assert preview.leaked == 1


def test_the_query_chooses_by_person_arm_time_and_quality_control(project, ada):
    accepted(project, 6)
    factories.make_coach(project)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    rosa = factories.make_member(project, Role.REVIEWER)
    factories.import_rows(project, factories.rows(9)[6:])
    factories.draft_all(project)
    for _ in range(2):
        factories.review(project, anna)
        quality.accept(token=_claimed(project, rosa), person=rosa)
    returned = factories.review(project, anna)
    quality.send_back(token=_claimed(project, rosa), person=rosa, reason="style")
    again = factories.review(project, anna)
    quality.accept(token=_claimed(project, rosa), person=rosa)
    assert again.pair == returned.pair
    Verdict.objects.filter(review=again).update(
        created_at=datetime(2026, 1, 31, 12, tzinfo=UTC)
    )

    def found(**asked) -> int:
        query = snapshotting.plan_for(project, **asked).query
        return len(list(snapshotting.accepted_examples(project, query)))

    assert found() == 9
    assert found(people=["anna"]) == 3
    assert found(arm="coached", people=["anna"]) == 3
    assert found(arm="control") == 0
    assert found(control="imported") == 6
    assert found(control="at_once") == 2
    assert found(control="corrected") == 1
    assert found(until="2026-01-31") == 1
    assert found(since="2026-02-01") == 8
    corrected = [e for e in snapshotting.accepted_examples(project) if e.fixed]
    assert [e.source_id for e in corrected] == [f"review:{again.pk}"]


def _claimed(project, rosa):
    return factories.claim(project, rosa, Stage.QUALITY).token


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": "two"}, "epochs must be of the type int"),
        ({"colour": "blue"}, "colour"),
        ({"selection": "best"}, "selection"),
        ({"alpha": 2}, "alpha"),
        ({"since": "tomorrow"}, "since"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "since"),
        ({"arm": "left"}, "arm"),
        ({"prompt": "none"}, "coachlm-1"),
        ({"start": "afar"}, "start must be one of imported, active, base, got 'afar'"),
        ({"start_from": "0" * 64}, "start_from"),
        ({"base_model": "/etc"}, "COACHLM_BASE_MODELS"),
        ({"base_model": "someone/pickled"}, "COACHLM_BASE_MODELS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(project, asked, named):
    with pytest.raises(Invalid, match=named):
        snapshotting.plan_for(project, **asked)


def test_a_run_goes_on_from_what_it_was_asked_to(project, ada, settings):
    accepted(project)
    settings.BASE_MODEL, settings.BASE_MODELS = "none", ["other"]
    came = factories.make_coach(project, "came with the project")
    shaped = {"rank": 4, "lora_alpha": 8, "targets": "q_proj"}
    first = start(project, ada, start="base", base_model="none", **shaped)
    made = registered(first)

    assert snapshotting.plan_for(project).parent == came
    assert snapshotting.plan_for(project, start="base").parent is None
    assert snapshotting.plan_for(project, start="active").parent == made
    assert snapshotting.plan_for(project, base_model="other").parent is None
    second = start(project, ada, start="active", epochs=3)
    assert (second.parent, first.parent) == (made, None)
    assert second.config["start_from"] == made.adapter_sha256
    assert {name: second.config[name] for name in shaped} == shaped
    project.train_from = "active"
    assert snapshotting.plan_for(project).parent == made


def test_a_run_has_the_prompt_of_the_coach_that_it_goes_on_from(project, settings):
    settings.BASE_MODEL = "none"
    coach = factories.make_coach(project)

    assert coach.prompt == "coachlm-1"
    assert snapshotting.plan_for(project).config.prompt == "coachlm-1"
    assert snapshotting.plan_for(project, start="base").config.prompt == "coachlm-2"
    assert snapshotting.plan_for(project, prompt="coachlm-2").parent is None


def registered(run: TrainingRun) -> CoachVersion:
    """The coach that a run might have made, active."""
    TrainingRun.objects.filter(pk=run.pk).update(state=TrainingRun.State.READY)
    run.refresh_from_db()
    ref = CoachRef(
        name="made here",
        base_model="none",
        adapter="b" * 32,
        adapter_sha256="b" * 64,
        prompt="coachlm-1",
        wording="Improve.",
    )
    coach = registry.register(scope=run.scope, ref=ref, run=run)
    registry.promote(coach=coach, actor=None, reason="to go on from")
    return coach


def test_a_shape_that_the_parent_does_not_have_is_named(project, ada, settings):
    accepted(project)
    settings.BASE_MODEL = "none"
    coach = registered(start(project, ada, start="base", rank=4))

    with pytest.raises(Invalid, match=f"rank is 4 in {coach}"):
        snapshotting.plan_for(project, start="active", rank=8)


def test_nobody_of_that_name_is_told(project):
    plan = snapshotting.plan_for(project, people=["nobody"])

    with pytest.raises(Invalid, match="nobody"):
        snapshotting.preview(project, plan)


def test_only_those_who_may_train_start_a_run(project):
    accepted(project)
    anna = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        start(project, anna)


def test_without_accepted_reviews_no_run_starts(project, ada):
    with pytest.raises(snapshotting.NotEnough, match="0 accepted"):
        start(project, ada)


def scheduled(project, **values) -> None:
    for name, value in {"retrain_after": 20, "retrain_days": 3, **values}.items():
        setattr(project, name, value)
    project.save()


def test_a_run_starts_by_itself_once_enough_was_accepted(project):
    scheduled(project)
    accepted(project, 19)
    assert scheduling.retrain_when_due() == []
    factories.import_rows(project, factories.rows(21, revised=True))

    [run] = scheduling.retrain_when_due()

    assert run.created_by is None
    assert run.snapshot.offered == 21
    assert scheduling.schedule(project).busy
    assert scheduling.retrain_when_due() == []


def test_the_next_run_waits_for_its_days_and_its_reviews(project, ada):
    scheduled(project)
    accepted(project, 25)
    run = start(project, ada)
    runs.cancel(run=run)
    factories.import_rows(project, factories.rows(60, revised=True))

    waiting = scheduling.schedule(project)
    TrainingRun.objects.update(created_at=timezone.now() - timedelta(days=3, hours=1))
    then = scheduling.schedule(project)

    assert waiting.collected == 35
    assert waiting.not_before == run.created_at + timedelta(days=3)
    assert not waiting.due
    assert then.due


def test_a_paused_schedule_starts_nothing(project):
    scheduled(project, retrain_paused=True)
    accepted(project)

    assert scheduling.retrain_when_due() == []
    assert not scheduling.schedule(project).due


def test_one_run_of_a_project_waits_at_most_and_the_refusal_names_it(project, ada):
    accepted(project)
    waiting = start(project, ada)
    plan = snapshotting.plan_for(project)

    with pytest.raises(snapshotting.RunWaits, match=f"Run {waiting.pk} waits") as fault:
        snapshotting.start_run(project=project, actor=ada, plan=plan)

    assert fault.value.status == 409
    assert TrainingRun.objects.count() == 1
    runs.begin(waiting.pk)
    assert snapshotting.start_run(project=project, actor=ada, plan=plan)


def test_a_run_is_not_resumed_beside_one_that_waits(project, ada):
    accepted(project)
    ended = start(project, ada)
    waiting = start(project, ada)

    with pytest.raises(runs.RunWaits, match=f"Run {waiting.pk} waits"):
        runs.resume(run=ended)

    runs.cancel(run=waiting)
    assert runs.resume(run=ended).state == TrainingRun.State.QUEUED


def test_projects_do_not_wait_for_each_other(project, ada):
    accepted(project)
    start(project, ada)
    other = factories.make_project(slug="other", alpha=1.0)
    accepted(other)
    plan = snapshotting.plan_for(other)

    assert snapshotting.start_run(project=other, actor=None, plan=plan)


def test_while_few_are_held_out_the_newest_are_tested_before_they_are_learned(
    project, ada
):
    accepted(project, 100)
    plan = snapshotting.plan_for(project)
    newest = [one.fingerprint for one in snapshotting.accepted_examples(project)]

    preview = snapshotting.preview(project, plan)
    first = start(project, ada)

    held_out, tested, train = (prints(first, r) for r in (HELD_OUT, FIRST, TRAIN))
    others = [one for one in newest if one not in held_out]
    assert tested == set(others[: len(others) // 3])
    assert preview.tested_first == len(tested)
    assert preview.measured == len(held_out | tested) >= preview.minimum_pairs
    assert train == set(newest) - held_out - tested
    folder = runs.prepare(first)
    measured = list(read_jsonl(folder / "held_out.jsonl"))
    assert {one.fingerprint for one in measured} == held_out | tested


def test_what_was_tested_first_is_learned_by_a_later_run(project, ada):
    accepted(project, 100)
    first = start(project, ada)
    factories.import_rows(project, factories.rows(200, revised=True)[100:])

    second = start(project, ada)

    assert prints(first, FIRST) & prints(second, TRAIN)
    assert not prints(first, FIRST) & prints(second, HELD_OUT)


def test_a_pair_that_the_active_coach_has_learned_is_no_test(project, ada):
    accepted(project, 100)
    first = start(project, ada)
    coach = factories.make_coach(project)
    CoachVersion.objects.filter(pk=coach.pk).update(run=first)

    second = start(project, ada)

    assert prints(first, TRAIN)
    assert not prints(second, FIRST) & prints(first, TRAIN)


@pytest.mark.parametrize(
    ("held_out", "others", "new", "minimum", "first"),
    [
        (10, 90, 90, 30, 30),  # a hundred accepted reviews
        (10, 90, 25, 30, 25),
        (10, 90, 15, 30, 0),  # too few to decide anything: all are learned
        (6, 54, 54, 30, 0),
        (6, 73, 73, 30, 24),
        (30, 270, 270, 30, 30),
        (59, 541, 541, 30, 1),
        (60, 540, 540, 30, 0),
        (10, 90, 90, 45, 0),
        (0, 0, 0, 2, 0),
    ],
)
def test_how_many_are_tested_first(held_out, others, new, minimum, first):
    assert to_test_first(held_out, others, new, minimum) == first
