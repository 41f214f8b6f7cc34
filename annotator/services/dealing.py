"""Deal pairs to the arms: by hash, and each stratum its share to within one pair.

A stratum is a length band and category of one batch. A chunk of an import is put in the
order of hashes, then numbered on from where the stratum stands; the number and the
batch's control share decide (annotator/domain/sampling.dealt_arm).
"""

from __future__ import annotations

from collections.abc import Iterable

from annotator.domain import chance
from annotator.domain.states import Arm
from annotator.models import Batch, Pair, Stratum


def deal(batch_id: int, pairs: Iterable[Pair]) -> dict[Arm, list[Pair]]:
    """Number the pairs in their strata and tell the arm of each; nothing is moved.

    To be called in a transaction: one deals of a batch at a time.
    """
    share = Batch.objects.select_for_update(no_key=True).get(pk=batch_id).control_share
    if share is None:
        raise ValueError(f"Batch {batch_id} is older than dealing.")
    seed = f"batch-{batch_id}"
    strata = _strata(batch_id)
    dealt: dict[Arm, list[Pair]] = {arm: [] for arm in Arm}
    # The fingerprint settles a tie, which no two pairs of a project share.
    for pair in sorted(
        pairs,
        key=lambda pair: (
            chance.dealing_place(pair.fingerprint, seed),
            pair.fingerprint,
        ),
    ):
        key = (pair.length_band, pair.category)
        stratum = strata.setdefault(key, _stratum(batch_id, key))
        pair.dealt_as = stratum.dealt
        stratum.dealt += 1
        arm = chance.dealt_arm(pair.dealt_as, share, name_of(*key), seed)
        dealt[arm].append(pair)
    _store(strata.values(), [pair for arm in Arm for pair in dealt[arm]])
    return dealt


def name_of(length_band: str, category: str) -> str:
    """How the hash knows a stratum."""
    return f"{length_band}/{category}"


def _strata(batch_id: int) -> dict[tuple[str, str], Stratum]:
    found = Stratum.objects.filter(batch=batch_id)
    return {(each.length_band, each.category): each for each in found}


def _stratum(batch_id: int, key: tuple[str, str]) -> Stratum:
    return Stratum(batch_id=batch_id, length_band=key[0], category=key[1])


def _store(strata: Iterable[Stratum], pairs: list[Pair]) -> None:
    Stratum.objects.bulk_create(
        strata,
        update_conflicts=True,
        unique_fields=["batch", "length_band", "category"],
        update_fields=["dealt"],
    )
    Pair.objects.bulk_update(pairs, ["dealt_as"])
