"""The demo's made-up weeks: by services, in the past, counted like real work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import DateTimeField
from django.utils import timezone

from annotator.config import up
from annotator.domain.roles import Role
from annotator.models import (
    AuditEvent,
    Check,
    Membership,
    Overlap,
    Project,
    Review,
    Tick,
    User,
    Verdict,
)
from annotator.services import deleting, demo
from annotator.services.made_up import texts, weeks
from annotator.services.made_up.cast import CAST
from annotator.services.made_up.clock import Clock
from annotator.services.tallies import recounting
from tests import factories
from training.examples import fingerprint
from training.models import ActiveCoach, Evaluation, Promotion, RunPoint, TrainingRun


def test_the_same_seed_tells_the_same_pairs_and_drafts():
    told = texts.pairs(18)

    assert told == texts.pairs(18)
    assert told != texts.pairs(19)
    assert [texts.drafted(each, 0.5, "a") for each in told] == [
        texts.drafted(each, 0.5, "a") for each in told
    ]


def test_no_made_up_pair_comes_twice_and_each_can_be_mended():
    told = texts.pairs(18)

    assert len({fingerprint(each.raw) for each in told}) == len(told) >= 300
    assert all(each.raw != each.good for each in told)
    assert all(each.good.response.strip() for each in told)


def test_a_better_coach_is_better_on_the_same_pairs():
    told = texts.pairs(18)

    def good(skill: float) -> set[int]:
        return {
            place
            for place, each in enumerate(told)
            if texts.drafted(each, skill, str(place)) == each.good
        }

    assert good(0.0) < good(0.3) < good(0.7)
    assert len(good(1.0)) == len(told)


def test_a_clock_is_believed_as_long_as_it_runs():
    now = timezone.now()
    clock = Clock(now - timedelta(days=9))

    with clock.running():
        clock.go_on(60)
        assert timezone.now() == now - timedelta(days=9) + timedelta(seconds=60)
        clock.set(now - timedelta(days=10))
        assert timezone.now() == now - timedelta(days=9) + timedelta(seconds=60)

    assert timezone.now() >= now


@dataclass
class Short:
    """Two weeks instead of seven: the same script in a third of the time."""

    WEEKS = 2
    TRAINED_IN_WEEKS = (1,)
    IMPORTED_IN_WEEKS = (0, 1)


@pytest.fixture
def project(monkeypatch):
    for name in ("WEEKS", "TRAINED_IN_WEEKS", "IMPORTED_IN_WEEKS"):
        monkeypatch.setattr(weeks, name, getattr(Short, name))
    # Chance falls by the primary key, so small shares might find nobody here.
    monkeypatch.setitem(weeks.SETTINGS, "planted_share", 0.25)
    return weeks.begin(
        guidelines="Be kind.", passwords={each.name: "pw" for each in CAST}
    )


@pytest.mark.django_db
def test_the_weeks_are_full_counted_and_past(project):
    before = timezone.now()

    assert weeks.fill(project)

    assert recounting.recount(project) == []
    assert _moments_after(before) == []
    reviews = Review.objects.filter(pair__project=project)
    assert reviews.values("author").distinct().count() >= 3
    assert not reviews.filter(active_seconds__lte=0).exists()
    assert not reviews.filter(submitted_at__lt=project.created_at).exists()
    verdicts = Verdict.objects.filter(review__pair__project=project)
    assert verdicts.filter(kind="judged", accepted=True).exists()
    assert Overlap.objects.filter(pair__project=project).exists()
    assert Check.objects.filter(project=project, answered_at__isnull=False).exists()
    run = TrainingRun.objects.get(scope=project.scope)
    assert run.state == TrainingRun.State.READY
    assert RunPoint.objects.filter(run=run).count() > 10
    assert Evaluation.objects.filter(coach__scope=project.scope).exists()
    assert Promotion.objects.filter(scope=project.scope).exists()
    assert weeks.to_fill() is None
    assert not weeks.fill(project)

    ada = User.objects.get(username="ada")
    deleting.begin(project=project, actor=ada, typed=project.slug)
    while not deleting.go_on(project.pk):
        pass
    assert not Project.with_checks.exists()
    assert not Tick.objects.exists()
    assert User.objects.count() == len(CAST)


def _moments_after(moment) -> list[str]:
    """Columns of time, of all tables, that hold something later."""
    asked = {"expires_at", "reserved_until", "folded_at", "marked_at"}
    found = []
    for table in [*apps.get_app_config("annotator").get_models(),
                  *apps.get_app_config("training").get_models()]:  # fmt: skip
        for field in table._meta.get_fields():
            if not isinstance(field, DateTimeField) or field.name in asked:
                continue
            late = table._base_manager.filter(**{f"{field.name}__gt": moment})
            if late.exists():
                found.append(f"{table.__name__}.{field.name}")
    return found


@pytest.mark.django_db
def test_without_a_coach_nothing_is_told(project):
    Promotion.objects.all().delete()
    ActiveCoach.objects.all().delete()

    assert not weeks.fill(project)
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_the_demo_brings_both_projects_and_none_where_somebody_is():
    first = demo.load()

    assert first
    assert first.pairs.count() > 100
    assert not first.is_made_up
    second = weeks.to_fill()
    assert second
    assert second.is_made_up
    assert set(Membership.objects.filter(project=second).values_list(
        "user__username", flat=True
    )) == {each.name for each in CAST}  # fmt: skip
    assert demo.load() is None
    assert Project.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_the_overview_says_that_it_is_made_up(client, role):
    project = factories.make_project(is_made_up=True)
    client.force_login(factories.make_member(project, role))

    page = client.get("/p/demo/").content.decode()

    assert "is made up" in page
    assert ("Take it away" in page) == (role == Role.ADMIN)


@pytest.mark.django_db
def test_an_admin_takes_the_made_up_project_away(client):
    project = factories.make_project(is_made_up=True)
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = client.post("/p/demo/made-up/remove/")

    assert answer.status_code == 302
    assert deleting.to_delete() == [project.pk]


@pytest.mark.django_db
def test_nobody_takes_a_real_project_away_so_and_no_lead_any(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))
    other = factories.make_project(slug="other", is_made_up=True)
    lead = factories.make_member(other, Role.LEAD)

    assert client.post("/p/demo/made-up/remove/").status_code == 404
    client.force_login(lead)
    assert client.post("/p/other/made-up/remove/").status_code == 403
    assert deleting.to_delete() == []


@pytest.mark.django_db
def test_the_command_says_that_nothing_is_to_be_told(capsys):
    call_command("load_demo_weeks")

    assert "no weeks to be told" in capsys.readouterr().out


def test_up_tells_no_weeks_where_the_demo_is_not_wanted(settings):
    settings.DEMO = False

    assert up._tell_weeks() is None
