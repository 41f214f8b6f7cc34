"""Deal pairs to the arms: by hash, and each stratum its share to within one pair.

A stratum is a length band and category of one batch. A chunk of an import is put in the
order of hashes, then numbered on from where the stratum stands; the number and the
batch's control share decide (annotator/domain/chance.dealt_arm).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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


def deal(
    batch_id: int, pairs: Iterable[Card], places: Mapping[str, float] | None = None
) -> dict[Arm, list[Card]]:
    """Number the pairs in their strata and tell the arm of each; only the strata are
    stored.

    `places`: what `places_of` said of their fingerprints, if it was asked before. To be
    called in a transaction: one deals of a batch at a time.
    """
    share = Batch.objects.select_for_update(no_key=True).get(pk=batch_id).control_share
    if share is None:
        raise ValueError(f"Batch {batch_id} is older than dealing.")
    seed = _seed(batch_id)
    strata = _strata(batch_id)
    dealt: dict[Arm, list[Card]] = {arm: [] for arm in Arm}
    found = {pair.fingerprint: pair for pair in pairs}
    for pair in _shuffled(found, places or places_of(batch_id, found)):
        key = (pair.length_band, pair.category)
        stratum = strata.get(key)
        if stratum is None:
            stratum = strata[key] = _stratum(batch_id, key)
        pair.dealt_as = stratum.dealt
        stratum.dealt += 1
        arm = chance.dealt_arm(pair.dealt_as, share, name_of(*key), seed)
        dealt[arm].append(pair)
    _store(strata.values())
    return dealt


def places_of(batch_id: int, fingerprints: Iterable[str]) -> dict[str, float]:
    """Where the hash puts pairs of a batch among those that are dealt together."""
    seed = _seed(batch_id)
    return {key: chance.dealing_place(key, seed) for key in fingerprints}


def _seed(batch_id: int) -> str:
    return f"batch-{batch_id}"


def _shuffled(found: Mapping[str, Card], places: Mapping[str, float]) -> list[Card]:
    """In the order of hashes; no two pairs of a project share a fingerprint."""
    return [found[key] for key in sorted(found, key=places.__getitem__)]


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
