"""What the tests of rules have in common: projects, lists of rules, runs."""

from __future__ import annotations

from annotator.domain.roles import Role
from annotator.models import (
    Pair,
    RuleRun,
)
from annotator.services import (
    arranging_rules,
    running_rules,
)
from tests import factories

DIRTY = "Write to anna@firma.de about the river, please. "


def row(instruction: str, response: str = "It is so.") -> dict[str, str]:
    return {"instruction": instruction, "input": "", "output": response}


def make(*instructions: str, **values):
    project = factories.make_project(**values)
    factories.import_rows(project, [row(each) for each in instructions])
    return project


def only(project, *keys: str, way: str = "propose", **settings):
    """Switch all other rules off."""
    lead = project.memberships.filter(role=Role.LEAD).first()
    lead = lead.user if lead else factories.make_member(project, Role.LEAD)
    for rule in arranging_rules.listed(project):
        rule.is_on = rule.key in keys
        if rule.is_on:
            rule.way, rule.settings = way, settings
        rule.save()
    return lead


def run(project, actor=None) -> RuleRun:
    job = running_rules.start(project=project, actor=actor)
    running_rules.run(job.pk)
    job.refresh_from_db()
    assert job.state == RuleRun.State.DONE, job.problem
    return job


def texts(project) -> list[str]:
    found = Pair.objects.filter(project=project).order_by("pk")
    return list(found.values_list("instruction", flat=True))


def counts(job, rule):
    found = job.counts.get(rule=rule)
    return (found.found, found.fixed, found.tagged, found.proposed)
