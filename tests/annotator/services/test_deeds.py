"""A deed is done once, by whoever holds the pen, and takes no other text away."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotator.domain.errors import LeaseLost, OtherTab, Stale
from annotator.domain.roles import Role
from annotator.domain.states import PairState, Stage
from annotator.models import (
    AuditEvent,
    Autosave,
    BulkAcceptance,
    Draft,
    KeptText,
    Review,
    Skip,
    Verdict,
)
from annotator.services import (
    adjudicating,
    autosaving,
    bulk_accepting,
    deeds,
    excluding,
    giving_back,
    quality,
    reviewing,
    skipping,
    timing,
)
from annotator.services.deeds import Sent
from annotator.services.reviewing import Marks
from revision_engine.types import PairText
from tests import factories

pytestmark = pytest.mark.django_db
MINE = PairText(instruction="Explain it.", response="All that I typed today.")
OTHER = PairText(instruction="Explain it.", response="What the other tab says.")


@pytest.fixture
def project():
    return factories.make_drafted(3)


@pytest.fixture
def lease(project, anna):
    return factories.claim(project, anna)


def who(lease):
    return {"token": lease.token, "person": lease.holder}


def pen(lease, tab):
    timing.record_tick(**who(lease), stage=Stage(lease.stage), active=True, tab=tab)


def kept(lease):
    texts = KeptText.objects.filter(pair=lease.pair, author=lease.holder)
    return [text.response for text in texts.order_by("pk")]


DEEDS = {
    "submit": lambda lease, sent: reviewing.submit(**who(lease), text=MINE, sent=sent),
    "exclude": lambda lease, sent: excluding.exclude(
        **who(lease), reason="safety", sent=sent
    ),
    "skip": lambda lease, sent: skipping.skip(
        **who(lease), reason="unclear", sent=sent
    ),
    "give back": lambda lease, sent: giving_back.give_back(
        **who(lease), stage=Stage.REVIEW, sent=sent
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_that_is_sent_again_is_done_once(lease, name):
    sent = Sent()

    first = DEEDS[name](lease, sent)
    again = DEEDS[name](lease, sent)

    assert first == again
    assert AuditEvent.objects.filter(deed=sent.deed).count() == 1


@pytest.mark.parametrize("name", DEEDS)
def test_a_tab_without_the_pen_does_nothing(lease, name):
    pen(lease, uuid4())

    for tab in (uuid4(), None):
        with pytest.raises(OtherTab):
            DEEDS[name](lease, Sent(tab=tab))

    lease.pair.refresh_from_db()
    assert lease.pair.state == PairState.IN_REVIEW


@pytest.mark.parametrize("name", DEEDS)
def test_the_tab_with_the_pen_does_it(lease, name):
    tab = uuid4()
    pen(lease, tab)

    DEEDS[name](lease, Sent(tab=tab))

    lease.pair.refresh_from_db()
    assert lease.pair.state != PairState.IN_REVIEW


def test_a_text_from_a_tab_without_the_pen_is_in_the_history(lease):
    pen(lease, uuid4())

    for _ in range(2):
        with pytest.raises(OtherTab):
            reviewing.submit(**who(lease), text=MINE, sent=Sent(tab=uuid4()))

    assert kept(lease) == [MINE.response]
    assert not Review.objects.exists()


def test_a_text_older_than_what_another_tab_saved_is_not_submitted(lease):
    autosaving.keep_text(**who(lease), text=OTHER, base_revision=0, tab=uuid4())

    with pytest.raises(Stale):
        reviewing.submit(
            **who(lease), text=MINE, sent=Sent(tab=uuid4(), base_revision=0)
        )

    assert kept(lease) == [MINE.response]
    assert Autosave.objects.get().response == OTHER.response


def test_a_tab_may_submit_while_its_own_save_is_on_the_way(lease):
    tab = uuid4()
    for text in (OTHER, MINE):
        autosaving.keep_text(**who(lease), text=text, base_revision=0, tab=tab)

    review = reviewing.submit(
        **who(lease), text=MINE, sent=Sent(tab=tab, base_revision=0)
    )

    assert review.text == MINE


def test_another_text_under_the_same_hold_is_kept_and_not_swallowed(lease):
    reviewing.submit(**who(lease), text=OTHER)

    with pytest.raises(LeaseLost, match="another text"):
        reviewing.submit(**who(lease), text=MINE)

    assert Review.objects.get().text == OTHER
    assert kept(lease) == [MINE.response]


def test_the_same_text_with_other_marks_is_another_submit(lease):
    reviewing.submit(**who(lease), text=MINE)

    with pytest.raises(LeaseLost, match="another text"):
        reviewing.submit(**who(lease), text=MINE, marks=Marks(["response.safety"]))

    assert not Review.objects.get().tags.exists()


def test_a_late_text_does_not_overwrite_what_was_saved_elsewhere(lease):
    autosaving.keep_text(**who(lease), text=OTHER, base_revision=0, tab=uuid4())
    type(lease).objects.update(ended_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(LeaseLost):
        reviewing.submit(**who(lease), text=MINE, sent=Sent(tab=uuid4()))

    assert Autosave.objects.get().response == MINE.response
    assert kept(lease) == [OTHER.response]


def test_what_was_typed_and_dropped_for_the_draft_is_in_the_history(lease):
    reviewing.submit(**who(lease), text=lease.draft.text, typed=MINE)

    assert Review.objects.get().text == lease.draft.text
    assert kept(lease) == [MINE.response]


@pytest.mark.parametrize("shown", ["draft", "pair"])
def test_an_untouched_editor_leaves_no_text_in_the_history(lease, shown):
    shown = getattr(lease, shown).text

    reviewing.submit(**who(lease), text=shown, typed=lease.draft.text)

    assert kept(lease) == []


def test_exclusion_and_skip_keep_what_was_typed(project, anna, lease):
    autosaving.keep_text(**who(lease), text=MINE, base_revision=0)
    skipping.skip(**who(lease), reason="unclear")

    assert lease.pair.autosaves.get(used_at=None).text == MINE
    assert Skip.objects.count() == 1


class TestVerdicts:
    @pytest.fixture
    def rosa(self, project):
        return factories.make_member(project, Role.REVIEWER, "rosa")

    @pytest.fixture
    def judged(self, project, anna, rosa):
        factories.review(project, anna)
        return factories.claim(project, rosa, Stage.QUALITY)

    VERDICTS = {
        "accept": lambda who, sent: quality.accept(**who, sent=sent),
        "fix": lambda who, sent: quality.fix_and_accept(**who, text=MINE, sent=sent),
        "send back": lambda who, sent: quality.send_back(
            **who, reason="style", note="Shorter.", text=MINE, sent=sent
        ),
    }

    @pytest.mark.parametrize("name", VERDICTS)
    def test_a_verdict_that_is_sent_again_is_given_once(self, judged, name):
        give, sent = self.VERDICTS[name], Sent()

        first = give(who(judged), sent)
        again = give(who(judged), sent)
        by_a_page_without_scripts = give(who(judged), Sent())

        assert first == again == by_a_page_without_scripts
        assert Verdict.objects.count() == 1

    @pytest.mark.parametrize("name", VERDICTS)
    def test_a_verdict_from_a_tab_without_the_pen_is_not_given(self, judged, name):
        pen(judged, uuid4())

        with pytest.raises(OtherTab):
            self.VERDICTS[name](who(judged), Sent(tab=uuid4()))

        assert not Verdict.objects.exists()
        assert kept(judged) == ([] if name == "accept" else [MINE.response])

    def test_another_verdict_under_the_same_hold_is_not_swallowed(self, judged):
        quality.accept(**who(judged))

        with pytest.raises(LeaseLost, match="judged this review from elsewhere"):
            self.VERDICTS["send back"](who(judged), Sent())

        assert Verdict.objects.get().accepted
        assert kept(judged) == [MINE.response]

    def test_the_same_verdict_with_another_note_is_another_one(self, judged):
        quality.accept(**who(judged), note="Good.")

        with pytest.raises(LeaseLost, match="judged this review from elsewhere"):
            quality.accept(**who(judged), note="Not so good.")


def test_a_deed_of_somebody_else_is_not_mine(project, anna, lease):
    sent = Sent()
    reviewing.submit(**who(lease), text=MINE, sent=sent)
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")

    assert deeds.is_done(sent, anna)
    assert not deeds.is_done(sent, ben)


def test_a_bulk_that_is_sent_twice_is_one(project, anna):
    lena = factories.make_member(project, Role.LEAD, "lena")
    for _ in range(3):
        factories.review(project, anna)
    Draft.objects.update(mean_logprob=-0.1)
    sent = Sent()
    asked = {"project": project, "actor": lena, "threshold": -0.5, "audit_share": 0.1}

    first = bulk_accepting.accept(**asked, sent=sent)
    again = bulk_accepting.accept(**asked, sent=sent)

    assert first == again
    assert BulkAcceptance.objects.count() == 1


def test_a_choice_that_is_sent_twice_is_one(project, anna):
    project.overlap_share, project.overlap_similarity = 1, 1
    project.save()
    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    lena = factories.make_member(project, Role.LEAD, "lena")
    pair = factories.review(project, anna).pair
    factories.review(project, ben, MINE)
    asked = {"pair": pair, "actor": lena, "choice": "second", "reason": "both_fine"}
    sent = Sent()

    first = adjudicating.rule(**asked, sent=sent)

    assert adjudicating.rule(**asked, sent=sent) == first
