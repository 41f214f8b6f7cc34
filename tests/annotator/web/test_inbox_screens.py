"""The inbox as people meet it: badge, title, reading, filters, choices."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotator.domain.news import Kind
from annotator.models import Notice, User
from annotator.services import commenting, quality, telling
from annotator.services.news import News
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(3)


def text_of(answer) -> str:
    return answer.content.decode()


def inbox_of(client, person: User, query: str = "") -> str:
    client.force_login(person)
    return text_of(client.get(reverse("inbox") + query))


def ring(project, person, *, times: int = 1, start: int = 0) -> None:
    telling.tell_each(
        (
            News(
                kind=Kind.DRIFT,
                project=project,
                about=Notice.About.DRIFT,
                key=f"drift:{number}",
                said={"alarms": 1},
            )
            for number in range(start, start + times)
        ),
        [person.pk],
    )


def test_the_badge_and_the_title_say_how_many_wait(client, project, anna, lena):
    for pair in project.pairs.all()[:2]:
        commenting.comment(pair=pair, author=lena, body="@anna <b>look</b>")

    page = inbox_of(client, anna)

    assert "<title>(2) Inbox</title>" in page
    assert "lena mentioned you about pair" in page
    assert "&lt;b&gt;look&lt;/b&gt;" in page
    assert "<b>look</b>" not in page


def test_opening_the_pair_marks_its_notice_and_no_other(client, project, anna, lena):
    first, second = project.pairs.all()[:2]
    for pair in (first, second):
        commenting.comment(pair=pair, author=lena, body="@anna look")
    client.force_login(anna)

    page = text_of(client.get(reverse("pair", args=["demo", first.pk])))

    assert "<title>(1) " in page
    unread = Notice.objects.filter(person=anna, read_at=None)
    assert [each.number for each in unread] == [second.pk]


def test_marking_all_as_read_leaves_what_came_meanwhile(client, project, lena):
    ring(project, lena)
    client.force_login(lena)
    shown = Notice.objects.get().pk
    ring(project, lena, start=1)

    client.post(reverse("inbox-read"), {"until": shown})

    assert [each.key for each in Notice.objects.filter(read_at=None)] == ["drift:1"]


def test_a_page_without_scripts_or_a_strange_number_marks_all(client, project, lena):
    ring(project, lena, times=2)
    client.force_login(lena)

    client.post(reverse("inbox-read"), {"until": "x", "one": "-1"})

    assert not Notice.objects.filter(read_at=None).exists()


def test_a_long_inbox_comes_in_pages(client, project, lena):
    ring(project, lena, times=60)

    first = inbox_of(client, lena, "?kind=drift&unread=on")
    before = Notice.objects.order_by("-pk")[49].pk

    assert first.count('<li class="unread">') == 50
    assert f"?kind=drift&amp;unread=on&amp;before={before}" in first
    second = inbox_of(client, lena, f"?kind=drift&unread=on&before={before}")
    assert second.count('<li class="unread">') == 10


@pytest.mark.parametrize("query", ["?kind=weather", "?before=x", "?project=a\0"])
def test_a_filter_that_means_nothing_is_none(client, project, lena, query):
    ring(project, lena)

    assert "1 drift alarm rings." in inbox_of(client, lena, query)


def test_a_choice_is_kept_and_an_unknown_one_is_refused(client, project, lena):
    client.force_login(lena)
    page = client.get(reverse("inbox-choices"))
    chosen = {kind.value: "off" for kind in Kind} | {"drift": "at once"}

    refused = client.post(reverse("inbox-choices"), chosen | {"run": "loud"})
    client.post(reverse("inbox-choices"), chosen)

    assert page.status_code == 200
    assert refused.status_code == 422
    lena.refresh_from_db()
    assert lena.notices["drift"] == "at once"


def test_who_is_signed_out_is_asked_to_sign_in(client, project):
    answers = [client.get(reverse(name)) for name in ("inbox", "inbox-choices")]
    answers.append(client.post(reverse("inbox-read")))

    assert [answer.status_code for answer in answers] == [302, 302, 401]


def test_the_overview_says_what_came_back(client, project, anna, rosa):
    factories.review(project, anna)
    lease = quality.claim(project=project, person=rosa)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    client.force_login(anna)

    before = text_of(client.get(reverse("project", args=["demo"])))
    client.get(reverse("review", args=["demo"]))
    after = text_of(client.get(reverse("project", args=["demo"])))

    assert "1 review of yours came back." in before
    assert "came back." not in after


def test_the_desk_says_in_a_title_what_came_back(client, project, anna, rosa):
    factories.review(project, anna)
    factories.claim(project, anna)
    lease = quality.claim(project=project, person=rosa)
    quality.send_back(token=lease.token, person=rosa, reason="style")
    client.force_login(anna)

    page = " ".join(text_of(client.get(reverse("review", args=["demo"]))).split())

    assert '1 came back and waits for you "><a href="/p/demo/mine/">' in page
