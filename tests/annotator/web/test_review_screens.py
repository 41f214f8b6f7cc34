"""The desk's answers to plain forms: no script is needed for any of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.models import AuditEvent, Autosave, Candidate, Lease, Review, Skip
from annotator.services import autosaving, queueing
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
TYPED = {"instruction": "Explain it.", "response": "All that *I* typed today."}


@pytest.fixture
def project():
    return factories.make_drafted(3)


@pytest.fixture
def lease(client, project):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    client.force_login(anna)
    return factories.claim(project, anna)


def address(lease, deed):
    return f"/p/demo/review/{lease.token}/{deed}/"


def run_out(lease):
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    queueing.release_expired()


def test_a_late_submit_shows_both_texts_and_offers_the_pair_again(client, lease):
    run_out(lease)

    answer = client.post(address(lease, "submit"), TYPED)
    again = client.post(f"/p/demo/review/again/{lease.pair_id}/", follow=True)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "All that *I* typed today." in page
    assert "Take the pair again" in page
    assert "All that *I* typed today." in again.content.decode()


def test_a_late_submit_beside_somebody_elses_says_whose_it_is(client, project, lease):
    run_out(lease)
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    factories.review(project, ben)

    page = client.post(address(lease, "submit"), TYPED).content.decode()

    assert "ben has submitted the pair meanwhile" in page
    assert Autosave.objects.get(author=lease.holder).response == TYPED["response"]


def test_a_score_above_its_cap_keeps_all_that_was_typed(client, lease):
    marks = {"tag": ["response.safety"], "score.response.before": "90"}

    answer = client.post(address(lease, "submit"), {**TYPED, **marks})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "it is 0 to 40" in page
    assert 'value="90"' in page
    assert "All that *I* typed today." in page
    assert not Review.objects.exists()


def test_the_next_pair_starts_without_the_marks_of_the_last(client, lease):
    marks = {"tag": ["response.safety"], "score.response.before": "20"}

    page = client.post(
        address(lease, "submit"), {**TYPED, **marks}, headers={"HX-Request": "true"}
    ).content.decode()

    assert "response.safety" in page
    assert " checked" not in page
    assert 'value="20"' not in page


def test_a_pair_with_a_replaced_text_tells_its_history(client, lease):
    autosaving.keep_text(
        token=lease.token, person=lease.holder, text=PairText(**TYPED), base_revision=0
    )
    autosaving.replace(lease.pair, lease.holder, lease.pair.text, "chosen otherwise")

    page = client.get(f"/p/demo/pairs/{lease.pair_id}/").content.decode()

    assert "chosen otherwise" in page


def test_a_score_that_is_no_number_is_named(client, lease):
    answer = client.post(
        address(lease, "submit"), {**TYPED, "score.response.after": "good"}
    )

    assert "Response, after: the score" in answer.content.decode()


def test_skip_and_undo_are_plain_forms(client, lease, settings):
    settings.UNDO_SECONDS = 30
    client.post(address(lease, "skip"), {"reason": "unclear"}, follow=True)
    held = Lease.objects.get(ended_at=None)
    page = client.post(address(held, "submit"), TYPED, follow=True).content.decode()

    submit = AuditEvent.objects.get(action="submitted")
    address_of_undo = f"/p/demo/undo/{submit.deed}/"

    client.post(address_of_undo)

    assert Skip.objects.get().pair == lease.pair
    assert address_of_undo in page
    assert not Review.objects.standing().exists()


def test_the_preview_draws_markdown_and_stores_nothing(client, lease):
    answer = client.post("/p/demo/review/preview/", TYPED)

    assert "<em>I</em>" in answer.content.decode()
    assert not Autosave.objects.exists()


def test_asking_the_coach_again_is_a_plain_form(client, lease):
    client.post(address(lease, "candidates"), {"hint": "shorter"})

    page = client.get("/p/demo/review/").content.decode()

    assert Candidate.objects.get().hint == "shorter"
    assert "shorter" in page


def test_nobody_sees_another_persons_candidates(client, project, lease):
    client.force_login(factories.make_member(project, Role.ANNOTATOR, "ben"))

    answer = client.get(address(lease, "candidates"))

    assert answer.status_code == 404


def test_a_save_from_elsewhere_is_refused_as_data(client, lease):
    headers = {"accept": "application/json"}
    first = client.post(address(lease, "autosave"), TYPED, headers=headers).json()
    other = {**TYPED, "response": "Other.", "base_revision": 0}

    refused = client.post(address(lease, "autosave"), other, headers=headers)

    assert first["revision"] == 1
    assert (refused.status_code, refused.json()["code"]) == (409, "stale")
