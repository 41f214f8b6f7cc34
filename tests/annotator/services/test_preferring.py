"""What people decided is counted, frozen with its pairs, and learned by a run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.urls import reverse

from annotator.domain.errors import Invalid
from annotator.domain.roles import Role
from annotator.domain.states import Stage
from annotator.selectors import decisions
from annotator.services import (
    candidates,
    deleting,
    quality,
    reviewing,
    scheduling,
    snapshotting,
)
from revision_engine import prompts
from revision_engine.types import CoachRef, DraftResult, PairText
from tests import adapters, factories
from training import preferences, selectors
from training.config import LoraConfig
from training.manifest import WEIGHTS, Manifest, digest_file
from training.models import SnapshotItem, SnapshotPreference, TrainingRun
from training.preferences import PreferenceKind, read_preferences
from training.services import launching, preferring, registry, runs
from training.services.preferring import preferences_of

pytestmark = pytest.mark.django_db
TRAIN = SnapshotItem.Role.TRAIN
FINAL, RAW = PreferenceKind.FINAL, PreferenceKind.KEPT_RAW


@pytest.fixture
def project(settings):
    settings.HELD_OUT_SHARE = 0.2
    return factories.make_drafted(30, quality_mode="all")


@pytest.fixture
def cast(project):
    return {
        role: factories.make_member(project, role)
        for role in (Role.ADMIN, Role.ANNOTATOR, Role.REVIEWER)
    }


def accept(project, cast, **fix) -> None:
    token = factories.claim(project, cast[Role.REVIEWER], Stage.QUALITY).token
    if fix:
        quality.fix_and_accept(token=token, person=cast[Role.REVIEWER], **fix)
    else:
        quality.accept(token=token, person=cast[Role.REVIEWER])


def all_reviewed(project, cast, *, kept: int = 3) -> None:
    """Every pair with its own final text, but some that are kept raw."""
    for number in range(project.pairs.count()):
        lease = factories.claim(project, cast[Role.ANNOTATOR])
        own = replace(lease.pair.text, response=f"A text of my own, number {number}.")
        text = lease.pair.text if number < kept else own
        reviewing.submit(token=lease.token, person=lease.holder, text=text)
        accept(project, cast)


def plan(project, **asked):
    return snapshotting.plan_for(project, learns="preferences", **asked)


def start(project, cast, **asked) -> TrainingRun:
    return snapshotting.start_run(
        project=project, actor=cast[Role.ADMIN], plan=plan(project, **asked)
    )


def test_the_preview_counts_what_the_run_then_freezes(project, cast):
    all_reviewed(project, cast)

    preview = snapshotting.preview(project, plan(project))
    run = start(project, cast)

    frozen = preferences_of(run.snapshot)
    assert preview.preferences == Counter(one.kind for one in frozen)
    assert {FINAL, RAW} <= preview.preferences.keys()
    assert run.snapshot.selection == {"kind": "preferences", **preview.preferences}
    assert preview.selected == run.snapshot.items.filter(role=TRAIN).count()
    assert (run.config["learns"], run.config["epochs"]) == ("preferences", 1)
    assert run.parent == selectors.active_coach(project.scope)


def test_no_pair_that_is_measured_on_is_preferred(project, cast):
    all_reviewed(project, cast)

    run = start(project, cast)

    items = run.snapshot.items
    measured = set(items.exclude(role=TRAIN).values_list("fingerprint", flat=True))
    told = {one.fingerprint for one in preferences_of(run.snapshot)}
    assert measured
    assert not told & measured
    assert told == set(items.filter(role=TRAIN).values_list("fingerprint", flat=True))


def test_the_digest_is_of_the_preferences_too(project, cast):
    all_reviewed(project, cast)
    first = start(project, cast)
    runs.cancel(run=first)

    same = start(project, cast)
    runs.cancel(run=same)
    fewer = start(project, cast, preferences=[FINAL])

    assert first.snapshot.sha256 == same.snapshot.sha256 != fewer.snapshot.sha256
    assert {one.kind for one in preferences_of(fewer.snapshot)} == {FINAL}


def test_too_few_are_refused_in_words(project, cast):
    all_reviewed(project, cast, kept=30)

    with pytest.raises(snapshotting.NotEnough, match="a run needs 20"):
        start(project, cast, preferences=[FINAL])

    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": "base"}, "none to go on from"),
        ({"preferences": ["loud"]}, "preferences may be return, kept_raw"),
        ({"preferences": "final"}, "preferences must be a list"),
        ({"base_model": "another"}, "those of first coach"),
        ({"beta": 0}, "beta must be above 0"),
    ],
)
def test_what_cannot_be_asked_for_is_named(project, asked, words):
    with pytest.raises(Invalid, match=words):
        plan(project, **asked)


def test_kinds_are_of_a_run_that_learns_them(project):
    with pytest.raises(Invalid, match="a run that learns preferences"):
        snapshotting.plan_for(project, preferences=["final"])


def test_one_that_is_of_no_example_is_never_frozen(project, cast):
    all_reviewed(project, cast)
    found = preferring_of(project)
    strange = replace(found[1][0], source_id="review:0")

    with pytest.raises(ValueError, match="review:0"):
        preferring.freeze(
            scope=project.scope,
            made=found[0],
            found=[*found[1], strange],
            query={},
            actor=None,
        )


def preferring_of(project):
    from annotator.services import preferring as ours

    asked = plan(project)
    examples = snapshotting.accepted_examples(project)
    measuring = snapshotting.testing(project, asked.parent)
    decided = ours.decided(project, examples, asked.kinds, **measuring)
    return decided.split, decided.preferences


def test_a_snapshot_stands_when_the_reviews_change(project, cast):
    all_reviewed(project, cast)
    run = start(project, cast)
    before = preferences_of(run.snapshot)

    project.pairs.update(response="overwritten")

    assert preferences_of(run.snapshot) == before
    assert SnapshotPreference.objects.count() == len(before)


def test_the_recipe_gets_the_preferences_and_the_kept_coach(project, cast):
    all_reviewed(project, cast)
    run = start(project, cast)

    folder = runs.prepare(run)

    told = list(read_preferences(folder / preferences.NAME))
    assert told == preferences_of(run.snapshot)
    config = json.loads((folder / "config.json").read_text())
    assert config["start_from"] == run.parent.adapter_sha256


def test_a_run_that_learns_texts_has_no_preferences(project, cast):
    all_reviewed(project, cast)
    asked = snapshotting.plan_for(project)
    run = snapshotting.start_run(project=project, actor=cast[Role.ADMIN], plan=asked)

    assert not (runs.prepare(run) / preferences.NAME).exists()


def test_they_go_with_their_project(project, cast):
    all_reviewed(project, cast)
    start(project, cast)
    deleting.begin(project=project, actor=cast[Role.ADMIN], typed=project.slug)

    while not deleting.go_on(project.pk):
        pass

    assert not SnapshotPreference.objects.exists()
    assert not SnapshotItem.objects.exists()


def test_a_second_stage_does_not_put_off_the_schedule(project, cast):
    all_reviewed(project, cast)
    before = scheduling.newly_accepted(project)

    run = start(project, cast)
    runs.cancel(run=run)

    assert scheduling.newly_accepted(project) == before == 30


def the_deeds(project):
    keys = [
        int(one.source_id.partition(":")[2])
        for one in snapshotting.accepted_examples(project)
    ]
    return next(decisions.deeds(keys))


def test_what_was_sent_back_and_what_was_mended_are_returned(project, cast):
    first = factories.review(project, cast[Role.ANNOTATOR])
    token = factories.claim(project, cast[Role.REVIEWER], Stage.QUALITY).token
    quality.send_back(token=token, person=cast[Role.REVIEWER], reason="style")
    lease = factories.claim(project, cast[Role.ANNOTATOR])
    again = replace(first.text, response="Better now.")
    reviewing.submit(token=lease.token, person=lease.holder, text=again)
    mended = replace(first.text, response="Better now, and mended.")
    accept(project, cast, text=mended)

    found = the_deeds(project)

    assert found.final == mended
    assert list(found.returned) == [first.text, again]


def test_a_candidate_is_chosen_over_the_others_by_its_hint(project, cast):
    lease = factories.claim(project, cast[Role.ANNOTATOR])
    asked = candidates.ask(token=lease.token, person=lease.holder, hint="shorter")
    short = replace(lease.pair.text, response="A short answer.")
    candidates.store(result=DraftResult(key=str(asked.pk), text=short))
    asked.refresh_from_db()
    candidates.choose(token=lease.token, person=lease.holder, draft_id=asked.draft_id)
    reviewing.submit(token=lease.token, person=lease.holder, text=short)
    accept(project, cast)

    found = the_deeds(project)

    assert (found.draft.text, found.draft.hint) == (short, "shorter")
    assert [one.text for one in found.others] == [lease.draft.text]


def test_a_draft_that_was_asked_for_by_nobody_is_no_choice(project, cast):
    lease = factories.claim(project, cast[Role.ANNOTATOR])
    reviewing.submit(token=lease.token, person=lease.holder, text=lease.draft.text)
    accept(project, cast)

    assert list(the_deeds(project).others) == []


def test_a_raw_pair_that_stood_in_for_a_draft_is_no_draft(project, cast):
    lease = factories.claim(project, cast[Role.ANNOTATOR])
    text = PairText(instruction="Say it.", response="My own.")
    reviewing.submit(token=lease.token, person=lease.holder, text=text)
    accept(project, cast)
    lease.pair.drafts.update(problem="unparseable")

    assert the_deeds(project).draft is None


def test_the_page_offers_it_with_counts_and_starts_it(client, project, cast):
    all_reviewed(project, cast)
    client.force_login(cast[Role.ADMIN])
    address = reverse("run-prepare", args=[project.slug])

    shown = client.get(address, {"learns": "preferences"}).content.decode()
    sent = {
        "learns": "preferences",
        "start": "active",
        "epochs": "1",
        "learning_rate": "0.0001",
        "beta": "0.2",
        "preferences": [FINAL, RAW],
    }
    answer = client.post(reverse("run-new", args=[project.slug]), sent)

    run = TrainingRun.objects.get()
    assert "the final text, over the draft that it was made from" in shown
    assert answer.url == reverse("run", args=[project.slug, run.pk])
    assert run.config["beta"] == 0.2
    assert run.snapshot.selection.keys() == {"kind", "final", "kept_raw"}
    page = client.get(answer.url).content.decode()
    assert "what people preferred" in page
    assert "rejected changes" not in page


def test_the_page_says_what_is_missing(client, project, cast):
    client.force_login(cast[Role.ADMIN])

    shown = client.get(
        reverse("run-prepare", args=[project.slug]), {"learns": "preferences"}
    ).content.decode()

    assert "a run needs 20" in shown


def test_the_page_refuses_too_few_in_words(client, project, cast):
    client.force_login(cast[Role.ADMIN])
    sent = {
        "learns": "preferences",
        "start": "active",
        "epochs": "1",
        "learning_rate": "0.0001",
        "beta": "0.1",
        "preferences": [FINAL],
    }

    answer = client.post(reverse("run-new", args=[project.slug]), sent)

    assert not TrainingRun.objects.exists()
    assert "a run needs 20" in answer.content.decode()


def test_the_api_starts_it(client, project, cast):
    all_reviewed(project, cast)
    client.force_login(cast[Role.ADMIN])
    body = json.dumps({"learns": "preferences", "preferences": ["final"]})
    kind = {"content_type": "application/json"}

    told = client.post(
        reverse("api-run-preview", args=[project.slug]), body, **kind
    ).json()
    answer = client.post(reverse("api-runs", args=[project.slug]), body, **kind)

    assert answer.status_code == 201
    assert told["preferences"].keys() == {"final"}
    assert answer.json()["config"]["learns"] == "preferences"


@pytest.mark.process
def test_its_coach_is_registered_evaluated_and_gated(settings):
    settings.HELD_OUT_SHARE = 0.2
    settings.PREFERENCE_RECIPE = "tests.quick_recipe"
    settings.TRAINING_RECIPE = "tests.dying_recipe"
    settings.REVISION_BACKEND = "revision_engine.backends.fake.FakeBackend"
    project = factories.make_project(quality_mode="all")
    first = with_files(project, settings)
    factories.import_rows(project, factories.rows(30))
    factories.draft_all(project)
    people = {
        role: factories.make_member(project, role)
        for role in (Role.ADMIN, Role.ANNOTATOR, Role.REVIEWER)
    }
    all_reviewed(project, people)
    run = start(project, people)

    launching.carry_out(run.pk)

    run.refresh_from_db()
    assert (run.state, run.problem) == (TrainingRun.State.READY, "")
    evaluation = selectors.latest_evaluation(run.coach)
    assert (evaluation.current, bool(evaluation.outcome)) == (first, True)
    learned = {one.fingerprint for one in preferences_of(run.snapshot)}
    assert selectors.trained_on(run.coach, learned).keys() == learned
    told = read_preferences(runs.folder_of(run) / preferences.NAME)
    assert list(told) == preferences_of(run.snapshot)


def with_files(project, settings):
    """The active coach, its adapter and papers in the store."""
    folder = Path(settings.COACH_STORE) / "kept"
    folder.mkdir(parents=True)
    for name, content in adapters.files().items():
        (folder / name).write_bytes(content)
    sha256 = digest_file(folder / WEIGHTS)
    Manifest.of(
        name="first",
        config=LoraConfig(rank=adapters.RANK).as_dict(),
        adapter_sha256=sha256,
        snapshot_sha256="",
        fingerprints=[],
        figures=[],
    ).write(folder)
    ref = CoachRef(
        name="first",
        base_model=LoraConfig().base_model,
        adapter="kept",
        adapter_sha256=sha256,
        prompt=prompts.DEFAULT,
        wording="Improve.",
    )
    coach = registry.register(scope=project.scope, ref=ref, name="first")
    registry.promote(coach=coach, actor=None)
    return coach
