"""Tallies are what the rows say, whatever people do and in whatever order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings, strategies

from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.domain.steps import Step
from annotator.models import (
    AuditEvent,
    Pair,
    PairTally,
    Review,
    ReviewTally,
    StaleHour,
    TallyState,
)
from annotator.selectors import undoable
from annotator.services import (
    excluding,
    giving_back,
    handing_out,
    quality,
    queueing,
    reviewing,
    screening,
    undoing,
)
from annotator.services.reviewing import Marks
from annotator.services.tallies import folding, recounting, sql
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
DAY, MONTH = ReviewTally.Grain.DAY, ReviewTally.Grain.MONTH


@pytest.fixture
def project():
    return factories.make_drafted(6)


def judge(project, person, *, reason=""):
    token = factories.claim(project, person, Stage.QUALITY).token
    if reason:
        quality.send_back(token=token, person=person, reason=reason)
    else:
        quality.accept(token=token, person=person)


def pairs(project, name):
    return sum(getattr(t, name) for t in PairTally.objects.filter(project=project))


def reviews(project, name, grain=DAY):
    found = ReviewTally.objects.filter(project=project, grain=grain, whole=False)
    return sum(getattr(tally, name) for tally in found)


def test_a_step_counts_each_pair_once(project, anna, lena):
    factories.review(project, anna)
    judge(project, lena, reason="style")
    factories.review(project, anna)
    judge(project, lena)

    folding.fold(project)

    found = {name: pairs(project, name) for name in Step}
    assert found == {
        "imported": 6,
        "excluded": 0,
        "drafted": 6,
        "undrafted": 0,
        "reviewed": 1,
        "returned": 1,
        "accepted": 1,
        "ready_made": 0,
        "exported": 0,
    }
    assert pairs(project, "now_ready") == 5
    assert pairs(project, "now_accepted") == 1


def test_reviews_are_counted_by_what_became_of_them(project, anna, lena):
    mine = PairText(instruction="Quite another thing.", response="All typed anew.")
    factories.review(project, anna)
    factories.review(project, anna, mine)
    judge(project, lena)
    judge(project, lena, reason="unsafe")

    folding.fold(project)

    for grain in (DAY, MONTH):
        found = {name: reviews(project, name, grain) for name in sql.SUMS}
        assert (found["reviews"], found["usable"], found["measured"]) == (2, 2, 2)
        assert (found["as_is"], found["rewritten"]) == (1, 1)
        assert (found["passed"], found["returned"]) == (1, 1)
        assert found["touched_instruction"] == found["touched_response"] == 1
        total = found["in_instruction"] + found["in_input"] + found["in_response"]
        assert total == found["draft_final"] > 0
    by_reason = ReviewTally.objects.filter(grain=DAY, whole=True).get().returned_for
    assert dict(zip(sql.REASONS, by_reason, strict=True))["unsafe"] == 1


def test_flaws_are_counted_with_their_effort(project, anna):
    lease = factories.claim(project, anna)
    reviewing.submit(
        token=lease.token,
        person=anna,
        text=PairText(instruction="Explain it.", response="All that I typed."),
        marks=Marks(["response.safety", "response.richness"], {}),
    )

    folding.fold(project)

    tally = ReviewTally.objects.get(grain=DAY, whole=False)
    by_tag = dict(zip(sql.TAGS, tally.tag_reviews, strict=True))
    assert {tag for tag, n in by_tag.items() if n} == {
        "response.safety",
        "response.richness",
    }
    assert sum(tally.tag_changed) == 2 * tally.raw_final


def test_an_export_is_a_step_too_and_only_once(project, anna, lena):
    factories.review(project, anna)
    judge(project, lena)
    list(handing_out.jsonl(project=project, actor=lena))
    list(handing_out.jsonl(project=project, actor=lena))

    folding.fold(project)

    assert pairs(project, "exported") == 1
    assert AuditEvent.objects.filter(action="exported").count() == 1
    assert recounting.recount(project) == []


def test_imported_revisions_are_no_work_done_here(project):
    factories.import_rows(project, factories.rows(9, revised=True)[6:])

    folding.fold(project)

    assert (pairs(project, "ready_made"), pairs(project, "reviewed")) == (3, 0)
    assert reviews(project, "reviews") == 0


def test_a_late_verdict_and_an_undo_change_the_day_of_the_review(
    project, anna, lena, settings
):
    settings.UNDO_SECONDS = 30
    review = factories.review(project, anna)
    folding.fold(project)
    assert reviews(project, "reviews") == 1

    factories.take_back(review)
    folding.fold(project)
    assert (reviews(project, "reviews"), pairs(project, "reviewed")) == (0, 0)

    settings.UNDO_SECONDS = 0
    factories.review(project, anna)
    long_ago = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    Review.objects.update(submitted_at=long_ago)
    folding.rebuild(project)
    judge(project, lena)
    folding.fold(project)

    tally = ReviewTally.objects.get(grain=DAY, whole=False)
    assert (tally.day, tally.passed) == (date(2026, 1, 31), 1)
    assert reviews(project, "passed", MONTH) == 1


def test_a_mark_is_written_beside_every_row_whoever_writes_it(project, anna):
    folding.fold(project)
    assert not StaleHour.objects.exists()

    review = factories.review(project, anna)

    hours = set(StaleHour.objects.values_list("hour", flat=True))
    hour = review.submitted_at.replace(minute=0, second=0, microsecond=0)
    assert hour in hours
    assert StaleHour.objects.first().project == project


def test_an_import_is_counted_though_nothing_else_happens_that_day(project):
    folding.fold(project)
    assert not StaleHour.objects.filter(project=project).exists()

    factories.import_rows(project, factories.rows(8)[6:])
    folding.fold(project)

    assert pairs(project, Step.IMPORTED) == 8
    assert recounting.recount(project) == []


def test_days_begin_where_the_time_zone_says(settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    hour = datetime(2026, 3, 1, 18, tzinfo=UTC)

    # 18:00 to 19:00 UTC is 23:30 to 00:30 there: both days.
    assert folding.days_of([hour]) == [date(2026, 3, 1), date(2026, 3, 2)]
    begin = folding.spans([date(2026, 3, 2)])["starts"][0]
    assert begin == datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


def test_days_are_counted_in_runs():
    one, two, four = (date(2026, 3, day) for day in (1, 2, 4))

    assert folding.runs([one, two, four]) == [[one, two], [four]]


def test_scattered_days_are_each_counted(project, anna):
    for month in (1, 3):
        review = factories.review(project, anna)
        Review.objects.filter(pk=review.pk).update(
            submitted_at=datetime(2026, month, 5, 12, tzinfo=UTC)
        )

    folding.fold(project)

    days = ReviewTally.objects.filter(whole=True, grain=DAY).order_by("day")
    assert [(t.day.month, t.reviews) for t in days] == [(1, 1), (3, 1)]
    assert recounting.recount(project) == []


def test_a_new_shape_has_everything_counted_anew(project, anna):
    factories.review(project, anna)
    folding.fold(project)
    TallyState.objects.update(shape="of an older version")
    PairTally.objects.all().delete()

    assert folding.projects_to_fold() == [project]
    folding.fold_if_quick(project)
    assert not PairTally.objects.exists()  # too much for a page
    folding.fold(project)

    assert recounting.recount(project) == []
    assert folding.projects_to_fold() == []


def test_a_page_folds_what_is_quick_and_leaves_the_rest(project, anna):
    old = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(3):
        StaleHour.objects.create(project=project, hour=old + timedelta(days=day))

    folding.fold_if_quick(project)
    assert StaleHour.objects.exists()

    StaleHour.objects.filter(hour__lt=old + timedelta(days=7)).delete()
    folding.fold_if_quick(project)
    assert not StaleHour.objects.exists()


def test_a_page_leaves_a_day_full_of_events_to_the_clock(project, anna, monkeypatch):
    factories.review(project, anna)
    monkeypatch.setattr(folding, "FEW", 5)

    folding.fold_if_quick(project)

    assert StaleHour.objects.exists()


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (lambda: PairTally.objects.update(accepted=7), "pair tallies"),
        (lambda: PairTally.objects.all().delete(), "pair tallies"),
        (lambda: ReviewTally.objects.update(ms=99_999), "review tallies"),
        (lambda: ReviewTally.objects.filter(grain=MONTH).delete(), "months"),
        (lambda: ReviewTally.objects.filter(whole=True).delete(), "wholes"),
        (lambda: ReviewTally.objects.update(seconds=b"\0\0\0\1"), "review tallies"),
        (lambda: ReviewTally.objects.update(day=date(2020, 1, 1)), "review tallies"),
    ],
)
def test_a_recount_names_a_tampered_tally_and_mends_it(project, anna, tamper, kind):
    factories.review(project, anna)
    folding.fold(project)
    tamper()
    said = StringIO()

    with pytest.raises(CommandError, match="differences"):
        call_command("recount", stdout=said)
    call_command("recount", "demo", "--mend", stdout=StringIO())

    assert f"demo: {kind}: " in said.getvalue()
    assert recounting.recount(project) == []


def test_a_recount_names_a_state_that_the_log_does_not_know(project, anna):
    lost = Pair.objects.first()
    Pair.objects.filter(pk=lost.pk).update(state=PairState.QUEUED)
    AuditEvent.objects.filter(pair=Pair.objects.last()).last().delete()
    said = StringIO()

    with pytest.raises(CommandError):
        call_command("recount", "--mend", stdout=said)

    assert f"pair {lost.pk} is queued; its last event left it ready" in said.getvalue()


def test_a_recount_knows_its_projects(project):
    with pytest.raises(CommandError, match="no project nowhere"):
        call_command("recount", "nowhere")


def test_many_differences_of_a_kind_are_counted(project, monkeypatch):
    monkeypatch.setattr(recounting, "MOST", 2)
    Pair.objects.update(state=PairState.QUEUED)

    found = recounting.recount(project)

    states = [difference for difference in found if difference.kind == "states"]
    assert [difference.count for difference in states] == [1, 1, 4]


# Whatever people do

STEPS = (
    "claim",
    "submit",
    "undo",
    "give back",
    "exclude",
    "accept",
    "send back",
    "overrule",
    "import",
    "draft",
    "export",
    "fold",
)


class World:
    """A project, two people, and whatever they can do just now."""

    def __init__(self):
        self.project = factories.make_project(slug=uuid4().hex, control_share=0.3)
        factories.make_coach(self.project)
        name = self.project.slug
        self.anna = factories.make_member(self.project, Role.ANNOTATOR, f"a{name}")
        self.lena = factories.make_member(self.project, Role.LEAD, f"l{name}")
        self.imported = 0

    def take(self, step, chance):
        getattr(self, f"_{step.replace(' ', '_')}")(chance)

    def _held(self, person, stage):
        return queueing.claim(project=self.project, person=person, stage=stage)

    def _claim(self, chance):
        self._held(self.anna, Stage.REVIEW)

    def _submit(self, chance):
        if lease := self._held(self.anna, Stage.REVIEW):
            shown = (lease.draft or lease.pair).text
            text = shown if chance else PairText(instruction="Mine.", response="All.")
            reviewing.submit(
                token=lease.token,
                person=self.anna,
                text=text,
                marks=Marks(["response.safety"] if chance else [], {}),
            )

    def _undo(self, chance):
        for person in (self.anna, self.lena):
            if last := undoable.newest(person, self.project):
                undoing.undo(project=self.project, deed=last.deed, person=person)

    def _give_back(self, chance):
        if lease := self._held(self.anna, Stage.REVIEW):
            giving_back.give_back(
                token=lease.token, person=self.anna, stage=Stage.REVIEW
            )

    def _exclude(self, chance):
        if lease := self._held(self.anna, Stage.REVIEW):
            excluding.exclude(token=lease.token, person=self.anna, reason="safety")

    def _accept(self, chance):
        if lease := self._held(self.lena, Stage.QUALITY):
            quality.accept(token=lease.token, person=self.lena)

    def _send_back(self, chance):
        if lease := self._held(self.lena, Stage.QUALITY):
            quality.send_back(token=lease.token, person=self.lena, reason="style")

    def _overrule(self, chance):
        pairs = Pair.objects.filter(project=self.project)
        if pair := pairs.in_state(PairState.EXCLUDED).first():
            screening.overrule(pair=pair, actor=self.lena)

    def _import(self, chance):
        rows = factories.rows(self.imported + 2, revised=chance)[self.imported :]
        self.imported += 2
        factories.import_rows(self.project, rows)

    def _draft(self, chance):
        factories.draft_all(self.project)

    def _export(self, chance):
        list(handing_out.jsonl(project=self.project, actor=self.lena))

    def _fold(self, chance):
        (folding.fold if chance else folding.fold_if_quick)(self.project)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=strategies.lists(
        strategies.tuples(strategies.sampled_from(STEPS), strategies.booleans()),
        min_size=5,
        max_size=30,
    )
)
def test_after_any_steps_the_tallies_are_what_a_recount_finds(settings, steps):
    world = World()
    world.take("import", False)
    world.take("draft", False)
    for step, chance in steps:
        settings.UNDO_SECONDS = 3600 if step == "undo" else 0
        world.take(step, chance)

    assert recounting.recount(world.project) == []

    states = dict.fromkeys(PairState, 0)
    for state in factories.states(world.project):
        states[state] += 1
    assert {s: pairs(world.project, f"now_{s}") for s in PairState} == states
    standing = Review.objects.standing().filter(pair__project=world.project)
    assert (
        reviews(world.project, "reviews") == standing.exclude(is_imported=True).count()
    )


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_committed_late_is_counted_by_the_next_fold(project, anna):
    import threading

    from django.db import connections, transaction

    wrote, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            factories.review(project, anna)
            wrote.set()
            may_commit.wait(10)
        connections.close_all()

    worker = threading.Thread(target=slow)
    worker.start()
    assert wrote.wait(10)
    folding.fold(project)  # neither waits for it nor loses it
    assert reviews(project, "reviews") == 0
    may_commit.set()
    worker.join()
    folding.fold(project)

    assert reviews(project, "reviews") == 1
    assert connection.in_atomic_block is False


def test_of_two_texts_of_a_pair_the_standing_one_counts_and_the_log_agrees(
    project, anna, settings
):
    project.overlap_share = 1.0
    project.save()
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    submits, found = [], []
    for person, says in ((anna, "All."), (ben, "Nothing of the kind.")):
        lease = factories.claim(project, person)
        text = PairText(instruction="Mine.", response=says)
        submits.append(reviewing.submit(token=lease.token, person=person, text=text))
        folding.fold(project)
        found.append((recounting.recount(project), reviews(project, "reviews")))

    settings.UNDO_SECONDS = 30
    factories.take_back(submits[1])
    folding.fold(project)
    found.append((recounting.recount(project), reviews(project, "reviews")))

    assert submits[0].pair_id == submits[1].pair_id
    assert found == [([], 1)] * 3
