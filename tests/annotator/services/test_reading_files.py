"""Files for judges, and the command that fits one."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotator.domain.errors import Invalid
from annotator.services import reading_files
from tests import factories
from tests.training.evaluation.judges.revisions import revisions
from training.evaluation.judges.preference_model import PreferenceModel


def as_row(number: int) -> dict[str, str]:
    example = revisions(number + 1)[number]
    return {
        "Raw Instruction": example.raw.instruction,
        "Raw Input": "",
        "Raw Response": example.raw.response,
        "Revised Instruction": example.revised.instruction,
        "Revised Input": "",
        "Revised Response": example.revised.response,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "revisions.json"
    rows = [as_row(number) for number in range(260)]
    path.write_text(json.dumps([*rows, {**rows[0], "Raw Instruction": ""}]))
    return path


def test_a_judge_is_fitted_from_a_file_and_tells_how_good_it_is(source, capsys):
    out = source.with_name("judge.json")

    call_command("fit_judge", str(out), file=source, leave_out_bad=True)

    papers = PreferenceModel.read(out).papers
    assert papers.fitted_on + papers.held_out == 260
    told = capsys.readouterr().out
    assert "of like length (52), this: 100.0% [100.0%, 100.0%]" in told
    assert "no better than length" not in told


def test_a_bad_row_is_named_before_any_work(source):
    out = source.with_name("judge.json")

    with pytest.raises(CommandError, match="row 261: 'Raw Instruction' is empty"):
        call_command("fit_judge", str(out), file=source)

    assert not out.exists()


@pytest.mark.django_db
def test_a_judge_is_fitted_on_a_projects_accepted_reviews(tmp_path):
    project = factories.make_project()
    factories.import_rows(project, [as_row(number) for number in range(240)])
    out = tmp_path / "judge.json"

    call_command("fit_judge", str(out), project=project.slug)

    papers = PreferenceModel.read(out).papers
    assert papers.fitted_on + papers.held_out == 240


@pytest.mark.django_db
def test_a_project_that_is_not_there_or_has_too_little_is_refused(tmp_path):
    project = factories.make_project()
    factories.import_rows(project, factories.rows(2, revised=True))
    call = partial(call_command, "fit_judge", str(tmp_path / "judge.json"))

    with pytest.raises(CommandError, match="There are 2 revisions: it takes"):
        call(project=project.slug)
    with pytest.raises(CommandError, match="There is no project 'nowhere'"):
        call(project="nowhere")


def test_a_file_without_revisions_is_refused(tmp_path):
    path = tmp_path / "pairs.json"
    path.write_text('[{"instruction": "Say.", "output": "Yes."}]')

    with pytest.raises(Invalid, match="holds no revisions"):
        reading_files.revisions(path)
