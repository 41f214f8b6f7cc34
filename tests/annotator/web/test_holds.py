"""The token of a hold opens a pair to its holder, in its project and in their role."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework.authtoken.models import Token

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Autosave, KeptText, Lease, Pair, Review, Tick, Verdict
from annotator.services import autosaving, projects, quality
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
TYPED = PairText(instruction="Explain it.", response="All that I typed today.")
OF_QUALITY = {"quality-judge", "quality-give-back", "quality-tick", "quality-take-over"}
BY_TOKEN = {
    "review-submit",
    "review-autosave",
    "review-exclude",
    "review-give-back",
    "review-tick",
    "review-skip",
    "review-compare",
    "review-take-over",
    "review-candidates",
    "review-choose",
    "review-held-back",
    *OF_QUALITY,
}


def with_a_token() -> set[str]:
    """The names of all addresses that a hold's token is part of."""
    found = set()

    def collect(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                collect(pattern.url_patterns)
            elif isinstance(pattern, URLPattern) and "uuid:token" in str(
                pattern.pattern
            ):
                found.add(pattern.name)

    collect(get_resolver("annotator.web.urls").url_patterns)
    return found


@pytest.fixture
def world():
    """rosa, a reviewer of `demo`, who is a member of `other`, too; and an admin."""
    project = factories.make_drafted(3)
    other = factories.make_project(slug="other")
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")
    admin = factories.make_member(project, Role.ADMIN, "ada")
    projects.Membership.objects.create(project=other, user=rosa, role=Role.ADMIN)
    return project, other, rosa, admin


def hold(project, rosa, name):
    """A hold of the kind that an address is about."""
    if name not in OF_QUALITY:
        return factories.claim(project, rosa)
    factories.review(project, factories.make_member(project, Role.ANNOTATOR, "anna"))
    lease = quality.claim(project=project, person=rosa)
    assert lease is not None
    return lease


def send(client, slug, name, lease):
    """A full form that would do whatever the address does."""
    args = [slug, lease.token]
    sent = {
        "instruction": "Mine.",
        "input": "",
        "response": "Written by the wrong one.",
        "action": "save",
        "reason": "unclear",
        "note": "n",
        "active": "true",
        "deed": uuid4(),
        "tab": uuid4(),
    }
    if name.startswith("quality"):
        sent["action"] = "fix"
    return client.post(reverse(name, args=args), sent)


def traces():
    """Everything that one of the addresses could have left behind."""
    return (
        list(Pair.objects.order_by("pk").values_list("state", "reserved_for")),
        list(Lease.objects.order_by("pk").values_list("tab", "expires_at", "ended_at")),
        *(rows.objects.count() for rows in (Review, Verdict, Tick, Autosave, KeptText)),
    )


def test_the_table_knows_every_address_with_a_token():
    of_raters = {"rating-answer"}  # see test_rating_screens
    assert with_a_token() == BY_TOKEN | of_raters


@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_a_token_opens_nothing_through_another_projects_address(client, world, name):
    project, other, rosa, _ = world
    lease = hold(project, rosa, name)
    client.force_login(rosa)
    before = traces()

    answer = send(client, other.slug, name, lease)

    assert answer.status_code == 404
    assert traces() == before


@pytest.mark.parametrize("slug", ["demo", "other"])
@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_who_was_removed_does_nothing_with_an_old_token(client, world, name, slug):
    project, _, rosa, admin = world
    lease = hold(project, rosa, name)
    projects.remove_member(project=project, actor=admin, user=rosa)
    client.force_login(rosa)
    before = traces()

    answer = send(client, slug, name, lease)

    assert answer.status_code == 404
    assert traces() == before


@pytest.mark.parametrize("name", sorted(OF_QUALITY | {"review-autosave"}))
def test_a_lowered_role_ends_what_it_does_not_cover(client, world, name):
    project, _, rosa, admin = world
    lease = hold(project, rosa, "quality-judge")
    projects.set_role(project=project, actor=admin, user=rosa, role=Role.ANNOTATOR)
    client.force_login(rosa)
    before = traces()

    answer = send(client, "demo", name, lease)

    assert answer.status_code == 403
    assert traces() == before
    assert Pair.objects.get(pk=lease.pair_id).state == "reviewed"


@pytest.mark.parametrize("name", sorted(BY_TOKEN))
def test_a_token_is_its_holders_alone(client, world, name):
    project, _, rosa, admin = world
    lease = hold(project, rosa, name)
    client.force_login(admin)
    before = traces()

    answer = send(client, "demo", name, lease)

    assert answer.status_code == 404
    assert traces() == before


def test_a_removed_members_pair_is_the_next_ones_and_their_text_stays(client, world):
    project, _, rosa, admin = world
    lease = factories.claim(project, rosa)
    autosaving.keep_text(token=lease.token, person=rosa, text=TYPED)
    client.force_login(admin)
    member = project.memberships.get(user=rosa)

    answer = client.post(
        reverse("members", args=["demo"]),
        {"action": "remove", "membership": member.pk},
        follow=True,
    )

    number = str(lease.pair_id)
    page = answer.content.decode()
    assert "rosa has left the project." in page
    assert f"Pair {number}, which they held or were to get, waits for others." in page
    assert f"stands in the history of pair {number}." in page
    history = client.get(reverse("pair", args=["demo", lease.pair_id]))
    assert "typed this, and it is not the review" in history.content.decode()
    assert factories.claim(project, admin).pair_id == lease.pair_id


def test_what_waits_for_a_removed_member_waits_for_everybody(world):
    project, _, rosa, admin = world
    sent_back = factories.review(project, rosa)
    judged = quality.claim(project=project, person=admin)
    quality.send_back(token=judged.token, person=admin, reason="incorrect")

    left = projects.remove_member(project=project, actor=admin, user=rosa)

    assert left.freed == [sent_back.pair_id]
    pair = Pair.objects.get(pk=sent_back.pair_id)
    assert (pair.state, pair.reserved_for) == (PairState.READY, None)


def test_a_raised_role_takes_nothing_away(world):
    project, _, rosa, admin = world
    lease = factories.claim(project, rosa)

    left = projects.set_role(project=project, actor=admin, user=rosa, role=Role.LEAD)

    assert not left.freed
    assert Lease.objects.get(pk=lease.pk).ended_at is None


def test_what_is_done_cannot_be_undone_by_who_has_left(client, world):
    project, _, rosa, admin = world
    review = factories.review(project, rosa)
    deed = review.pair.events.get(action="submitted").deed
    projects.remove_member(project=project, actor=admin, user=rosa)
    client.force_login(rosa)

    answers = [
        client.post(reverse("undo", args=[slug, deed])) for slug in ("demo", "other")
    ]

    assert [answer.status_code for answer in answers] == [404, 409]
    assert Pair.objects.get(pk=review.pair_id).state == PairState.REVIEWED


@pytest.mark.parametrize("gone", ["removed", "deactivated"])
def test_an_api_token_of_who_has_left_works_nowhere(client, world, gone):
    project, _, rosa, admin = world
    headers = {"authorization": f"Token {Token.objects.create(user=rosa).key}"}
    before = client.get("/api/projects/demo/progress/", headers=headers)

    if gone == "removed":
        projects.remove_member(project=project, actor=admin, user=rosa)
    else:
        rosa.is_active = False
        rosa.save()
    after = client.get("/api/projects/demo/progress/", headers=headers)

    assert before.status_code == 200
    assert after.status_code == (404 if gone == "removed" else 403)
