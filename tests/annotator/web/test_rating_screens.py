"""The pages of blind ratings: leads ask and read, raters see texts and no more."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from annotator.domain.blind_ratings import Choice
from annotator.domain.roles import Role
from annotator.models import BlindAnswer, BlindRating
from annotator.services import asking_raters, projects
from tests import blind, factories, studies

pytestmark = pytest.mark.django_db
PAGE = "/p/demo/ratings/"
HTMX = {"HX-Request": "true"}
USUAL = {"mode": "compare", "texts": "5", "raters": "2", "people": ["rita", "ravi"]}


@pytest.fixture(autouse=True)
def time_to_undo(settings):
    settings.UNDO_SECONDS = 30


@pytest.fixture
def made():
    return blind.made_report()


def enter(client, name):
    client.force_login(blind.person(name))


def token_of(page):
    return re.search(r"/([0-9a-f-]{36})/answer/", page)[1]


def test_a_lead_asks_people_from_a_report(client, made):
    report, _ = made
    enter(client, "lena")
    address = f"/p/demo/dataset-reports/{report.pk}/raters/"
    assert address in client.get(f"/p/demo/dataset-reports/{report.pk}/").text
    assert 'value="rita"' in client.get(address).text

    answer = client.post(address, USUAL)

    rating = BlindRating.objects.get()
    assert (answer.status_code, answer.url) == (302, PAGE)
    assert (rating.report, rating.raters, rating.pairs.count()) == (report, 2, 5)
    assert {each.username for each in rating.people.all()} == {"rita", "ravi"}
    assert "0 / 10" in client.get(PAGE).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"people": ["rita"]}, "name at least 2"),
        ({"texts": "0"}, "greater than or equal to 1"),
        ({"people": []}, "This field is required"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_form(client, made, given, said):
    enter(client, "lena")
    address = f"/p/demo/dataset-reports/{made[0].pk}/raters/"

    answer = client.post(address, USUAL | given)

    assert answer.status_code == 422
    assert said in answer.text
    assert not BlindRating.objects.exists()


def test_an_admin_asks_people_from_a_study(client):
    project = factories.make_project()
    ada = factories.make_member(project, Role.ADMIN, "ada")
    for name in blind.RATERS:
        factories.make_member(project, Role.ANNOTATOR, name)
    study = studies.done(project, ada)
    client.force_login(ada)
    address = f"/p/demo/model-studies/{study.pk}/raters/"
    assert "Changed by a person" in client.get(address).text

    client.post(address, {**USUAL, "one": "raw", "other": "revised"})
    rating = BlindRating.objects.get()
    blind.say(rating, blind.claimed(rating, "rita"), is_passed=True)

    page = client.get(f"/p/demo/model-studies/{study.pk}/").text
    assert "Revised beside Raw, 5 pairs compared side by side" in page
    whole = client.get(f"/p/demo/model-studies/{study.pk}/study.json").json()
    assert whole["people"][0]["passed"] == 1


@pytest.mark.parametrize("name", ["rita", "quinn"])
def test_only_leads_ask_and_see_all_orders(client, made, name):
    report, lead = made
    factories.make_member(report.project, Role.REVIEWER, "quinn")
    rating = blind.asked(report, lead)
    enter(client, name)

    asked = client.post(f"/p/demo/dataset-reports/{report.pk}/raters/", USUAL)
    ended = client.post(f"{PAGE}{rating.pk}/end/")
    deleted = client.post(f"{PAGE}{rating.pk}/delete/")

    assert {asked.status_code, ended.status_code, deleted.status_code} == {403}
    assert "All of the project" not in client.get(PAGE).text
    rating.refresh_from_db()
    assert rating.ended_at is None


def test_who_was_not_asked_or_is_no_member_rates_nothing(client, made):
    rating = blind.asked(*made)
    enter(client, "lena")
    assert client.get(f"{PAGE}{rating.pk}/").status_code == 403
    factories.make_member(factories.make_project(slug="other"), Role.ADMIN, "olga")
    enter(client, "olga")

    assert client.get(f"{PAGE}{rating.pk}/").status_code == 404


@pytest.mark.parametrize("mode", ["rate", "compare"])
def test_nothing_on_the_desk_says_whose_a_text_is(client, made, mode):
    rating = blind.asked(*made, mode=mode)
    enter(client, "rita")

    page = client.get(f"{PAGE}{rating.pk}/").text
    listed = client.get(PAGE).text

    held = BlindAnswer.objects.get()
    assert "of 8 by you" in page or "of 16 by you" in page
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    shown = main + listed.split("<main", 1)[1].split("</main>", 1)[0]
    for word in ("raw", "revised", "other", str(held.pair.pair), 'value="one"'):
        assert word not in shown.lower(), word
    for text in (held.pair.text("one"), held.pair.text("other")):
        assert mode == "rate" or text.response in page


def test_an_answer_is_acknowledged_and_the_next_text_comes(client, made):
    rating = blind.asked(*made)
    enter(client, "rita")
    token = token_of(client.get(f"{PAGE}{rating.pk}/").text)
    deed = str(uuid4())
    sent = {"place": "left", "deed": deed}

    first, again = (
        client.post(f"{PAGE}{rating.pk}/{token}/answer/", sent, headers=HTMX)
        for _ in range(2)
    )

    assert first["X-Deed-Done"] == again["X-Deed-Done"] == deed
    assert token_of(first.text) == token_of(again.text) != token
    assert "1 of 8 by you" in first.text
    assert BlindAnswer.objects.given().count() == 1


def test_an_answer_without_scripts_leads_back_to_the_desk(client, made):
    rating = blind.asked(*made, mode="rate")
    enter(client, "rita")
    page = client.get(f"{PAGE}{rating.pk}/").text
    address = f"{PAGE}{rating.pk}/{token_of(page)}/answer/"
    sent = {
        "response": "80",
        "instruction": "70",
        "deed": re.search(r'name="deed" value="([^"]+)"', page)[1],
    }

    done = client.post(address, sent)

    assert (done.status_code, done.url) == (302, f"{PAGE}{rating.pk}/")
    assert client.post(address, sent).status_code == 302  # a double click
    said = BlindAnswer.objects.given().get()
    assert (said.response, said.instruction) == (80, 70)


def test_what_is_refused_says_why_and_names_the_deed(client, made):
    rating = blind.asked(*made, mode="rate")
    enter(client, "rita")
    token = token_of(client.get(f"{PAGE}{rating.pk}/").text)
    deed = str(uuid4())

    answer = client.post(
        f"{PAGE}{rating.pk}/{token}/answer/",
        {"response": "170", "instruction": "70", "deed": deed},
        headers=HTMX,
    )

    assert (answer.status_code, answer["X-Deed-Refused"]) == (422, deed)
    assert "Response: give a whole number from 0 to 100." in answer.text


def test_an_answer_is_taken_back_and_stands_in_the_form(client, made):
    rating = blind.asked(*made, mode="rate")
    enter(client, "rita")
    token = token_of(client.get(f"{PAGE}{rating.pk}/").text)
    deed = str(uuid4())
    sent = {"response": "87", "instruction": "70", "deed": deed}
    page = client.post(f"{PAGE}{rating.pk}/{token}/answer/", sent, headers=HTMX).text
    assert f"{PAGE}{rating.pk}/undo/{deed}/" in page

    back = client.post(f"{PAGE}{rating.pk}/undo/{deed}/", {}, headers=HTMX).text

    assert token_of(back) == token
    assert 'value="87"' in back
    assert not BlindAnswer.objects.given().exists()
    late = client.post(f"{PAGE}{rating.pk}/undo/{deed}/", {}, headers=HTMX)
    assert late.status_code == 409


def test_who_is_done_is_thanked_and_led_to_the_next_order(client, made):
    rating, other = blind.asked(*made, texts=1), blind.asked(*made, texts=1)
    blind.say(rating, blind.claimed(rating, "rita"), is_passed=True)
    enter(client, "rita")

    page = client.get(f"{PAGE}{rating.pk}/").text

    assert "Nothing is left for you to rate" in page
    assert f'href="{PAGE}{other.pk}/"' in page


def test_the_overview_leads_a_rater_to_the_desk(client, made):
    rating = blind.asked(*made)
    enter(client, "rita")
    assert f'href="{PAGE}{rating.pk}/"' in client.get("/p/demo/").text

    asking_raters.end(rating=rating, actor=made[1])

    assert f'href="{PAGE}{rating.pk}/"' not in client.get("/p/demo/").text


def test_what_people_say_stands_on_the_report_in_its_json_and_on_paper(client):
    report, lead = blind.made_report(24)
    rating = blind.asked(report, lead, texts=24)
    for pair in rating.pairs.all():
        pair.judged = {
            "endpoint": {"version": "1", "winner": "other", "seen": False},
        }
        pair.save()
    blind.compared(rating, [dict.fromkeys(blind.RATERS, Choice.OTHER)] * 24)
    enter(client, "lena")
    address = f"/p/demo/dataset-reports/{report.pk}/"

    page = client.get(address).text
    whole = client.get(f"{address}report.json").json()
    paper = client.get(f"{address}report.pdf")

    assert "How often people prefer Revised to Raw" in page
    assert "72 of 72 answers" in page
    assert "The judge endpoint agrees with people no better than length does" in page
    assert "no better than length</td>" in page
    assert whole["people"][0]["comparison"]["wins"] == 24
    assert whole["people"][0]["beside_people"][0]["beats_length"] is False
    assert paper.content.startswith(b"%PDF-")


def test_a_lead_ends_and_deletes_an_order(client, made):
    rating = blind.asked(*made)
    enter(client, "lena")

    client.post(f"{PAGE}{rating.pk}/end/")
    rating.refresh_from_db()
    assert rating.ended_at
    assert "ended" in client.get(PAGE).text
    client.post(f"{PAGE}{rating.pk}/delete/")

    assert not BlindRating.objects.exists()


def test_a_token_opens_nothing_through_another_projects_address(client, made):
    rating = blind.asked(*made)
    held = blind.claimed(rating, "rita")
    rita = blind.person("rita")
    other = factories.make_project(slug="other")
    projects.Membership.objects.create(project=other, user=rita, role=Role.ADMIN)
    enter(client, "rita")

    address = f"/p/other/ratings/{rating.pk}/{held.token}/answer/"
    answer = client.post(address, {"place": "left", "deed": uuid4()})

    held.refresh_from_db()
    assert (answer.status_code, held.answered_at) == (404, None)


def test_who_was_removed_says_nothing_by_an_old_token(client, made):
    rating = blind.asked(*made)
    held = blind.claimed(rating, "rita")
    ada = factories.make_member(rating.project, Role.ADMIN, "ada")
    projects.remove_member(project=rating.project, actor=ada, user=blind.person("rita"))
    enter(client, "rita")

    answer = client.post(
        f"{PAGE}{rating.pk}/{held.token}/answer/", {"place": "left", "deed": uuid4()}
    )

    assert answer.status_code == 404
    assert not BlindAnswer.objects.exclude(answered_at=None).exists()
