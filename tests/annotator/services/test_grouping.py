"""Units: who makes them, who may own one, and whose reviews an owner meets first."""

from __future__ import annotations

import pytest

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Membership, Review, Unit
from annotator.services import grouping, projects
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(6)


def test_an_owner_meets_the_reviews_of_their_unit_first(project, ada, rosa):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    unit = grouping.add(project=project, actor=ada, name="Chemistry", owner=rosa)
    bens_place = Membership.objects.get(user=ben)
    grouping.place(membership=bens_place, actor=ada, unit=unit)
    first = factories.review(project, anna)
    second = factories.review(project, ben)

    of_owner = factories.claim(project, rosa, Stage.QUALITY)
    of_lead = factories.claim(project, ada, Stage.QUALITY)

    assert of_owner.pair_id == second.pair_id
    assert of_lead.pair_id == first.pair_id
    found = Review.objects.filter(author__memberships__unit=unit)
    assert list(found) == [second]


def test_an_owner_without_waiting_reviews_gets_the_others(project, ada, rosa):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    grouping.add(project=project, actor=ada, name="Chemistry", owner=rosa)
    review = factories.review(project, anna)

    assert factories.claim(project, rosa, Stage.QUALITY).pair_id == review.pair_id


def test_a_unit_has_a_name_of_its_own_and_an_owner_who_may_judge(project, ada, rosa):
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    grouping.add(project=project, actor=ada, name=" Law ", owner=rosa)

    for name, owner in (("Law", rosa), ("", rosa), ("Art", anna)):
        with pytest.raises(Invalid):
            grouping.add(project=project, actor=ada, name=name, owner=owner)

    assert [unit.name for unit in Unit.objects.all()] == ["Law"]


def test_people_stay_when_their_unit_goes_and_units_when_their_owner_goes(
    project, ada, rosa
):
    unit = grouping.add(project=project, actor=ada, name="Law", owner=rosa)
    membership = Membership.objects.get(user=ada)
    grouping.place(membership=membership, actor=ada, unit=unit)
    projects.remove_member(project=project, actor=ada, user=rosa)
    unit.refresh_from_db()
    owner = unit.owner
    grouping.remove(unit=unit, actor=ada)

    membership.refresh_from_db()
    assert owner is None
    assert membership.unit is None


def test_a_unit_of_another_project_is_refused(project, ada):
    other = Unit.objects.create(
        project=factories.make_project(slug="other"), name="Elsewhere"
    )
    with pytest.raises(Invalid, match="another project"):
        grouping.place(membership=ada.memberships.get(), actor=ada, unit=other)


def test_only_admins_make_units(project, rosa):
    with pytest.raises(NotAllowed):
        grouping.add(project=project, actor=rosa, name="Law", owner=rosa)
