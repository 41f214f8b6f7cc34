"""Turn revisions that people made elsewhere into accepted reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotator.domain.actions import Action
from annotator.domain.effort import Decision
from annotator.domain.states import PairState
from annotator.models import Pair, Review, User, Verdict
from annotator.services import screening
from annotator.services.workflow import move_all
from revision_engine.types import PairText
from training.examples import edit_distance


def accept(
    pairs: Sequence[Pair], texts: Mapping[int, PairText], actor: User | None = None
) -> None:
    """Accept freshly imported pairs with these texts, each by its pair's key.

    A pair that has been dealt to an arm stays in it. To be called in a transaction.
    """
    by_arm: dict[str, list[Pair]] = {}
    for pair in pairs:
        arm = pair.arm or screening.drawn_arm(pair.project, pair.fingerprint)
        by_arm.setdefault(arm, []).append(pair)
    for arm, members in by_arm.items():
        move_all(
            members,
            PairState.ACCEPTED,
            action=Action.IMPORTED_AS_ACCEPTED,
            actor=actor,
            arm=arm,
        )
    reviews = Review.objects.bulk_create(
        _review(pair, texts[pair.pk]) for pair in pairs
    )
    Verdict.objects.bulk_create(
        Verdict(review=review, accepted=True, kind=Verdict.Kind.IMPORTED)
        for review in reviews
    )


def _review(pair: Pair, text: PairText) -> Review:
    return Review(
        pair=pair,
        arm=pair.arm,
        is_imported=True,
        instruction=text.instruction,
        input=text.input,
        response=text.response,
        decision=Decision.WITHOUT_DRAFT,
        distance_raw_final=edit_distance(pair.text, text),
    )
