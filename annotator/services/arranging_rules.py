"""A project's list of rules: its order, what is on, and how each is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from annotator import policies
from annotator.domain.errors import Invalid
from annotator.domain.roles import Deed
from annotator.formats.rules import registry
from annotator.formats.rules.alike import COMPARING
from annotator.formats.rules.language import TellLanguage
from annotator.formats.rules.outcomes import Rule, UnusableSetting
from annotator.formats.rules.personal import MaskPersonalData
from annotator.models import Project, ProjectRule, User

REGIONS = {
    "zh": "CN",
    "hi": "IN",
    "en": "US",
    "de": "DE",
    "fr": "FR",
    "ja": "JP",
    "ko": "KR",
    "pt": "BR",
    "es": "ES",
    "it": "IT",
    "ru": "RU",
    "tr": "TR",
}
"""Where numbers without + are dialled, as long as a project says nothing else."""


@transaction.atomic
def listed(project: Project) -> list[ProjectRule]:
    """The project's rules in their order; those that are new here come behind.

    A rule whose package is gone stays in the list, and is left out of runs.
    """
    found = list(ProjectRule.objects.select_for_update().filter(project=project))
    there = {rule.key for rule in found}
    fresh = [key for key in registry.known().rules if key not in there]
    if fresh:
        ProjectRule.objects.bulk_create(
            (
                ProjectRule(
                    project=project,
                    key=key,
                    position=len(found) + number,
                    settings=_first_settings(project, key),
                )
                for number, key in enumerate(fresh)
            ),
            ignore_conflicts=True,
        )
        found = list(ProjectRule.objects.filter(project=project))
    return sorted(found, key=lambda rule: rule.key in COMPARING)


def _first_settings(project: Project, key: str) -> dict[str, Any]:
    language = project.language.partition("-")[0].lower()
    if key == MaskPersonalData.key and language in REGIONS:
        return {"phone_regions": [REGIONS[language]]}
    if key == TellLanguage.key:
        try:
            registry.make(key, {"wanted": [language]})
        except UnusableSetting:
            return {}
        return {"wanted": [language]}
    return {}


@transaction.atomic
def move(*, project: Project, actor: User, key: str, up: bool) -> None:
    """Swap a rule with the one before or behind it; at the end nothing happens.

    Rules that compare pairs stay behind those that look at one.
    """
    policies.require(actor, project, Deed.IMPORT)
    rules = listed(project)
    place = _place(rules, key)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rules):
        return
    if (rules[place].key in COMPARING) != (rules[other].key in COMPARING):
        raise Invalid(gettext("Rules that compare pairs come behind all others."))
    rules[place], rules[other] = rules[other], rules[place]
    for number, rule in enumerate(rules):
        rule.position = number
    ProjectRule.objects.bulk_update(rules, ["position"])


@transaction.atomic
def switch(*, project: Project, actor: User, key: str, on: bool) -> None:
    """Switch a rule on or off."""
    policies.require(actor, project, Deed.IMPORT)
    rules = listed(project)
    rule = rules[_place(rules, key)]
    rule.is_on = on
    rule.save(update_fields=["is_on"])


@transaction.atomic
def set_up(
    *,
    project: Project,
    actor: User,
    key: str,
    way: str,
    settings: Mapping[str, Any],
) -> ProjectRule:
    """Set a rule; what is as by default is not kept. Invalid names what cannot be."""
    policies.require(actor, project, Deed.IMPORT)
    rules = listed(project)
    rule = rules[_place(rules, key)]
    if way not in ProjectRule.Way.values:
        raise Invalid(
            gettext("way must be one of %(ways)s.")
            % {"ways": ", ".join(ProjectRule.Way.values)}
        )
    try:
        registry.make(key, settings)
        defaults = registry.settings_of(key)
    except UnusableSetting as fault:
        raise Invalid(str(fault)) from fault
    rule.way = way
    rule.settings = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in settings.items()
        if value != defaults[name]
    }
    rule.save(update_fields=["way", "settings"])
    return rule


def _place(rules: Sequence[ProjectRule], key: str) -> int:
    for place, rule in enumerate(rules):
        if rule.key == key:
            return place
    raise Invalid(gettext("There is no rule %(key)s here.") % {"key": key})


def for_a_run(project: Project) -> list[dict[str, Any]]:
    """What is on, in order, as a run keeps it."""
    known = registry.known().rules
    return [
        {"key": rule.key, "way": rule.way, "settings": rule.settings}
        for rule in listed(project)
        if rule.is_on and rule.key in known
    ]


def made(rules: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules of a run, ready to be asked. Raises UnusableSetting."""
    return [registry.make(each["key"], each["settings"]) for each in rules]
