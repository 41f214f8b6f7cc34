"""What a made-up person does at the desk: revise, judge, choose between two texts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from annotator.domain import rubric
from annotator.domain.effort import word_count
from annotator.domain.states import PairState, Stage
from annotator.models import Lease, Pair, Project, Review, Ruling, Skip, User, Verdict
from annotator.services import (
    adjudicating,
    excluding,
    quality,
    queueing,
    reviewing,
    skipping,
    timing,
)
from annotator.services.made_up.cast import Worker
from annotator.services.made_up.clock import Clock
from annotator.services.made_up.texts import Told, in_own_words, with_slip
from annotator.services.reviewing import NO_MARKS, Marks
from revision_engine.types import PairText
from training.examples import edit_distance

Choice, Reason = Ruling.Choice, Ruling.Reason
TICK_SECONDS = 100.0
OWN_WORDS = 0.12
"""Share of good reviews in somebody's own words: what two people differ by."""
UNSURE = 0.02
"""Share of pairs that a person skips, and half of it: that they exclude."""
MISSED = 0.08
"""Share of slips that quality control does not see."""
MENDED = 0.4
"""Share of slips that quality control mends itself; it sends back the others."""
MARKED = 0.4
FLAWS = tuple(
    each.key
    for each in rubric.CRITERIA
    if each.side == "response" and each.level == "basic"
)
REMARKS = {
    "incomplete": "The second half of the answer is missing.",
    "incorrect": "It says less than is true: see the second sentence.",
    "style": "Whole sentences, please, as the guidelines say.",
}


@dataclass(slots=True)
class Desk:
    """One project's work, and the chance by which it goes."""

    project: Project
    told: Mapping[PairText, Told]
    clock: Clock
    chance: random.Random

    def revise(self, worker: Worker, person: User) -> bool:
        """One pair, from the claim to the submit; False where none waits."""
        lease = queueing.claim(project=self.project, person=person, stage=Stage.REVIEW)
        if lease is None:
            return False
        told = self.told[lease.pair.text]
        text = self._written(lease, told, worker)
        self._work(lease, Stage.REVIEW, self._revising(lease, text, worker))
        if lease.pair.project_id == self.project.pk and self._put_off(lease):
            return True
        made = reviewing.submit(
            token=lease.token, person=person, text=text, marks=self._marks()
        )
        # The column's default is the database's clock, which nobody sets.
        Review.objects.filter(pk=made.pk).update(submitted_at=self.clock.now)
        self.clock.go_on(self.chance.uniform(5, 30))
        return True

    def _written(self, lease: Lease, told: Told, worker: Worker) -> PairText:
        returned = Verdict.objects.filter(
            review__pair=lease.pair, accepted=False
        ).exists()
        if returned or self.chance.random() < worker.care:
            own = not returned and self.chance.random() < OWN_WORDS
            return in_own_words(told.good) if own else told.good
        drafted = lease.draft.text if lease.draft else told.raw
        return with_slip(told.good) if drafted == told.raw else drafted

    def _revising(self, lease: Lease, text: PairText, worker: Worker) -> float:
        """Seconds: to read what is shown, and to type what is changed of it."""
        raw = lease.pair.text
        shown = lease.draft.text if lease.draft else raw
        words = word_count(raw) + (word_count(shown) if lease.draft else 0)
        typed = edit_distance(shown, text)
        noise = self.chance.lognormvariate(0, 0.3)
        return max(3.0, worker.pace * noise * (4 + words / 5 + typed / 2.2))

    def _put_off(self, lease: Lease) -> bool:
        place = self.chance.random()
        if place < UNSURE / 2:
            excluding.exclude(
                token=lease.token, person=lease.holder, reason="safety",
                note="Not for this collection.",
            )  # fmt: skip
        elif place < UNSURE:
            skipping.skip(
                token=lease.token, person=lease.holder,
                reason=Skip.Reason.NOT_MY_FIELD,
            )  # fmt: skip
        return place < UNSURE

    def _marks(self) -> Marks:
        if self.chance.random() > MARKED:
            return NO_MARKS
        flaw = self.chance.choice(FLAWS)
        before = min(self.chance.randint(20, 60), rubric.cap("response", [flaw]))
        after = self.chance.randint(80, 100)
        return Marks(
            tags=[flaw],
            scores={("response", "before"): before, ("response", "after"): after},
        )

    def judge(self, person: User) -> bool:
        """One review, from the claim to the verdict; False where none waits."""
        lease = quality.claim(project=self.project, person=person)
        if lease is None:
            return False
        good = self.told[lease.pair.text].good
        is_good = self._is_good(lease.pair, lease.pair.standing_review.text)
        self._work(lease, Stage.QUALITY, self.chance.uniform(12, 45))
        if is_good or self.chance.random() < MISSED:
            quality.accept(token=lease.token, person=person)
        elif self.chance.random() < MENDED:
            quality.fix_and_accept(token=lease.token, person=person, text=good)
        else:
            reason = self.chance.choice(tuple(REMARKS))
            quality.send_back(
                token=lease.token, person=person, reason=reason, note=REMARKS[reason]
            )
        self.clock.go_on(self.chance.uniform(3, 10))
        return True

    def choose(self, lead: User) -> None:
        """Rule on all pairs of which two texts differ."""
        disputed = Pair.objects.filter(project=self.project)
        for pair in disputed.in_state(PairState.DISPUTED).order_by("pk"):
            texts = pair.reviews.handed_in().order_by("slot")
            is_good = [self._is_good(pair, each.text) for each in texts]
            self.clock.go_on(self.chance.uniform(30, 90))
            adjudicating.rule(
                pair=pair,
                actor=lead,
                choice=Choice.FIRST if is_good[0] else Choice.SECOND,
                reason=Reason.BOTH_FINE if all(is_good) else Reason.ANNOTATOR_ERROR,
            )

    def _is_good(self, pair: Pair, text: PairText) -> bool:
        good = self.told[pair.text].good
        return text in (good, in_own_words(good))

    def _work(self, lease: Lease, stage: Stage, seconds: float) -> None:
        """Let the time pass, with the page's heartbeats."""
        while seconds > 0:
            step = min(seconds, TICK_SECONDS)
            self.clock.go_on(step)
            seconds -= step
            timing.record_tick(
                token=lease.token, person=lease.holder, stage=stage, active=True
            )
