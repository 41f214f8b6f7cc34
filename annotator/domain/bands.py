"""How long a pair is, in four bands: pairs of one band are about as much work."""

from __future__ import annotations

from enum import StrEnum


class LengthBand(StrEnum):
    """Characters of the raw pair: instruction, input and response together."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"
    VERY_LONG = "very_long"


FROM = {
    LengthBand.SHORT: 0,
    LengthBand.MEDIUM: 300,
    LengthBand.LONG: 1000,
    LengthBand.VERY_LONG: 3000,
}
"""The least characters of each band."""

_FALLING = tuple(sorted(FROM.items(), key=lambda each: -each[1]))


def band_of(chars: int) -> LengthBand:
    """The band of a raw pair of so many characters."""
    return next(band for band, least in _FALLING if chars >= least)
