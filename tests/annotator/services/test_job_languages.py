"""Why a job failed is said in the language in which it was asked for."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.utils import translation

from annotator.domain.errors import Invalid
from annotator.models import (
    AdapterPush,
    BackboneComparison,
    CoachStudy,
    DatasetReport,
    ModelStudy,
)
from annotator.services import (
    claims,
    coach_studying,
    comparing_backbones,
    dataset_reporting,
    exporting,
    importing,
    projects,
    pushing,
    running_rules,
    studying,
)
from tests import factories
from training.selectors import active_coach
from training.services import hubs

pytestmark = pytest.mark.django_db
CHINESE = "zh-hans"
KINDS = [
    *(coach_studying, comparing_backbones, dataset_reporting, exporting),
    *(importing, pushing, running_rules, studying),
]


def says_its_language(*_, **__):
    raise Invalid(translation.get_language())


@pytest.fixture
def project():
    project = factories.make_project()
    projects.adopt_shipped_coach(project)
    return project


def asked_in_chinese(model, project):
    needed = {}
    if model is AdapterPush:
        needed["coach"] = active_coach(project.scope)
    if model is CoachStudy:
        needed["asked"] = {"kind": "alpha", "seeds": [1]}
    with translation.override(CHINESE):
        return model.objects.create(project=project, **needed)


@pytest.mark.parametrize("service", KINDS, ids=lambda each: each.__name__[19:])
def test_every_job_keeps_the_language_of_whoever_asked(service):
    model = service.CLAIMS.rows().model

    with translation.override(CHINESE):
        assert model().language == CHINESE


@pytest.mark.parametrize(
    ("model", "service"),
    [
        (AdapterPush, pushing),
        (BackboneComparison, comparing_backbones),
        (CoachStudy, coach_studying),
        (DatasetReport, dataset_reporting),
        (ModelStudy, studying),
    ],
)
def test_that_too_many_died_on_it_is_said_in_that_language(
    project, model, service, monkeypatch
):
    job = asked_in_chinese(model, project)
    model.objects.update(tries=claims.MOST_TRIES)
    monkeypatch.setattr(claims.translation, "gettext", in_its_language)

    assert service.CLAIMS.begin(job.pk) is None

    job.refresh_from_db()
    assert job.problem == f"{CHINESE}: {service.CLAIMS.died}"


def in_its_language(sentence):
    return f"{translation.get_language()}: {sentence}"


@pytest.mark.parametrize(
    ("model", "work", "inner"),
    [
        (DatasetReport, dataset_reporting.make, (dataset_reporting, "_made")),
        (ModelStudy, studying.carry_out, (studying, "_steps")),
    ],
)
def test_why_the_work_failed_is_said_in_that_language(
    project, monkeypatch, model, work, inner
):
    job = asked_in_chinese(model, project)
    monkeypatch.setattr(*inner, says_its_language)

    work(job.pk)

    job.refresh_from_db()
    assert job.problem == CHINESE


def test_what_a_hub_refused_is_said_in_that_language(project, monkeypatch):
    push = asked_in_chinese(AdapterPush, project)

    def refuse(*_):
        raise hubs.NotPushed(translation.get_language())

    monkeypatch.setattr(hubs, "push", refuse)
    pushing.carry_out(push.pk)

    push.refresh_from_db()
    assert push.problem == CHINESE


def test_why_a_backbone_could_not_be_measured_is_said_in_that_language(
    project, monkeypatch
):
    comparison = asked_in_chinese(BackboneComparison, project)
    comparison.backbones.create(position=1, base_model="a model")

    def break_off(*_):
        raise comparing_backbones.StepFailed(translation.get_language())

    monkeypatch.setattr(comparing_backbones, "follow", break_off)
    comparing_backbones.carry_out(comparison.pk)

    comparison.refresh_from_db()
    assert comparison.problem == CHINESE


def test_another_process_that_takes_a_job_up_speaks_its_language(project, monkeypatch):
    report = asked_in_chinese(DatasetReport, project)
    DatasetReport.objects.update(state="making", maker=uuid4(), heard_at=None)
    monkeypatch.setattr(dataset_reporting, "_made", says_its_language)

    with translation.override("en"):
        dataset_reporting.make(report.pk)

    report.refresh_from_db()
    assert report.problem == CHINESE
