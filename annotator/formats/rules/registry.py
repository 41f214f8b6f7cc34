"""The rules there are: those that come along, and a team's own by entry point.

A package of a team names its rules in the group `coachlm.rules`:

    [project.entry-points."coachlm.rules"]
    no_shouting = "our_rules:NoShouting"

Each is a class as `outcomes.Rule` says. One that cannot be loaded costs no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from annotator.domain.saying import gettext, gettext_noop
from annotator.formats.rules.alike import FindAlike, FindSame
from annotator.formats.rules.language import TellLanguage
from annotator.formats.rules.lengths import LimitLength
from annotator.formats.rules.normalising import Normalise
from annotator.formats.rules.outcomes import Rule, Setting, UnusableSetting
from annotator.formats.rules.personal import MaskPersonalData
from annotator.formats.rules.placeholders import FindPlaceholders
from annotator.formats.rules.safety import FindSafetyWords
from annotator.formats.rules.workload import HintAtWorkload

GROUP = "coachlm.rules"
BUILT_IN: tuple[type[Any], ...] = (
    Normalise,
    MaskPersonalData,
    TellLanguage,
    LimitLength,
    FindPlaceholders,
    FindSafetyWords,
    HintAtWorkload,
    FindSame,
    FindAlike,
)
"""In the order in which a new project has them."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KINDS: dict[type, str] = {
    bool: gettext_noop("yes or no"),
    int: gettext_noop("a whole number"),
    float: gettext_noop("a number"),
    str: gettext_noop("a text"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """All rules by key, and why some entry points are none."""

    rules: Mapping[str, type[Any]]
    faults: Mapping[str, str]
    """By the entry point's name, a sentence each."""


@cache
def known() -> Known:
    """Read once a process: a package that is installed later needs a restart."""
    rules = {rule.key: rule for rule in BUILT_IN}
    faults: dict[str, str] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        try:
            found = _loaded(point)
        except UnusableSetting as fault:
            faults[point.name] = str(fault)
            continue
        if found.key in rules:
            faults[point.name] = gettext("There is a rule %(key)s already.") % {
                "key": found.key
            }
        else:
            rules[found.key] = found
    return Known(rules, faults)


def _loaded(point: EntryPoint) -> type[Any]:
    try:
        found = point.load()
    except Exception as fault:
        raise UnusableSetting(
            gettext("%(point)s cannot be loaded: %(fault)r.")
            % {"point": point.value, "fault": fault}
        ) from fault
    key = getattr(found, "key", None)
    if not (isinstance(found, type) and is_dataclass(found)):
        raise UnusableSetting(
            gettext("%(point)s is no dataclass.") % {"point": point.value}
        )
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise UnusableSetting(
            gettext("%(point)s needs a key of small letters, digits and underlines.")
            % {"point": point.value}
        )
    if not callable(getattr(found, "check", None)):
        raise UnusableSetting(
            gettext("%(point)s has no method check.") % {"point": point.value}
        )
    for field in fields(found):
        if field.default is MISSING or not _is_setting(field.default):
            raise UnusableSetting(
                gettext(
                    "%(point)s: the field %(name)s needs a default that is a bool, "
                    "int, float, str or tuple of str."
                )
                % {"point": point.value, "name": field.name}
            )
    return found


def _is_setting(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, (bool, int, float, str))


def settings_of(key: str) -> dict[str, Any]:
    """The settings of a rule, as they are by default."""
    return {field.name: field.default for field in fields(_rule(key))}


def make(key: str, given: Mapping[str, Any]) -> Rule:
    """A rule with these settings, and the default for those that are not named.

    Raises:
        UnusableSetting: no such rule or setting, or a value that cannot be used.
    """
    found = _rule(key)
    wanted = {field.name: field for field in fields(found)}
    if strange := sorted(set(given) - set(wanted)):
        raise UnusableSetting(
            gettext("The rule %(key)s has no setting %(strange)s.")
            % {"key": key, "strange": ", ".join(strange)}
        )
    values = {name: _value(wanted[name], each) for name, each in given.items()}
    made: Rule = found(**values)
    return made


def _rule(key: str) -> type[Any]:
    try:
        return known().rules[key]
    except KeyError:
        there = ", ".join(known().rules)
        raise UnusableSetting(
            gettext("There is no rule %(key)s; there are %(there)s.")
            % {"key": key, "there": there}
        ) from None


def _value(field: Field[Any], given: object) -> Setting:
    kind = type(field.default)
    if kind is tuple:
        if not isinstance(given, (list, tuple)):
            raise UnusableSetting(
                gettext("%(name)s must be a list of texts.") % {"name": field.name}
            )
        return tuple(dict.fromkeys(str(each).strip() for each in given))
    if kind is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    if type(given) is not kind:
        raise UnusableSetting(
            gettext("%(name)s must be %(kind)s.")
            % {"name": field.name, "kind": gettext(_KINDS[kind])}
        )
    return given  # type: ignore[return-value]
