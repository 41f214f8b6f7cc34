"""Deal pairs to the arms: by hash, and each stratum its share to within one pair.

A stratum is a length band and category of one batch. A chunk of an import is put in the
order of hashes, then numbered on from where the stratum stands; the number and the
batch's control share decide (annotator/domain/chance.dealt_arm).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from annotator.domain import chance
from annotator.domain.states import Arm
from annotator.models import Batch, Stratum


class Dealable(Protocol):
    """A pair, stored or not yet."""

    fingerprint: str
    length_band: Any
    category: str
    dealt_as: int | None


Card = TypeVar("Card", bound=Dealable)


def deal(batch_id: int, pairs: Iterable[Card]) -> dict[Arm, list[Card]]:
    """Number the pairs in their strata and tell the arm of each; only the strata are
    stored.

    To be called in a transaction: one deals of a batch at a time.
    """
    share = Batch.objects.select_for_update(no_key=True).get(pk=batch_id).control_share
    if share is None:
        raise ValueError(f"Batch {batch_id} is older than dealing.")
    seed = f"batch-{batch_id}"
    strata = _strata(batch_id)
    dealt: dict[Arm, list[Card]] = {arm: [] for arm in Arm}
    # The fingerprint settles a tie, which no two pairs of a project share.
    for pair in sorted(
        pairs,
        key=lambda pair: (
            chance.dealing_place(pair.fingerprint, seed),
            pair.fingerprint,
        ),
    ):
        key = (pair.length_band, pair.category)
        if key not in strata:
            strata[key] = _stratum(batch_id, key)
        stratum = strata[key]
        pair.dealt_as = stratum.dealt
        stratum.dealt += 1
        arm = chance.dealt_arm(pair.dealt_as, share, name_of(*key), seed)
        dealt[arm].append(pair)
    _store(strata.values())
    return dealt


def name_of(length_band: str, category: str) -> str:
    """How the hash knows a stratum."""
    return f"{length_band}/{category}"


def _strata(batch_id: int) -> dict[tuple[str, str], Stratum]:
    found = Stratum.objects.filter(batch=batch_id)
    return {(each.length_band, each.category): each for each in found}


def _stratum(batch_id: int, key: tuple[str, str]) -> Stratum:
    return Stratum(batch_id=batch_id, length_band=key[0], category=key[1])


def _store(strata: Iterable[Stratum]) -> None:
    Stratum.objects.bulk_create(
        strata,
        update_conflicts=True,
        unique_fields=["batch", "length_band", "category"],
        update_fields=["dealt"],
    )
