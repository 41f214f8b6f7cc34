"""Comments, guidelines, and a lead's decision about a skipped pair."""

from __future__ import annotations

import pytest

from annotator.domain.errors import IllegalMove, Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import PairState, SkipPolicy
from annotator.models import Notice
from annotator.selectors import guidelines
from annotator.services import commenting, guiding, parking, skipping
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def leo(project):
    return factories.make_member(project, Role.LEAD, "leo")


def test_a_mail_address_names_nobody(project, anna, leo):
    commenting.comment(pair=project.pairs.first(), author=anna, body="a@leo and me@leo")

    assert not Notice.objects.filter(person=leo).exists()


@pytest.mark.parametrize(("body", "message"), [(" \n", "empty"), ("x" * 5001, "5,001")])
def test_a_comment_has_words_and_not_too_many(project, anna, body, message):
    with pytest.raises(Invalid, match=message):
        commenting.comment(pair=project.pairs.first(), author=anna, body=body)


def test_each_change_of_the_guidelines_is_a_version(project, leo):
    guiding.write(project=project, author=leo, body="# Be kind")
    guiding.write(project=project, author=leo, body="# Be kind\n")
    last = guiding.write(project=project, author=leo, body="# Be kind and clear")

    assert last.version == 2
    assert guidelines.current(project) == last
    assert project.guidelines.count() == 2


def test_an_annotator_does_not_write_guidelines(project, anna):
    with pytest.raises(NotAllowed):
        guiding.write(project=project, author=anna, body="# Anything goes")


def test_a_review_says_which_guidelines_stood_beside_it(project, anna, leo):
    version = guiding.write(project=project, author=leo, body="# Be kind")

    review = factories.review(project, anna)

    assert review.guideline == version


def parked(project, anna):
    project.skip_policy = SkipPolicy.LEAD
    project.save()
    lease = factories.claim(project, anna)
    skipping.skip(token=lease.token, person=anna, reason="not_my_field")
    lease.pair.refresh_from_db()
    return lease.pair


def test_a_lead_sends_a_parked_pair_to_the_others(project, anna, leo):
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    pair = parked(project, anna)

    parking.decide(pair=pair, actor=leo, action="queue")

    assert factories.claim(project, anna).pair != pair
    assert factories.claim(project, ben).pair == pair


def test_a_lead_sets_a_parked_pair_aside_for_a_reason(project, anna, leo):
    pair = parked(project, anna)

    with pytest.raises(Invalid, match="safety"):
        parking.decide(pair=pair, actor=leo, action="exclude", reason="dull")
    parking.decide(pair=pair, actor=leo, action="exclude", reason="safety")

    assert pair.state == PairState.EXCLUDED


def test_only_a_parked_pair_waits_for_a_lead(project, anna, leo):
    with pytest.raises(IllegalMove):
        parking.decide(pair=project.pairs.first(), actor=leo, action="queue")

    with pytest.raises(NotAllowed):
        parking.decide(pair=parked(project, anna), actor=anna, action="queue")
