"""The people page: who may see and do what, and that nobody is locked out."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from rest_framework.authtoken.models import Token

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Lease, Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


@pytest.fixture
def anna(project):
    return factories.make_member(project, Role.ANNOTATOR, "anna")


@pytest.fixture
def admin(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def page(answer) -> str:
    return answer.content.decode()


def signed_in(name: str) -> Client:
    client = Client()
    client.post("/login/", {"username": name, "password": factories.PASSWORD})
    return client


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD])
def test_the_page_is_for_admins(client, project, role):
    person = factories.make_member(project, role)
    client.force_login(person)

    answers = [client.get(f"/people/{rest}") for rest in ("", f"{person.pk}/")]

    assert {answer.status_code for answer in answers} == {404}


def test_an_admin_sees_the_people_of_their_projects_only(admin, anna):
    other = factories.make_project(slug="other")
    eve = factories.make_member(other, Role.ANNOTATOR, "eve")

    listed = page(admin.get("/people/"))

    assert "anna" in listed
    assert "eve" not in listed
    assert admin.get(f"/people/{eve.pk}/").status_code == 404


def test_a_superuser_sees_all(admin, ada, anna):
    User.objects.create_user("nobody-yet")
    User.objects.filter(pk=ada.pk).update(is_superuser=True)

    assert "nobody-yet" in page(admin.get("/people/"))


def test_one_searches_by_any_name(admin, anna):
    User.objects.filter(pk=anna.pk).update(first_name="Anna Ek", email="a@ek.example")

    for words in ("anna", "Ek anna", "ek.example"):
        assert f"/people/{anna.pk}/" in page(admin.get("/people/", {"q": words}))
    assert f"/people/{anna.pk}/" not in page(admin.get("/people/", {"q": "zed"}))


def test_roles_of_other_projects_are_not_told(admin, anna):
    other = factories.make_project(slug="other", name="Secret work")
    Membership.objects.create(project=other, user=anna, role=Role.LEAD)

    told = page(admin.get("/people/")) + page(admin.get(f"/people/{anna.pk}/"))

    assert "Secret work" not in told


def test_an_account_is_made_and_its_link_sets_the_password(admin, project):
    answer = admin.post(
        "/people/",
        {"username": "nora", "full_name": "Nora", f"role-{project.pk}": "lead"},
    )
    link = re.search(r'value="http://testserver(/[^"]+)"', page(answer))[1]
    guest = Client()
    form = guest.get(link, follow=True)
    typed = {"password1": "a long one, new", "password2": "a long one, new"}
    guest.post(form.request["PATH_INFO"], typed)
    again = Client().get(link, follow=True)

    nora = User.objects.get(username="nora")
    assert nora.check_password("a long one, new")
    assert project.memberships.get(user=nora).role == Role.LEAD
    assert "password1" not in page(again)


def test_an_account_without_a_role_is_a_superusers_to_make(admin, ada):
    typed = {"username": "nora"}
    refused = admin.post("/people/", typed)
    User.objects.filter(pk=ada.pk).update(is_superuser=True)
    made = admin.post("/people/", typed)

    assert refused.status_code == 422
    assert 'value="nora"' in page(refused)
    assert made.status_code == 200
    assert User.objects.filter(username="nora").exists()


def test_a_name_that_is_taken_is_said_and_what_was_typed_stands(admin, anna, project):
    answer = admin.post(
        "/people/",
        {"username": "Anna", "full_name": "Another", f"role-{project.pk}": "lead"},
    )

    assert answer.status_code == 422
    assert "is taken" in page(answer)
    assert 'value="Another"' in page(answer)


def test_a_closed_account_is_out_at_once(admin, project, anna):
    worker = signed_in("anna")
    token = Token.objects.create(user=anna)
    held = factories.claim(project, anna)

    admin.post(f"/people/{anna.pk}/", {"action": "deactivate"})

    header = {"Authorization": f"Token {token.key}"}
    assert worker.get("/p/demo/").status_code == 302
    assert Client().get("/api/projects/", headers=header).status_code in (401, 403)
    assert signed_in("anna").get("/p/demo/").status_code == 302
    assert Lease.objects.get(pk=held.pk).ended_at is not None
    held.pair.refresh_from_db()
    assert held.pair.state == PairState.READY


def test_a_closed_account_is_marked_and_comes_last(admin, project, anna):
    factories.make_member(project, Role.ANNOTATOR, "zoe")
    admin.post(f"/people/{anna.pk}/", {"action": "deactivate"})

    text = page(admin.get("/people/"))

    [row] = re.findall(r'<tr class="closed">.*?</tr>', text, re.DOTALL)
    assert "anna" in row
    assert '<span class="state closed">closed</span>' in row
    assert text.index(">zoe<") < text.index(">anna<")


def test_an_account_that_is_opened_again_has_its_roles_and_no_session(
    admin, project, anna
):
    worker = signed_in("anna")
    admin.post(f"/people/{anna.pk}/", {"action": "deactivate"})
    admin.post(f"/people/{anna.pk}/", {"action": "reactivate"})

    assert worker.get("/p/demo/").status_code == 302
    assert signed_in("anna").get("/p/demo/").status_code == 200


def test_nobody_closes_their_own_account(admin, ada, project):
    factories.make_member(project, Role.ADMIN, "eva")

    answer = admin.post(f"/people/{ada.pk}/", {"action": "deactivate"})

    assert answer.status_code == 422
    assert User.objects.get(pk=ada.pk).is_active


def test_the_last_active_admin_of_a_project_stays(project, ada):
    eva = factories.make_member(project, Role.ADMIN, "eva")
    User.objects.filter(pk=eva.pk).update(is_active=False)
    client = Client()
    client.force_login(ada)

    role = client.post(
        f"/people/{ada.pk}/",
        {"action": "role", "project": project.pk, "role": "lead"},
    )

    assert role.status_code == 422
    assert project.memberships.get(user=ada).role == Role.ADMIN


def test_the_last_superuser_stays(client):
    root = User.objects.create_superuser("root", password=factories.PASSWORD)
    client.force_login(root)

    answer = client.post(f"/people/{root.pk}/", {"action": "deactivate"})

    assert answer.status_code == 422
    assert User.objects.get(pk=root.pk).is_active


def test_the_admin_of_one_project_does_not_get_into_another_by_a_reset(admin, anna):
    other = factories.make_project(slug="other")
    Membership.objects.create(project=other, user=anna, role=Role.ADMIN)

    for action in ("reset", "deactivate", "forget-factor"):
        answer = admin.post(f"/people/{anna.pk}/", {"action": action})
        assert answer.status_code == 403
        assert "/account/password/reset/" not in page(answer)


def test_a_superusers_account_is_a_superusers_to_reset(admin, anna):
    User.objects.filter(pk=anna.pk).update(is_superuser=True)

    assert admin.post(f"/people/{anna.pk}/", {"action": "reset"}).status_code == 403


def test_roles_are_changed_project_by_project(admin, ada, anna, project):
    other = factories.make_project(slug="other")
    address = f"/people/{anna.pk}/"
    role = {"action": "role", "role": "lead"}
    admin.post(address, {**role, "project": project.pk})
    refused = admin.post(address, {**role, "project": other.pk})

    assert refused.status_code == 404
    assert [m.role for m in anna.memberships.all()] == ["lead"]


def test_a_lost_second_factor_is_removed(admin, anna):
    totp.TOTP.activate(anna, totp.generate_totp_secret())
    before = page(admin.get("/people/"))

    admin.post(f"/people/{anna.pk}/", {"action": "forget-factor"})

    assert "yes" in before
    assert not Authenticator.objects.exists()
    assert signed_in("anna").get("/p/demo/").status_code == 200
