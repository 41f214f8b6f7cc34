"""A link makes one person a member, once, for as long as it holds."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from annotator.domain.roles import Role
from annotator.models import Invitation, Membership, User
from annotator.services import inviting, projects
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"username": "nora", "full_name": "Nora Ny", "password": "a long one, new"}


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


@pytest.fixture
def link(client, ada) -> str:
    client.force_login(ada)
    return invited(client)


def invited(client, **values) -> str:
    answer = client.post("/p/demo/members/invite/", {"role": "reviewer", **values})
    found = re.search(
        r'value="http://testserver(/join/[^"]+)"', answer.content.decode()
    )
    assert found
    return found[1]


def test_whoever_opens_the_link_makes_an_account_and_is_a_member(project, link):
    guest = Client()
    page = guest.get(link)
    answer = guest.post(link, NEW)

    nora = User.objects.get(username="nora")
    assert "ada invites you to demo as reviewer" in page.content.decode()
    assert answer.url == "/p/demo/"
    assert guest.get("/p/demo/").status_code == 200
    assert nora.full_name == "Nora Ny"
    assert nora.check_password(NEW["password"])
    assert project.memberships.get(user=nora).role == Role.REVIEWER


def test_who_has_an_account_joins_with_it(project, link):
    ben = User.objects.create_user("ben", password=factories.PASSWORD)
    guest = Client()
    guest.force_login(ben)

    guest.post(link)

    assert project.memberships.get(user=ben).role == Role.REVIEWER
    assert User.objects.count() == 2


def test_a_role_that_one_has_stays_as_it_is(project, client, ada, link):
    client.post(link)

    assert project.memberships.get(user=ada).role == Role.ADMIN


def test_it_is_used_once(link):
    Client().post(link, NEW)

    again = Client().post(link, {**NEW, "username": "olga"})

    assert again.status_code == 410
    assert "has been used" in again.content.decode()
    assert not User.objects.filter(username="olga").exists()


def test_it_ends_with_its_days(link):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = Client().post(link, NEW)

    assert answer.status_code == 410
    assert "too old" in answer.content.decode()


def test_it_can_be_taken_back(client, link):
    pk = Invitation.objects.get().pk
    client.post("/p/demo/members/invite/revoke/", {"invitation": pk})

    answer = Client().post(link, NEW)

    assert answer.status_code == 410
    assert "taken back" in answer.content.decode()


def test_a_link_that_was_cut_is_told_so(link):
    answer = Client().get(f"{link[:-4]}/")

    assert answer.status_code == 410
    assert "the link is cut" in answer.content.decode()


def test_it_is_worth_what_its_maker_may(project, ada, link):
    eva = factories.make_member(project, Role.ADMIN, "eva")
    projects.set_role(project=project, actor=eva, user=ada, role=Role.LEAD)

    answer = Client().post(link, NEW)

    assert answer.status_code == 409
    assert not User.objects.filter(username="nora").exists()
    assert Invitation.objects.get().used_at is None


def test_the_token_itself_is_kept_nowhere(link):
    token = link.split("/")[2]

    assert token not in str(list(Invitation.objects.values()))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"username": "ADA"}, "is taken"),
        ({"username": "no ra"}, "valid username"),
        ({"password": "short"}, "too short"),
        ({"password": "nora12345", "username": "nora1234"}, "too similar"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_holds(link, typed, said):
    guest = Client()
    answer = guest.post(link, {**NEW, **typed})

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="Nora Ny"' in answer.content.decode()
    assert guest.post(link, NEW).status_code == 302


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD])
def test_only_admins_invite(client, project, role):
    client.force_login(factories.make_member(project, role))

    answer = client.post("/p/demo/members/invite/", {"role": "admin"})

    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_nobody_takes_back_another_projects_invitation(project, link):
    other = factories.make_project(slug="other")
    stranger = Client()
    stranger.force_login(factories.make_member(other, Role.ADMIN, "eve"))

    answer = stranger.post(
        "/p/other/members/invite/revoke/", {"invitation": Invitation.objects.get().pk}
    )

    assert answer.status_code == 404


def test_one_link_leads_into_several_projects(ada, project):
    other = factories.make_project(slug="other")
    Membership.objects.create(project=other, user=ada, role=Role.ADMIN)
    roles = {project: Role.LEAD, other: Role.ANNOTATOR}
    _made, token = inviting.invite(actor=ada, roles=roles)

    Client().post(f"/join/{token}/", NEW)

    held = Membership.objects.filter(user__username="nora")
    assert dict(held.values_list("project__slug", "role")) == {
        "demo": "lead",
        "other": "annotator",
    }


def test_it_goes_by_mail_where_there_is_a_server(client, ada, settings):
    settings.EMAIL_HOST = "mail.example.org"
    client.force_login(ada)

    link = invited(client, email="nora@example.org")
    Client().post(link, NEW)

    (sent,) = mail.outbox
    assert sent.to == ["nora@example.org"]
    assert link in sent.body
    assert User.objects.get(username="nora").email == "nora@example.org"


def test_a_mail_that_fails_leaves_the_link_to_hand_over(client, ada, settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(ada)

    answer = client.post(
        "/p/demo/members/invite/", {"role": "lead", "email": "nora@example.org"}
    )

    assert "could not be sent" in answer.content.decode()
    assert "/join/" in answer.content.decode()


def test_the_members_page_lists_those_that_wait(client, link):
    waiting = client.get("/p/demo/members/").content.decode()
    Client().post(link, NEW)
    used = client.get("/p/demo/members/").content.decode()

    assert "Invitations that wait" in waiting
    assert "Invitations that wait" not in used


def test_roles_are_offered_in_the_language_of_the_page(client, ada):
    client.force_login(ada)

    answer = client.get("/p/demo/members/", headers={"accept-language": "zh-CN"})

    options = re.findall(r"<option[^>]*>([^<]*)", answer.content.decode())
    assert "标注员" in options
    assert "annotator" not in options
