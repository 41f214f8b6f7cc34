"""A text is set aside after two deaths that only it can be blamed for."""

from __future__ import annotations

import pytest

from annotator.domain.suspicion import Suspicion, after_death


@pytest.mark.parametrize(
    ("before", "alone", "after"),
    [
        (Suspicion.NONE, False, Suspicion.IN_COMPANY),
        (Suspicion.IN_COMPANY, False, Suspicion.IN_COMPANY),
        (Suspicion.NONE, True, Suspicion.ALONE),
        (Suspicion.IN_COMPANY, True, Suspicion.ALONE),
        (Suspicion.ALONE, False, Suspicion.ALONE),
        (Suspicion.ALONE, True, Suspicion.SET_ASIDE),
        (Suspicion.SET_ASIDE, True, Suspicion.SET_ASIDE),
    ],
)
def test_only_a_death_alone_makes_it_worse(before, alone, after):
    assert after_death(before, alone=alone) == after
