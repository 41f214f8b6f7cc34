"""The papers of an estimate that somebody sends, checked number by number.

What is read here is JSON that may have been written by anybody: nothing of it names a
file or a class, and no number that could break a fit gets through.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from revision_engine.saying import gettext
from training.evaluation.helpfulness import BINS, FEATURES, VERSION, Estimate, Origin

MOST_EXAMPLES = 20_000
MOST_KEY_CHARS = 80
MOST_DISTANCE = 10**9
MOST_NUMBER = 1e12


class BadEstimate(ValueError):
    """The papers cannot be used; the message names what is wrong."""


def read(told: Any) -> Estimate:
    """The estimate of these papers; BadEstimate names the first thing that is wrong."""
    values = _mapping(told, "estimate")
    if values.get("version") != VERSION:
        raise BadEstimate(
            gettext("version is %(has)r, and %(known)s is understood here.")
            % {"has": str(values.get("version"))[:20], "known": VERSION}
        )
    _check_model(_mapping(values.get("model"), "model"))
    for name in ("n", "helped", "beside"):
        _whole(values.get(name, 0), name)
    for name in ("auc", "auc_low", "auc_high", "share"):
        _share(values.get(name, 0.0), name)
    for each in _list(values.get("bins"), "bins", BINS):
        one = _mapping(each, "bins")
        _share(one.get("mean"), "bins")
        if _whole(one.get("helped"), "bins") > _whole(one.get("of"), "bins"):
            raise _wrong("bins")
    for row in _list(values.get("examples"), "examples", MOST_EXAMPLES):
        _check_example(row)
    try:
        return Estimate.from_dict(dict(values))
    except TypeError:  # a key too many, or one that lacks
        raise _wrong("estimate") from None


def _check_model(model: Mapping[str, Any]) -> None:
    for name in ("mean", "scale", "weights"):
        numbers = _numbers(model.get(name), name)
        if name == "scale" and min(numbers) <= 0:
            raise _wrong(name)
    _number(model.get("intercept"), "intercept")
    _number(model.get("ridge"), "ridge")
    if set(model) != {"mean", "scale", "weights", "intercept", "ridge"}:
        raise _wrong("model")


def _check_example(row: Any) -> None:
    name = "examples"
    if len(_list(row, name, 6)) < 6:
        raise _wrong(name)
    key, origin, probability, raw, draft, numbers = row
    is_known = isinstance(origin, bool) or origin in list(Origin)
    if not isinstance(key, str) or len(key) > MOST_KEY_CHARS or not is_known:
        raise _wrong(name)
    if probability is not None:
        _share(probability, name)
    if max(_whole(raw, name), _whole(draft, name)) > MOST_DISTANCE:
        raise _wrong(name)
    if numbers is not None:
        _numbers(numbers, name)


def _numbers(value: Any, name: str) -> list[float]:
    """One of each feature."""
    found = [_number(each, name) for each in _list(value, name, len(FEATURES))]
    if len(found) < len(FEATURES):
        raise _wrong(name)
    return found


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(name)
    return value


def _list(value: Any, name: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _wrong(name)
    return value


def _number(value: Any, name: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or abs(value) > MOST_NUMBER:
        raise _wrong(name)
    return float(value)


def _share(value: Any, name: str) -> None:
    if not 0 <= _number(value, name) <= 1:
        raise _wrong(name)


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(name)
    return value


def _wrong(name: str) -> BadEstimate:
    return BadEstimate(gettext("%(name)s cannot be read.") % {"name": name})
