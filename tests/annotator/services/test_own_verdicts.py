"""A team of one: a lead judges their own reviews, and every figure says so."""

from __future__ import annotations

import pytest

from annotator import policies
from annotator.domain.errors import NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.domain.weeks import Week
from annotator.models import Pair, Review, Verdict
from annotator.selectors import bulk, exported, offered, own_verdicts, quality_records
from annotator.selectors.reports import parts
from annotator.services import quality, queueing
from tests import factories, weeks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_undo(settings):
    settings.UNDO_SECONDS = 0


@pytest.fixture
def alone():
    """A project of one lead, who may judge their own reviews."""
    project = factories.make_drafted(4, own_judged=True)
    return project, factories.make_member(project, Role.LEAD, "lea")


def judge_own(project, lead) -> Verdict:
    factories.review(project, lead)
    lease = factories.claim(project, lead, Stage.QUALITY)
    return quality.accept(token=lease.token, person=lead)


def test_nobody_judges_their_own_review_as_a_rule():
    project = factories.make_drafted(2)
    lead = factories.make_member(project, Role.LEAD)
    review = factories.review(project, lead)

    assert not policies.can_judge(lead, review.pair)
    assert offered.mine(project, lead, Stage.QUALITY).now == 0
    assert queueing.claim(project=project, person=lead, stage=Stage.QUALITY) is None


def test_a_lead_may_where_the_project_says_so(alone):
    project, lead = alone

    review = factories.review(project, lead)

    assert policies.can_judge(lead, review.pair)
    assert offered.mine(project, lead, Stage.QUALITY).now == 1
    lease = factories.claim(project, lead, Stage.QUALITY)
    verdict = quality.accept(token=lease.token, person=lead)
    assert verdict.is_own
    assert Verdict.objects.own().get() == verdict


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_the_setting_is_for_leads_alone(role):
    project = factories.make_drafted(2, own_judged=True)
    person = factories.make_member(project, role)
    review = factories.review(project, person)

    assert not policies.can_judge(person, review.pair)
    assert offered.mine(project, person, Stage.QUALITY).now == 0


def test_a_right_that_is_taken_back_ends_with_the_next_verdict(alone):
    project, lead = alone
    factories.review(project, lead)
    lease = factories.claim(project, lead, Stage.QUALITY)
    project.own_judged = False
    project.save()

    with pytest.raises(NotAllowed):
        quality.accept(token=lease.token, person=lead)


def test_work_of_others_comes_first(alone):
    project, lead = alone
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    factories.review(project, lead)
    theirs = factories.review(project, anna)

    lease = factories.claim(project, lead, Stage.QUALITY)

    assert lease.pair == theirs.pair


def test_own_verdicts_are_no_proof_for_sampling(alone):
    project, lead = alone
    project.quality_full = 1
    project.save()
    for _ in range(3):
        judge_own(project, lead)

    record = quality_records.of_person(lead, project)

    assert record.judged == 0
    assert [line.rate for line in quality_records.of_project(project)] == [1.0]
    newest = Review.objects.order_by("pk").last()
    assert newest.quality_rate == 1.0


def test_a_verdict_of_another_is_proof_as_before():
    project = factories.make_drafted(2, own_judged=True)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    lead = factories.make_member(project, Role.LEAD, "lea")
    factories.review(project, anna)
    lease = factories.claim(project, lead, Stage.QUALITY)
    verdict = quality.accept(token=lease.token, person=lead)

    assert not verdict.is_own
    assert quality_records.of_person(anna, project).judged == 1
    assert own_verdicts.of_project(project) == own_verdicts.OwnVerdicts(1, 0)


def test_own_verdicts_say_nothing_about_bulks(alone):
    project, lead = alone
    judge_own(project, lead)

    assert bulk._judged(project) == []


@pytest.mark.parametrize("address", ["stats/", "stats/gain/", "quality/people/"])
def test_each_figure_says_how_many_were_judged_so(client, alone, address):
    project, lead = alone
    client.force_login(lead)
    assert "judged by" not in client.get(f"/p/demo/{address}").content.decode()
    judge_own(project, lead)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    factories.review(project, anna)
    lease = factories.claim(project, lead, Stage.QUALITY)
    quality.accept(token=lease.token, person=lead)

    page = client.get(f"/p/demo/{address}").content.decode()

    assert "1 of 2 judged reviews was judged by its own author" in page


def test_people_in_quality_control_have_a_column_of_it(client, alone):
    project, lead = alone
    client.force_login(lead)
    assert "Judged by themselves" not in _people(client)

    judge_own(project, lead)

    assert "Judged by themselves" in _people(client)


def _people(client) -> str:
    return client.get("/p/demo/quality/people/").content.decode()


def test_the_weekly_report_says_it(client, alone):
    project, lead = alone
    verdict = judge_own(project, lead)
    Verdict.objects.update(created_at=weeks.at(1))
    Review.objects.update(submitted_at=weeks.at(1))

    found = parts.quality(project, parts.Span(weeks.at(0), weeks.at(6)))

    assert (found.judged, found.own) == (1, 1)
    client.force_login(lead)
    page = client.get(f"/p/demo/reports/{Week(2026, 40)}/").content.decode()
    assert "judged by their own author" in page
    assert verdict.is_own


def test_an_export_says_it_of_each_row(alone):
    project, lead = alone
    verdict = judge_own(project, lead)
    origin = Review.objects.filter(pk=verdict.review_id).values_list(
        exported.ORIGIN["judged_by_author"]
    )

    assert list(origin) == [(True,)]


def test_the_desk_says_that_the_review_is_ones_own(client, alone):
    project, lead = alone
    factories.review(project, lead)
    client.force_login(lead)

    assert "your own review" in client.get("/p/demo/quality/").content.decode()


def test_the_desk_says_nothing_of_the_kind_of_others_work(client, alone):
    project, lead = alone
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    factories.review(project, anna)
    client.force_login(lead)

    assert "your own review" not in client.get("/p/demo/quality/").content.decode()


def test_the_history_says_whose_review_it_was(client, alone):
    project, lead = alone
    judge_own(project, lead)
    client.force_login(lead)

    page = client.get(f"/p/demo/pairs/{Pair.objects.earliest('pk').pk}/")

    assert "accepted their own review" in page.content.decode()
