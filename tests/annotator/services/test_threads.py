"""Threads of comments: replies, resolving, places, and who is told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.models import Comment, Notice
from annotator.selectors import threads
from annotator.services import commenting, quality
from annotator.services.commenting import Place
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return factories.make_drafted(2)


@pytest.fixture
def pair(project):
    return project.pairs.first()


def say(pair, author, body, **more) -> Comment:
    return commenting.comment(pair=pair, author=author, body=body, **more)


def told(person) -> list[str]:
    found = Notice.objects.filter(person=person).order_by("pk")
    return list(found.values_list("kind", flat=True))


def test_a_reply_to_a_reply_is_in_the_same_thread(pair, anna, ben):
    first = say(pair, anna, "Is it so?", place=Place(field="response", quote="word"))
    reply = say(pair, ben, "It is.", to=first)
    again = say(pair, anna, "Thanks.", to=reply)

    [thread] = threads.of_pair(pair, anna)

    assert thread.first.comment == first
    assert thread.first.quote == "word"
    assert [each.comment for each in thread.replies] == [reply, again]


def test_whoever_wrote_in_a_thread_hears_of_a_reply_once(pair, anna, ben, lena):
    first = say(pair, anna, "Is it so?")
    say(pair, ben, "Perhaps.", to=first)

    say(pair, lena, "@anna it is.", to=first)

    assert told(anna) == ["reply", "mention"]
    assert told(ben) == ["reply"]
    assert told(lena) == []


def test_a_comment_that_is_sent_twice_is_said_once(pair, anna, lena):
    deed = uuid4()

    made = {say(pair, anna, "@lena look", deed=deed).pk for _ in range(2)}

    assert len(made) == 1
    assert told(lena) == ["mention"]


def test_a_thread_is_resolved_and_a_reply_opens_it_again(pair, anna, ben):
    first = say(pair, anna, "Is it so?")
    commenting.resolve(comment=first, person=ben, is_resolved=True)
    commenting.resolve(comment=first, person=anna, is_resolved=True)
    [thread] = threads.of_pair(pair, anna)

    assert thread.is_resolved
    assert thread.first.comment.resolved_by == ben

    say(pair, anna, "Not yet.", to=first)

    assert not threads.of_pair(pair, anna)[0].is_resolved


def test_open_threads_stand_before_resolved_ones(pair, anna):
    first, second = say(pair, anna, "one"), say(pair, anna, "two")
    commenting.resolve(comment=first, person=anna, is_resolved=True)

    found = [each.first.comment for each in threads.of_pair(pair, anna)]

    assert found == [second, first]


def test_what_cannot_be_meant_is_refused(project, pair, anna):
    other = project.pairs.last()
    first = say(pair, anna, "one")
    reply = say(pair, anna, "two", to=first)

    with pytest.raises(Invalid, match="another pair"):
        say(other, anna, "three", to=first)
    with pytest.raises(Invalid, match="no field 'title'"):
        say(pair, anna, "three", place=Place(field="title"))
    with pytest.raises(Invalid, match="as a whole"):
        commenting.resolve(comment=reply, person=anna, is_resolved=True)
    outsider = factories.make_member(factories.make_project(slug="x"), Role.LEAD, "zoe")
    with pytest.raises(NotAllowed):
        commenting.resolve(comment=first, person=outsider, is_resolved=True)

    assert pair.comments.count() == 2


def test_a_passage_is_bounded_and_holds_no_nul(pair, anna):
    made = say(pair, anna, "long", place=Place(quote="a\0b" + "c" * 9000))

    assert made.quote == "ab" + "c" * 498


def test_a_blind_judge_reads_the_author_in_place_of_a_name(project, anna, rosa, lena):
    project.blind_author = True
    project.save()
    pair = factories.review(project, anna).pair
    say(pair, anna, "I was not sure.")
    say(pair, lena, "Take care.")

    def nameless() -> list[bool]:
        pair.refresh_from_db()
        return [each.first.is_nameless for each in threads.of_pair(pair, rosa)]

    assert nameless() == [True, False]
    lease = quality.claim(project=project, person=rosa)
    assert nameless() == [True, False]
    quality.accept(token=lease.token, person=rosa)
    assert nameless() == [False, False]


def test_a_passage_of_a_first_text_is_hidden_from_the_second_person():
    two = factories.make_drafted(1, overlap_share=1.0)
    anna, ben = (factories.make_member(two, Role.ANNOTATOR, n) for n in ("anna", "ben"))
    pair = factories.review(two, anna).pair
    pair.refresh_from_db()
    say(pair, anna, "My best.", place=Place(field="response", quote="Anna's words"))

    assert threads.of_pair(pair, ben)[0].first.quote == ""
    assert threads.of_pair(pair, anna)[0].first.quote == "Anna's words"
