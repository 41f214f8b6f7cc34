"""Agreement, adjudication, checks and signs as people meet them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Check, Project, Review, SignsOpened
from annotator.selectors import adjudication, vigilance
from annotator.services import checking, reviewing
from tests import factories
from tests.annotator.services.test_checking import accepted_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    project = factories.make_project(overlap_share=1.0)
    factories.make_coach(project)
    factories.import_rows(project, accepted_rows(3))
    factories.import_rows(project, factories.rows(4))
    factories.draft_all(project)
    return project


def member(project, name, role=Role.ANNOTATOR):
    return factories.make_member(project, role, name)


def write(project, person, response):
    lease = factories.claim(project, person)
    text = replace(lease.draft.text, response=response)
    return reviewing.submit(token=lease.token, person=person, text=text)


def disputed(project):
    anna, ben = member(project, "anna"), member(project, "ben")
    write(project, anna, "Anna's <b>own</b> words about it all.")
    return write(project, ben, "What Ben has to say is something else.").pair


def page(client, name, *args):
    return client.get(reverse(name, args=["demo", *args]))


def text_of(answer):
    return answer.content.decode()


def test_a_lead_chooses_without_names(client, project):
    pair = disputed(project)
    client.force_login(member(project, "leo", Role.LEAD))

    shown = text_of(page(client, "adjudicate", pair.pk))
    found = adjudication.disputed(pair)
    letter = "a" if found.a.choice == "second" else "b"
    answer = client.post(
        reverse("adjudicate", args=["demo", pair.pk]),
        {"choice": letter, "reason": "both_fine", "note": "Fine."},
    )

    pair.refresh_from_db()
    assert "&lt;b&gt;own" in shown
    assert ">anna<" not in shown
    assert ">ben<" not in shown
    assert answer.url == reverse("adjudication", args=["demo"])
    assert pair.state == PairState.REVIEWED
    assert pair.reviews.standing().get().author.username == "ben"


def test_a_refused_third_text_is_still_in_the_form(client, project):
    pair = disputed(project)
    client.force_login(member(project, "leo", Role.LEAD))

    answer = client.post(
        reverse("adjudicate", args=["demo", pair.pk]),
        {"choice": "third", "reason": "", "instruction": "My careful one.",
         "response": "My own response."},
    )  # fmt: skip

    assert answer.status_code == 422
    assert "My careful one." in text_of(answer)
    assert "My own response." in text_of(answer)


def test_the_list_of_disputed_pairs_is_for_leads(client, project):
    pair = disputed(project)
    client.force_login(member(project, "carl"))
    refused = page(client, "adjudicate", pair.pk)
    client.force_login(member(project, "leo", Role.LEAD))

    listed = text_of(page(client, "adjudication"))

    assert refused.url == reverse("pair", args=["demo", pair.pk])
    assert reverse("adjudicate", args=["demo", pair.pk]) in listed


def test_nobody_reads_the_first_text_before_the_second_is_in(client, project):
    anna, ben = member(project, "anna"), member(project, "ben")
    pair = write(project, anna, "Anna's private words.").pair

    client.force_login(ben)
    for_ben = text_of(page(client, "pair", pair.pk))
    bens_list = text_of(page(client, "pairs"))
    client.force_login(anna)
    for_anna = text_of(page(client, "pair", pair.pk))

    assert "private" not in for_ben
    assert "blind to each other" in for_ben
    assert ">anna<" not in bens_list.split("<tbody>")[1]
    assert "private" in for_anna


def test_an_empty_queue_says_what_waits_for_a_second_person(client, project):
    anna = member(project, "anna")
    member(project, "ben")
    for number in range(4):
        write(project, anna, f"Words number {number}.")
    client.force_login(anna)

    shown = text_of(page(client, "review"))

    assert "waiting for a second person" in shown


def test_agreement_without_two_texts_says_so(client, project):
    client.force_login(member(project, "leo", Role.LEAD))

    assert "No pair has two texts yet" in text_of(page(client, "agreement"))


def test_agreement_says_where_alpha_is_not_defined(client, project):
    disputed(project)
    client.force_login(member(project, "leo", Role.LEAD))

    shown = text_of(page(client, "agreement"))
    rows = b"".join(page(client, "agreement-rows").streaming_content).decode()

    assert "not defined: all said the same" in shown
    assert (
        rows.lstrip("\ufeff")
        .splitlines()[0]
        .startswith("pair,first,second,decision_first")
    )
    assert ",anna,ben," not in rows  # a lead has yet to choose


def always_planted(project):
    Project.objects.filter(pk=project.pk).update(planted_share=1.0, overlap_share=0)
    project.refresh_from_db()


def test_a_person_is_told_at_once_and_once(client, project):
    anna = member(project, "anna")
    always_planted(project)
    client.force_login(anna)
    page(client, "review")
    lease = anna.leases.get()
    desk = reverse("review-submit", args=["demo", lease.token])

    after = client.post(desk, {"action": "accept"}, headers={"HX-Request": "true"})
    again = page(client, "review")

    check = Check.objects.get(review__isnull=False)
    assert "it is still in your text" in text_of(after)
    assert "data-told" not in text_of(again)
    assert check.told_at is not None


def test_a_check_looks_like_any_pair_at_the_desk(client, project):
    anna = member(project, "anna")
    always_planted(project)
    client.force_login(anna)

    desk = text_of(page(client, "review"))
    history = page(client, "pair", anna.leases.get().pair_id)

    assert "planted" not in desk
    assert "2 of 3 of the batch" in desk or "3 of 3 of the batch" in desk
    assert history.status_code == 200
    assert "planted" not in text_of(history)


def test_the_page_of_a_check_is_for_its_person_only(client, project):
    anna, ben = member(project, "anna"), member(project, "ben")
    always_planted(project)
    pair = factories.claim(project, anna).pair

    client.force_login(ben)

    assert page(client, "pair", pair.pk).status_code == 404


def test_the_project_of_checks_has_no_address(client, project):
    anna = member(project, "anna")
    always_planted(project)
    factories.claim(project, anna)
    room = Project.with_checks.get(checks_of=project)
    client.force_login(anna)

    assert client.get(reverse("review", args=[room.slug])).status_code == 404


def test_my_work_lists_my_checks(client, project):
    anna = member(project, "anna")
    always_planted(project)
    lease = factories.claim(project, anna)
    reviewing.submit(token=lease.token, person=anna, text=lease.draft.text)  # fmt: skip
    client.force_login(anna)

    shown = text_of(page(client, "mine"))

    assert "0 of 1 planted mistake found" in shown
    assert "still there" in shown


def reviewed(project, person, count):
    """Reviews at 50 words a second, some time ago."""
    for number in range(count):
        write(project, person, f"Quick words {number}.")
    Review.objects.filter(author=person).update(active_seconds=1, words_shown=50)


def test_leads_see_signs_only_after_the_person_could(client, project):
    anna = member(project, "anna")
    member(project, "ben")
    reviewed(project, anna, 3)

    before = vigilance.for_leads(project)[0]
    client.force_login(anna)
    page(client, "mine")
    after = vigilance.for_leads(project)[0]
    later = write(project, anna, "One more.")
    still = vigilance.for_leads(project)[0]

    assert len(before.rows) == 0
    assert len(after.rows) == 3
    assert later.pk not in [row.review for row in still.rows]


def test_after_some_days_leads_see_them_anyway(project):
    anna = member(project, "anna")
    member(project, "ben")
    reviewed(project, anna, 2)
    Review.objects.update(submitted_at=timezone.now() - timedelta(days=8))

    assert len(vigilance.for_leads(project)[0].rows) == 2
    assert SignsOpened.objects.count() == 0


def test_the_leads_page_has_its_caveat_and_its_rows(client, project):
    anna = member(project, "anna")
    member(project, "ben")
    reviewed(project, anna, 2)
    checking.opened_signs(project=project, person=anna)
    client.force_login(member(project, "leo", Role.LEAD))

    shown = text_of(page(client, "signs"))
    rows = b"".join(page(client, "signs-rows").streaming_content).decode()

    assert "not a verdict" in shown
    assert "worth a talk" not in shown
    assert len(rows.splitlines()) == 3


def test_a_lead_makes_and_ends_a_gold_pair(client, project):
    pair = project.pairs.in_state(PairState.ACCEPTED).first()
    client.force_login(member(project, "leo", Role.LEAD))
    address = reverse("pair-gold", args=["demo", pair.pk])

    client.post(address, {"action": "choose"})
    chosen = vigilance.is_gold(pair.pk)
    client.post(address, {"action": "end"})

    assert chosen
    assert not vigilance.is_gold(pair.pk)
    client.force_login(member(project, "carl"))
    assert client.post(address, {"action": "choose"}).status_code == 403
