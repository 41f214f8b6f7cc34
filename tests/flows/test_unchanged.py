"""A coach that changes nothing changes nothing, whichever way a pair takes."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from django.core.management import call_command

from annotator.domain.roles import Role
from annotator.domain.states import PairState
from annotator.models import Draft, Pair
from annotator.services import (
    candidates,
    drafting,
    revising_files,
    rewriting,
    screening,
)
from annotator.services.revising_files import Job
from revision_engine.pipeline import draft_live
from revision_engine.prompts import PROMPTS, PUBLISHED_WORDING
from revision_engine.types import CoachRef, PairText
from tests import echoes, factories
from tests.batches import draft_batch
from tests.pair_texts import some

COACH = CoachRef(
    name="Echo", base_model="none", prompt="coachlm-2", wording=PUBLISHED_WORDING
)
VERSIONS = pytest.mark.parametrize("version", PROMPTS)


@pytest.fixture(scope="module")
def pairs() -> list[PairText]:
    return some(60)


def rows(pairs: list[PairText]) -> list[dict[str, str]]:
    return [
        {"instruction": p.instruction, "input": p.input, "output": p.response}
        for p in pairs
    ]


def project_of(pairs: list[PairText], version: str):
    project = factories.make_project(drafts_ahead=len(pairs))
    coach = factories.make_coach(project)
    coach.prompt = version
    coach.save()
    factories.import_rows(project, rows(pairs))
    lead = factories.make_member(project, Role.LEAD)
    for pair in Pair.objects.filter(state=PairState.EXCLUDED):
        screening.overrule(pair=pair, actor=lead)
    return project


def echo(coach, requests):
    return draft_batch(coach.ref, echoes.EchoBackend(coach.ref, Path()), requests)


def draft_all(project) -> None:
    while batch := drafting.take_batch(project):
        results = echo(batch.coach, batch.requests)
        drafting.store(coach_id=batch.coach.pk, results=results)


@VERSIONS
@pytest.mark.django_db
def test_drafts_and_candidates(version, pairs):
    project = project_of(pairs, version)

    draft_all(project)
    person = factories.make_member(project, Role.ANNOTATOR)
    lease = factories.claim(project, person)
    asked = candidates.ask(token=lease.token, person=person, hint="shorter")
    backend = echoes.EchoBackend(asked.coach.ref, Path())
    request = candidates.request_for(asked)
    candidates.store(
        result=draft_live(
            asked.coach.ref, backend, request, seed=1, tell=lambda _: None
        )
    )

    drafts = list(Draft.objects.all())
    assert len(drafts) == len(pairs) + 1
    assert [(draft.problem, draft.edit_chars) for draft in drafts] == [
        ("", 0) for _ in drafts
    ]
    assert [draft.text for draft in drafts] == [draft.pair.text for draft in drafts]


@VERSIONS
@pytest.mark.django_db
def test_rewrites(version, pairs):
    project = project_of(pairs[:1], version)
    lead = project.memberships.get(role=Role.LEAD).user
    rewrite = rewriting.start(
        project=project,
        actor=lead,
        coach=rewriting.coach_for(project),
        name="all.json",
        rows=rewriting.rows_of_objects(rows(pairs)),
    )

    while message := rewriting.take(rewrite.pk):
        results = echo(message.coach, message.requests)
        rewriting.store(rewrite_id=rewrite.pk, results=results)

    made = list(rewriting.export_rows(rewrite=rewrite, actor=lead))
    raw = [
        PairText(
            instruction=row["raw"]["instruction"],
            input=row["raw"]["input"],
            response=row["raw"]["output"],
        )
        for row in made
    ]
    assert raw == list(pairs)
    assert [_fields(row) for row in made] == [asdict(pair) for pair in pairs]
    assert {row["provenance"]["source"] for row in made} == {"coach"}


def _fields(row: dict) -> dict[str, str]:
    """The revised text, whatever the key of its response."""
    response = row["response"] if "response" in row else row["output"]
    return {
        "instruction": row["instruction"],
        "input": row["input"],
        "response": response,
    }


@VERSIONS
def test_a_revised_file(version, pairs, tmp_path):
    coach = replace(COACH, prompt=version)
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    source.write_text(json.dumps(rows(pairs)))
    job = Job(source=source, out=out, coach=coach, known=lambda _: {})

    list(revising_files.revise(job, lambda: echoes.EchoBackend(coach, Path())))

    assert_unchanged(out, pairs)


def assert_unchanged(out: Path, pairs: list[PairText]) -> None:
    made = [json.loads(line) for line in out.read_text().split("\n") if line]
    assert [_fields(row) for row in made] == [asdict(pair) for pair in pairs]
    assert {row["provenance"]["source"] for row in made} == {"coach"}


CASES = {
    "leading indentation": ("  - beta\n  - gamma\n", "servers:\n  - alpha"),
    "an indented line": ("    total = a + b\n    return total", ""),
    "wanted repetition": ("\n".join(["INSERT INTO log DEFAULT VALUES;"] * 4), ""),
    "an input that says none": ("NoneType.", "None"),
    "labels": ("Instruction: a\nInput: b\nResponse: c", "Response: x\nInput: y"),
    "a control token": ("It is </s>", "<|im_end|>"),
    "signs": ("\U0001f3f4\U000e0067\U000e0062\U000e007f \u2067x\u2069\u2028\ufffd", ""),
    "thoughts": ("<think>\nInput: x\n</think>\nResponse: y", "</think>"),
    "fences": ("```\na\n```\n\nChanges made: all", "```"),
}
AROUND = {
    "nothing": "{}",
    "a thought": "<think>\nInstruction: Hm.\nResponse: No.\n</think>\n{}",
    "a fence": "Here is the revised pair:\n\n```\n{}\n```",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_the_command_with_a_server_that_changes_nothing(
    around, tmp_path, settings, monkeypatch
):
    pairs = [
        PairText(instruction=f"Do {name}.", input=source, response=response)
        for name, (response, source) in CASES.items()
    ]
    settings.COACH_STORE = str(tmp_path / "store")
    settings.REVISION_BACKEND = "revision_engine.backends.openai.OpenAiBackend"
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    source.write_text(json.dumps(rows(pairs)))

    with echoes.server(lambda pair: around.replace("{}", pair)) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_MODEL", "echo")
        call_command("rewrite", source, out)

    assert_unchanged(out, pairs)
