"""A challenge on the screens: blind for who reviews, exact for who decides."""

from __future__ import annotations

import csv
import io
from statistics import fmean, median

import pytest
from django.template.loader import render_to_string

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Draft, Review
from annotator.selectors import challenges
from annotator.services import quality
from annotator.web.coaches import challenge_words as printed
from tests import factories, trials
from training.models import Challenge
from training.selectors import open_challenge

pytestmark = pytest.mark.django_db
NAMES = ("first coach", "second coach")


@pytest.fixture
def project():
    project = factories.make_project(drafts_ahead=100)
    factories.make_coach(project)
    return project


@pytest.fixture
def challenge(project):
    challenge = trials.begin(project)
    factories.import_rows(project, factories.rows(12))
    while batch := factories.drafting.take_batch(project):
        # Plain answers: a draft itself does not name its coach here.
        factories.drafting.store(
            coach_id=batch.coach.pk,
            results=[
                factories.DraftResult(key=r.key, text=factories.better(r.text))
                for r in batch.requests
            ],
            challenge_id=batch.challenge_id,
        )
    return challenge


def pages(client, project):
    pair = project.pairs.first()
    addresses = ["pairs/", f"pairs/?coach={pair.draft.coach_id}", f"pairs/{pair.pk}/"]
    answers = [client.get(f"/p/demo/{address}") for address in addresses]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.content.decode() for answer in answers]


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER])
def test_those_who_review_are_not_told_whose_draft_it_is(
    client, project, challenge, role
):
    client.force_login(factories.make_member(project, role))

    shown = [*pages(client, project), client.get("/p/demo/review/").content.decode()]

    assert not [name for page in shown for name in NAMES if name in page]
    assert "starts as a coach" in shown[-1]
    # The filter by coach tells nothing either: all pairs are there.
    assert shown[1].count("/pairs/") == shown[0].count("/pairs/")


def test_a_lead_sees_the_coaches_but_not_at_the_desk(client, project, challenge):
    client.force_login(factories.make_member(project, Role.LEAD))

    listed, filtered, one = pages(client, project)
    desk = client.get("/p/demo/review/").content.decode()

    assert all(name in listed for name in NAMES)
    assert any(name in one for name in NAMES)
    assert filtered.count("/pairs/") < listed.count("/pairs/")
    assert not [name for name in NAMES if name in desk]


def test_the_names_are_back_when_it_has_ended(client, project, challenge):
    Challenge.objects.update(outcome="stopped", ended_at=challenge.started_at)
    client.force_login(factories.make_member(project, Role.ANNOTATOR))

    listed, *_ = pages(client, project)

    assert all(name in listed for name in NAMES)


def test_quality_control_does_not_see_the_coach(client, project, challenge):
    anna = factories.make_member(project, Role.ANNOTATOR)
    factories.review(project, anna)
    client.force_login(factories.make_member(project, Role.REVIEWER))

    page = client.get("/p/demo/quality/").content.decode()

    assert not [name for name in NAMES if name in page]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ANNOTATOR, 403), (Role.REVIEWER, 403), (Role.LEAD, 403), (Role.ADMIN, 302)],
)
def test_only_an_admin_begins_and_ends_one(client, project, role, status):
    challenger = trials.make_challenger(project)
    client.force_login(factories.make_member(project, role))

    begun = client.post("/p/demo/challenges/new/", {"coach": challenger.pk})
    found = open_challenge(project.scope) or trials.begin(project)
    read = client.get(f"/p/demo/challenges/{found.pk}/rows.csv")
    ended = client.post(f"/p/demo/challenges/{found.pk}/end/", {"outcome": "lost"})

    assert begun.status_code == ended.status_code == status
    assert read.status_code == (200 if status == 302 else 403)


def test_share_and_reviews_are_the_projects_unless_given(client, project):
    challenger = trials.make_challenger(project)
    client.force_login(factories.make_member(project, Role.ADMIN))

    client.post("/p/demo/challenges/new/", {"coach": challenger.pk, "share": "0.2"})

    found = open_challenge(project.scope)
    assert (found.share, found.needed) == (0.2, project.challenge_reviews)


def test_a_refusal_is_a_sentence(client, project, challenge):
    client.force_login(factories.make_member(project, Role.ADMIN))
    third = trials.make_challenger(project, "third")

    second = client.post("/p/demo/challenges/new/", {"coach": third.pk})
    bad = client.post("/p/demo/challenges/new/", {"coach": third.pk, "share": 3})
    odd = client.post(f"/p/demo/challenges/{challenge.pk}/end/", {"outcome": "x"})

    assert second.status_code == 409
    assert "Another challenge is open" in second.content.decode()
    assert bad.status_code == odd.status_code == 422


def test_every_figure_is_recounted_from_the_rows(client, project, challenge):
    people = [
        factories.make_member(project, Role.ANNOTATOR, f"anna{n}") for n in range(3)
    ]
    trials.review_all(project, people)
    Review.objects.filter(pk__in=Review.objects.values("pk")[:5]).update(
        active_seconds=40
    )
    rita = factories.make_member(project, Role.REVIEWER)
    for accepted in (True, False):
        lease = factories.claim(project, rita, Stage.QUALITY)
        if accepted:
            quality.accept(token=lease.token, person=rita)
        else:
            quality.send_back(token=lease.token, person=rita, reason="style")
    client.force_login(factories.make_member(project, Role.ADMIN))

    answer = client.get(f"/p/demo/challenges/{challenge.pk}/rows.csv")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    figures = {figure.name: figure for figure in challenges.trial(challenge).figures}
    assert len(rows) == Draft.objects.exclude(challenge=None).count() == 12
    for side, theirs in (("champion", "False"), ("challenger", "True")):
        mine = [row for row in rows if row["by_challenger"] == theirs]
        edited = [int(row["edited_chars"]) for row in mine]
        accepted = [row["accepted"] == "True" for row in mine]
        assert getattr(figures["edited"], side).value == pytest.approx(fmean(edited))
        assert getattr(figures["accepted"], side).value == pytest.approx(
            fmean(accepted)
        )
        clocked = [s for row in mine if (s := float(row["active_seconds"])) > 0]
        shown = getattr(figures["median_seconds"], side)
        assert (shown and shown.value) == (median(clocked) if clocked else None)
    judged = [row["returned"] for row in rows if row["returned"]]
    assert sorted(judged) == ["False", "True"]


def test_the_panel_says_how_far_it_is(project, challenge):
    trials.review_all(project, [factories.make_member(project, Role.ANNOTATOR)])
    context = {"project": project, "may": {"promote": True}, **printed.panel(project)}

    html = render_to_string("coaches/_challenge.html", context)

    assert "Not enough reviews to decide." in html
    assert "more review" in html
    assert "characters a pair, mean" in html
    assert "Fewer than 5 people" in html
    assert "Promote the challenger" in html
    assert "Start the challenge" not in html


def test_the_panel_offers_a_start_where_nothing_is_open(project):
    trials.make_challenger(project)
    context = {"project": project, "may": {"promote": True}, **printed.panel(project)}

    html = render_to_string("coaches/_challenge.html", context)

    assert "Start the challenge" in html
    assert 'value="0.5"' in html


def test_the_panel_of_an_ended_one_says_how_it_ended(project, challenge):
    trials.challenging.end(
        challenge=challenge, outcome="lost", actor=None, reason="Too long."
    )
    context = {"project": project, "may": {"promote": True}, **printed.panel(project)}

    html = render_to_string("coaches/_challenge.html", context)

    assert "the champion stayed" in html
    assert "Too long." in html
    assert "by its rule" in html
