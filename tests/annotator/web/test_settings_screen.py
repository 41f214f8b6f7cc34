"""The gate is set beside the other settings of a project."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.urls import reverse

from annotator.domain import languages
from annotator.domain.roles import Role
from annotator.models import User
from annotator.web.project import presets, sections
from annotator.web.project.forms import GateForm, ProjectForm
from revision_engine.scripts import SCRIPT_OF_LANGUAGE
from tests import factories
from training.evaluation.rule import GUARDS, Rule

pytestmark = pytest.mark.django_db
ADDRESS = reverse("project-settings", args=["demo"])


@pytest.fixture
def project(client):
    project = factories.make_project()
    client.force_login(factories.make_member(project, Role.ADMIN))
    return project


def as_typed(project) -> dict:
    """What a browser would send of the page as it came."""
    typed = dict(ProjectForm(instance=project).initial)
    gate = GateForm(project)
    typed |= {gate.add_prefix(name): value for name, value in gate.initial.items()}
    return {name: value for name, value in typed.items() if value is not None}


def test_saved_as_it_came_the_gate_asks_what_it_asked(client, project):
    answer = client.post(ADDRESS, as_typed(project))

    project.refresh_from_db()
    assert answer.status_code == 302
    assert Rule.from_dict(project.gate) == Rule()


def test_a_guard_is_loosened_and_another_left_out(client, project):
    typed = as_typed(project)
    typed |= {"gate-guard-chrF": 3, "gate-guard-loop": "", "gate-minimum_pairs": 12}

    client.post(ADDRESS, typed)

    project.refresh_from_db()
    rule = Rule.from_dict(project.gate)
    tolerances = {guard.figure: guard.tolerance for guard in rule.guards}
    assert rule.minimum_pairs == 12
    assert tolerances["chrF"] == 3
    assert set(tolerances) == {guard.figure for guard in GUARDS} - {"loop"}


def test_a_rule_that_makes_no_sense_is_refused_and_nothing_saved(client, project):
    typed = as_typed(project) | {"gate-confidence": 0.2, "name": "Renamed"}

    answer = client.post(ADDRESS, typed)

    project.refresh_from_db()
    assert answer.status_code == 422
    assert "greater than or equal to 0.5" in answer.content.decode()
    assert (project.name, project.gate) == ("demo", {})


NONSENSE = [
    ("language", "klingon"),
    ("language", "xx"),
    ("language", "en\u200b"),
    ("name", "\u200b"),
    ("name", "   "),
    ("slug", "new"),
    ("slug", "a b"),
    ("control_share", "-0.1"),
    ("control_share", "1.1"),
    ("control_share", "nan"),
    ("control_share", "inf"),
    ("control_share", ""),
    ("drafts_ahead", "0"),
    ("drafts_ahead", "99999999999999999999"),
    ("drafts_ahead", "1e3"),
    ("lease_minutes", "-5"),
    ("idle_seconds", "1"),
    ("skip_policy", "nobody"),
    ("queue_order", ""),
    ("quiet_below", "nan"),
    ("spare_below", "nan"),
    ("quality_mode", "never"),
    ("quality_full", "100000"),
    ("quality_floor", "2"),
    ("quality_slip", "-1"),
    ("return_days", "366"),
    ("alpha", "0"),
    ("train_from", "nowhere"),
    ("retrain_after", "-1"),
    ("retrain_after", "3000000000"),
    ("retrain_days", "1000"),
    ("takes_over", "perhaps"),
    ("challenge_share", "1"),
    ("challenge_reviews", "9"),
    ("overlap_share", "2"),
    ("overlap_similarity", "-inf"),
    ("overlap_days", "0"),
    ("planted_share", "0.6"),
    ("gold_share", "0.6"),
    ("reading_floor", "0"),
    ("signs_days", "91"),
    ("wording", " "),
    ("wording", "w" * 4001),
    ("gate-minimum_pairs", "1"),
    ("gate-confidence", "nan"),
    ("gate-least_gain", "1"),
    ("gate-guard-usable", "1.5"),
    ("gate-guard-chrF", "1e308"),
    ("gate-guard-loop", "-0.01"),
]


@pytest.mark.parametrize(("name", "typed"), NONSENSE)
def test_nonsense_is_refused_where_it_stands(client, project, name, typed):
    before = dict(ProjectForm(instance=project).initial)

    answer = client.post(ADDRESS, as_typed(project) | {name: typed})

    project.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 422
    assert dict(ProjectForm(instance=project).initial) == before
    assert f'<a href="#id_{name}">' in page
    wrong = re.search(rf'<(?:input|select|textarea)[^>]*name="{name}"[^>]*>', page)
    assert "autofocus" in wrong[0]
    assert page.count("autofocus") == 1


def test_every_setting_has_nonsense_that_is_refused(project):
    asked = {*ProjectForm().fields, *map("gate-{}".format, GateForm.base_fields)}
    free = {"description", "retrain_paused", "blind_author", "blind_arm", "own_judged"}

    assert asked == {name for name, _ in NONSENSE if "guard" not in name} | free


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("de", "de"), ("ZH_hans", "zh-Hans"), ("pt-br", "pt-BR"), ("es-419", "es-419")],
)
def test_a_language_is_kept_in_its_usual_spelling(client, project, typed, kept):
    client.post(ADDRESS, as_typed(project) | {"language": typed})

    project.refresh_from_db()
    assert project.language == kept


def test_checks_of_both_kinds_leave_room_for_work(client, project):
    shares = {"planted_share": "0.3", "gold_share": "0.3"}

    answer = client.post(ADDRESS, as_typed(project) | shares)

    assert answer.status_code == 422
    assert "together may be 0.5" in answer.content.decode()


def test_a_new_project_is_asked_the_same(client, project):
    User.objects.update(is_superuser=True)
    typed = {"name": "N", "slug": "n", "language": "klingon", "control_share": "0.1"}

    answer = client.post(reverse("project-new"), typed)

    assert answer.status_code == 422
    assert "is no language code" in answer.content.decode()


def test_every_language_that_the_engine_knows_a_script_of_is_taken():
    assert set(SCRIPT_OF_LANGUAGE) <= languages.CODES
    assert languages.tag("klingon") is None
    assert languages.tag("zh-Klin") is None
    assert len(languages.CODES) == 184


def test_each_setting_stands_in_one_section(project):
    named = [name for section in sections.SECTIONS for name in section.names]

    assert sorted(named) == sorted(ProjectForm().fields)


def test_a_setting_that_no_section_names_is_shown_all_the_same(client, project):
    class Wider(ProjectForm):
        later = forms.CharField(required=False)

    found = sections.shown(Wider(instance=project), {})

    assert "later" in [setting.field.name for setting in found[0].settings]


@pytest.mark.parametrize("name", list(presets.PRESETS))
def test_a_preset_fills_the_form_and_saves_nothing(client, project, name):
    before = dict(ProjectForm(instance=project).initial)

    page = client.get(f"{ADDRESS}?preset={name}").content.decode()

    project.refresh_from_db()
    assert dict(ProjectForm(instance=project).initial) == before
    assert page.count("is-filled") == len(presets.filled(name, project)) > 0
    for key, value in presets.PRESETS[name].values.items():
        shown = re.search(rf'<(?:input|select)[^>]*name="{key}"[^>]*>', page)
        if isinstance(value, float | int) and not isinstance(value, bool):
            assert f'value="{value}"' in shown[0], key


@pytest.mark.parametrize("name", list(presets.PRESETS))
def test_a_preset_is_taken_as_it_is_filled_in(client, project, name):
    values = presets.PRESETS[name].values
    sent = {key: value for key, value in values.items() if value is not False}

    answer = client.post(ADDRESS, as_typed(project) | sent)

    project.refresh_from_db()
    assert answer.status_code == 302
    assert {key: getattr(project, key) for key in values} == values
    assert presets.filled(name, project) == {}


def test_a_strange_preset_fills_in_nothing(client, project):
    page = client.get(f"{ADDRESS}?preset=nothing").content.decode()

    assert "is-filled" not in page
    assert "Nothing is saved yet" not in page
