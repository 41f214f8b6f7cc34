"""A rater's desk: one text at a time, nobody twice, none beyond its raters."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from annotator.domain.blind_ratings import Place, is_swapped
from annotator.domain.errors import Invalid, LeaseLost, NotAllowed, TooLate
from annotator.domain.roles import Role
from annotator.models import BlindAnswer, Membership, Review
from annotator.selectors import blind_ratings
from annotator.services import asking_raters, rating_blind
from tests import blind, factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def time_to_undo(settings):
    settings.UNDO_SECONDS = 30


@pytest.fixture
def made():
    return blind.made_report()


@pytest.fixture
def rating(made):
    return blind.asked(*made)


def run_out(answer):
    past = timezone.now() - timedelta(seconds=1)
    BlindAnswer.objects.filter(pk=answer.pk).update(expires_at=past)


def fast_forward(answer, seconds):
    at = timezone.now() - timedelta(seconds=seconds)
    BlindAnswer.objects.filter(pk=answer.pk).update(answered_at=at)


def undone(rating, answer):
    return rating_blind.undo(rating=rating, deed=answer.deed, person=answer.person)


def test_a_person_meets_each_pair_once(rating):
    met = []
    while held := blind.claimed(rating, "rita"):
        met.append(held.pair_id)
        blind.say(rating, held, place=Place.TIE)

    assert sorted(met) == sorted(rating.pairs.values_list("pk", flat=True))


def test_each_side_of_a_pair_is_a_text_to_rate(made):
    rating = blind.asked(*made, mode="rate", texts=2)
    met = []
    while held := blind.claimed(rating, "rita"):
        met.append((held.pair.number, held.side))
        blind.say(rating, held, response=70, instruction=60)

    assert sorted(met) == [(1, "one"), (1, "other"), (2, "one"), (2, "other")]


def test_people_meet_texts_in_orders_and_on_sides_of_their_own():
    orders, sides = set(), Counter()
    rating = blind.asked(*blind.made_report(24), texts=24)
    for name in blind.RATERS:
        met = []
        while held := blind.claimed(rating, name):
            met.append(held.pair.number)
            sides[is_swapped(rating.pk, held.person_id, held.pair_id)] += 1
            blind.say(rating, held, place=Place.TIE)
        orders.add(tuple(met))

    assert len(orders) == 3
    assert min(sides.values()) > 20


def test_what_is_chosen_is_the_side_that_stood_there(rating):
    held = blind.claimed(rating, "rita")
    shown = blind_ratings.shown(held)

    said = blind.say(rating, held, place=Place.LEFT)

    assert held.pair.text(said.choice) == shown.texts[0]


def test_a_claim_again_gives_what_is_in_hand(rating):
    first = blind.claimed(rating, "rita")

    assert blind.claimed(rating, "rita") == first
    assert BlindAnswer.objects.count() == 1


def test_no_text_has_more_raters_than_were_asked_for(made):
    rating = blind.asked(*made, raters=2, texts=4)
    given = Counter()
    for name in blind.RATERS:
        while held := blind.claimed(rating, name):
            given[held.pair_id] += 1
            blind.say(rating, held, place=Place.TIE)

    assert set(given.values()) == {2}
    assert len(given) == 4


def test_a_text_in_hand_takes_a_place_until_its_hold_runs_out(made):
    rating = blind.asked(*made, raters=1, texts=1)
    first = blind.claimed(rating, "rita")
    assert blind.claimed(rating, "ravi") is None
    run_out(first)

    second = blind.claimed(rating, "ravi")

    assert second.pair_id == first.pair_id
    with pytest.raises(LeaseLost, match="somebody else has it now"):
        blind.say(rating, first, place=Place.TIE)
    assert blind.claimed(rating, "rita") is None
    assert blind.say(rating, second, place=Place.TIE).choice == "tie"


def test_a_late_answer_counts_while_nobody_else_has_the_text(rating):
    held = blind.claimed(rating, "rita")
    run_out(held)

    assert blind.say(rating, held, place=Place.TIE).answered_at


def test_a_late_answer_does_not_count_once_others_filled_the_text(made):
    rating = blind.asked(*made, raters=1, texts=1)
    first = blind.claimed(rating, "rita")
    run_out(first)
    BlindAnswer.objects.create(
        pair=first.pair,
        person=blind.person("rosa"),
        expires_at=timezone.now(),
        answered_at=timezone.now(),
        choice="tie",
    )

    with pytest.raises(LeaseLost):
        blind.say(rating, first, place=Place.TIE)


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_do_not_get_the_last_place_both():
    rating = blind.asked(*blind.made_report(), raters=1, texts=1)
    barrier, found = threading.Barrier(3), []

    def claim(name):
        barrier.wait()
        found.append(blind.claimed(rating, name))
        connection.close()

    threads = [threading.Thread(target=claim, args=(name,)) for name in blind.RATERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([each for each in found if each]) == 1


def test_the_same_deed_is_done_once(rating):
    held, deed = blind.claimed(rating, "rita"), uuid4()
    first = blind.say(rating, held, place=Place.LEFT, deed=deed)

    again = blind.say(rating, held, place=Place.RIGHT, deed=deed)

    assert again == first
    assert again.choice == first.choice


def test_another_deed_on_the_same_text_is_refused(rating):
    held = blind.claimed(rating, "rita")
    blind.say(rating, held, place=Place.LEFT)

    with pytest.raises(LeaseLost, match="answered already"):
        blind.say(rating, held, place=Place.RIGHT)


def test_nobody_rates_what_they_wrote_or_judged_even_since(rating):
    pairs = list(rating.pairs.order_by("number"))
    by_rita = Review.objects.get(pair=pairs[0].pair)
    by_rita.author = blind.person("rita")
    by_rita.save()
    judged = Review.objects.get(pair=pairs[1].pair).verdict
    judged.kind, judged.judge = "judged", blind.person("rita")
    judged.save()
    met = []
    while held := blind.claimed(rating, "rita"):
        met.append(held.pair.number)
        blind.say(rating, held, place=Place.TIE)

    assert sorted(met) == [3, 4, 5, 6, 7, 8]


def test_what_one_cannot_tell_goes_to_somebody_else(made):
    rating = blind.asked(*made, raters=1, texts=1)

    passed = blind.say(rating, blind.claimed(rating, "rita"), is_passed=True)

    assert (passed.choice, passed.is_passed) == ("", True)
    assert blind.claimed(rating, "rita") is None
    assert blind.claimed(rating, "ravi").pair_id == passed.pair_id


@pytest.mark.parametrize("mode", ["rate", "compare"])
def test_an_answer_that_says_nothing_is_refused_and_stays_in_hand(made, mode):
    rating = blind.asked(*made, mode=mode)
    held = blind.claimed(rating, "rita")

    with pytest.raises(Invalid, match=r"0 to 100|Choose the better"):
        blind.say(rating, held)
    with pytest.raises(Invalid):
        blind.say(rating, held, response=101, instruction=4)
    with pytest.raises(Invalid):
        blind.say(rating, held, response=40)

    assert blind.claimed(rating, "rita") == held
    assert not BlindAnswer.objects.given().exists()


def test_whoever_was_not_asked_or_left_rates_nothing(rating):
    olga = factories.make_member(rating.project, Role.ANNOTATOR, "olga")
    with pytest.raises(NotAllowed, match="not asked"):
        rating_blind.claim(rating=rating, person=olga)
    Membership.objects.filter(user__username="rita").delete()

    with pytest.raises(NotAllowed):
        blind.claimed(rating, "rita")


def test_an_ended_order_takes_nothing_more(made, rating):
    held = blind.claimed(rating, "rita")
    asking_raters.end(rating=rating, actor=made[1])

    with pytest.raises(LeaseLost, match="ended this rating"):
        blind.say(rating, held, place=Place.TIE)


def test_the_newest_answer_is_taken_back_into_the_hand(made):
    rating = blind.asked(*made, mode="rate")
    first = blind.say(
        rating, blind.claimed(rating, "rita"), response=70, instruction=60
    )
    waiting = blind.claimed(rating, "rita")

    back = undone(rating, first)

    assert (back, back.response, back.answered_at) == (first, 70, None)
    assert blind.claimed(rating, "rita") == first
    assert not BlindAnswer.objects.filter(pk=waiting.pk).exists()
    assert blind.say(rating, back, response=80, instruction=60).response == 80


def test_an_older_answer_or_one_of_long_ago_stays(rating, settings):
    first, second = (
        blind.say(rating, blind.claimed(rating, "rita"), place=Place.TIE)
        for _ in range(2)
    )
    with pytest.raises(TooLate):
        undone(rating, first)
    fast_forward(second, settings.UNDO_SECONDS + 1)

    with pytest.raises(TooLate):
        undone(rating, second)
    assert BlindAnswer.objects.given().count() == 2


def test_nobody_takes_back_what_another_said(rating):
    said = blind.say(rating, blind.claimed(rating, "rita"), place=Place.TIE)

    with pytest.raises(TooLate):
        rating_blind.undo(rating=rating, deed=said.deed, person=blind.person("ravi"))


def test_a_passed_text_that_somebody_else_has_now_is_not_taken_back(made):
    rating = blind.asked(*made, raters=1, texts=1)
    passed = blind.say(rating, blind.claimed(rating, "rita"), is_passed=True)
    blind.claimed(rating, "ravi")

    with pytest.raises(TooLate, match="Somebody else"):
        undone(rating, passed)


def test_progress_counts_what_is_done_and_left_of_ones_own(rating):
    rita = blind.person("rita")
    assert (blind_ratings.stand_of(rating, rita).whole) == 8
    blind.say(rating, blind.claimed(rating, "rita"), place=Place.TIE)
    blind.claimed(rating, "rita")

    stand = blind_ratings.stand_of(rating, rita)

    assert (stand.done, stand.left, stand.whole) == (1, 7, 8)
    [whole] = blind_ratings.of_project(rating.project)
    assert (whole.answers, whole.wanted, whole.people, whole.pairs) == (1, 24, 3, 8)
