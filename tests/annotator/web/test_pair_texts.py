"""A pair's texts beside each other: what there is, which draft, and nothing hidden."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.models import Project, Review
from annotator.services import quality
from tests import factories

pytestmark = pytest.mark.django_db
KEYS = re.compile(r'data-sides="([\w-]+)"')


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def ann(project):
    return factories.make_member(project, Role.ANNOTATOR, "ann")


@pytest.fixture
def lea(project):
    return factories.make_member(project, Role.LEAD, "lea")


def page(client, person, pk):
    client.force_login(person)
    return client.get(f"/p/demo/pairs/{pk}/").content.decode()


def side(text, key):
    """What stands in one position of the switch, without its tags."""
    part = text.partition(f'data-sides="{key}"')[2].partition("</dl>")[0]
    return " ".join(re.sub(r"<(?!/?(?:ins|del)\b)[^>]*>", " ", part).split())


def revised(project, ann, words=" Mine."):
    draft = factories.claim(project, ann).draft.text
    final = replace(draft, response=f"{draft.response}{words}")
    return factories.review(project, ann, final)


def test_raw_draft_and_final_are_compared_each_with_each(client, project, ann, lea):
    review = revised(project, ann)

    text = page(client, lea, review.pair_id)

    assert KEYS.findall(text) == ["raw", "raw-draft", "draft-final", "raw-final"]
    assert "<ins> Mine.</ins>" in side(text, "draft-final")
    assert "history, too. Mine.</ins>" in side(text, "raw-final")
    assert "Mine" not in side(text, "raw-draft")
    assert "<ins>" not in side(text, "raw")
    assert 'value="raw-final" checked' in text


def test_without_a_review_it_is_raw_and_draft(client, project, lea):
    pair = project.pairs.first()

    text = page(client, lea, pair.pk)

    assert KEYS.findall(text) == ["raw", "raw-draft"]
    assert 'value="raw-draft" checked' in text


def test_without_a_draft_there_is_no_switch(client, lea, project):
    [pair] = factories.import_rows(project, [_row("New.")]).pairs.all()

    text = page(client, lea, pair.pk)

    assert KEYS.findall(text) == ["raw"]
    assert "Raw pair" in text
    assert 'name="sides"' not in text


def _row(response):
    return {"instruction": "A new one.", "input": "", "output": response}


def test_the_text_that_quality_control_mended_is_the_final_one(
    client, project, ann, lea
):
    review = revised(project, ann)
    lease = factories.claim(project, lea, Stage.QUALITY)
    mended = replace(review.text, response="Mended by hand.")
    quality.fix_and_accept(token=lease.token, person=lea, text=mended)

    text = page(client, lea, review.pair_id)

    assert "<ins>Mended by hand</ins>." in side(text, "raw-final")
    assert "Raw → final" in text


def test_a_judge_who_is_blind_to_the_arm_sees_no_draft(client, project, ann, lea):
    Project.objects.filter(pk=project.pk).update(blind_arm=True)
    review = revised(project, ann)

    text = page(client, lea, review.pair_id)

    assert KEYS.findall(text) == ["raw", "raw-final"]
    assert KEYS.findall(page(client, ann, review.pair_id)) != ["raw", "raw-final"]


def test_a_text_that_is_for_its_author_alone_is_compared_for_nobody_else(
    client, project, ann, lea
):
    review = revised(project, ann, words=" Secret words.")
    review.pair.first_author = ann
    review.pair.save(update_fields=["first_author"])

    assert "Secret words." not in page(client, lea, review.pair_id)
    assert "Secret words." in page(client, ann, review.pair_id)
    assert Review.objects.count() == 1
