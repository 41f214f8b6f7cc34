"""Drafts from elsewhere: shown and measured as any other, and put on trial."""

from __future__ import annotations

import io
import json

import pytest

from annotator.domain.errors import NotAllowed
from annotator.domain.roles import Role
from annotator.domain.states import Arm, PairState
from annotator.formats.shapes.mapping import Mapping
from annotator.models import Draft, Pair
from annotator.selectors import challenges
from annotator.services import (
    bringing,
    candidates,
    challenging,
    drafting,
    importing,
    rewriting,
)
from annotator.services.receiving import Way
from tests import factories
from training.models import CoachVersion
from training.selectors import active_coach, imported_coach
from training.services import registry

pytestmark = pytest.mark.django_db
MAPPING = Mapping(
    instruction="q",
    response="a",
    id="n",
    draft_response="theirs",
    draft_model="who",
    draft_version="v",
    draft_score="s",
)


@pytest.fixture
def project():
    project = factories.make_project()
    factories.make_coach(project)
    return project


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD)


def rows(count, first=0, **more):
    return [
        {
            "n": n,
            "q": f"Name hill {n}.",
            "a": f"Hill {n}.",
            "theirs": f"It is hill {n}.",
            "who": "parrot",
            "v": "2",
            "s": 0.5,
            **more,
        }
        for n in range(first, first + count)
    ]


def send(project, given):
    return importing.import_pairs(
        project=project,
        actor=None,
        file=io.BytesIO(json.dumps(given).encode()),
        name="a.json",
        way=Way(mapping=MAPPING),
    )


def test_a_draft_that_comes_with_a_row_is_the_pairs_draft(project):
    send(project, rows(1))

    pair, draft = Pair.objects.get(), Draft.objects.get()
    assert (pair.state, pair.draft, pair.draft_coach) == (
        PairState.READY,
        draft,
        draft.coach_id,
    )
    assert (draft.coach.name, draft.coach.base_revision) == ("parrot 2", "2")
    assert (draft.instruction, draft.response, draft.score) == (
        "Name hill 0.",
        "It is hill 0.",
        0.5,
    )
    assert draft.edit_chars == 7
    assert pair.extra == {"id": 0}


def test_the_coach_does_not_write_over_it(project):
    send(project, rows(2))

    factories.draft_all(project)

    assert {draft.coach.name for draft in Draft.objects.all()} == {"parrot 2"}


def test_the_control_arm_is_not_shown_it(project):
    project.control_share = 1.0
    project.save()
    send(project, rows(1))

    pair = Pair.objects.get()
    assert (pair.arm, pair.state, pair.draft) == (Arm.CONTROL, PairState.QUEUED, None)
    assert pair.drafts.count() == 1


@pytest.mark.parametrize(
    "broken", [{"who": None}, {"theirs": 7}, {"s": "good"}, {"who": "x" * 201}]
)
def test_a_draft_that_cannot_be_used_costs_a_remark(project, broken):
    batch = send(project, rows(1, **broken))

    assert batch.imported == 1
    assert "the draft is left out" in batch.remarks.get().message
    kept = {k: v for k, v in rows(1, **broken)[0].items() if v is not None}
    assert Pair.objects.get().extra.items() >= {
        (name, kept[name]) for name in ("theirs", "who", "v", "s") if name in kept
    }
    assert not Draft.objects.exists()


def test_a_row_without_a_draft_waits_for_the_coach(project):
    batch = send(project, rows(1, theirs=""))

    assert (batch.imported, batch.remarked) == (1, 0)
    assert Pair.objects.get().state == PairState.QUEUED


def test_drafts_come_for_pairs_that_are_here_and_once(project):
    send(project, rows(1, theirs=""))

    for _ in range(2):
        send(project, rows(1))

    assert Pair.objects.get().draft == Draft.objects.get()


def test_a_draft_of_a_pair_on_its_way_is_kept_beside_it(project, lead):
    send(project, rows(1, theirs=""))
    factories.draft_all(project)
    pair = Pair.objects.get()
    given = [{"pair": pair.pk, "response": "It is a hill.", "score": 3}]

    told = bringing.send(
        project=project, actor=lead, model="parrot", version="", drafts=given
    )

    assert told == {"stored": 1, "offered": 0, "unknown": []}
    assert pair.drafts.count() == 2
    pair.refresh_from_db()
    assert pair.draft.coach == active_coach(project.scope)


def test_drafts_are_sent_by_the_id_of_the_file(project, lead):
    send(project, rows(2, theirs=""))
    given = [{"id": "1", "response": "It is a hill."}, {"id": "9", "response": "x"}]

    told = bringing.send(
        project=project, actor=lead, model="parrot", version="", drafts=given
    )

    assert told == {"stored": 1, "offered": 1, "unknown": [1]}
    assert Pair.objects.get(external_id="1").draft.response == "It is a hill."


def test_only_who_imports_sends_drafts(project):
    anna = factories.make_member(project, Role.ANNOTATOR)

    with pytest.raises(NotAllowed):
        bringing.send(project=project, actor=anna, model="x", version="", drafts=[])


def test_nobody_is_asked_to_serve_it(project):
    send(project, rows(1))
    coach = CoachVersion.objects.get(is_elsewhere=True)

    with pytest.raises(registry.NotPromotable, match="at work elsewhere"):
        registry.promote(coach=coach, actor=None)
    with pytest.raises(Exception, match="no such coach"):
        rewriting.coach_for(project, coach.pk)
    assert imported_coach(project.scope) != coach


@pytest.fixture
def trial(project):
    send(project, rows(1, first=900))
    admin = factories.make_member(project, Role.ADMIN)
    return challenging.start(
        project=project,
        actor=admin,
        challenger=CoachVersion.objects.get(is_elsewhere=True),
        share=0.5,
        needed=5,
    )


def test_on_trial_pairs_with_its_draft_are_dealt_to_both(project, trial):
    send(project, rows(30))

    theirs = Draft.objects.filter(challenge=trial)
    assert 5 < theirs.count() < 25
    factories.draft_all(project)
    batches = Draft.objects.filter(coach=trial.champion)
    assert theirs.count() + batches.count() == 30
    assert not Pair.objects.in_state(PairState.QUEUED).exists()


def test_on_trial_both_sides_count(project, trial):
    send(project, rows(30))
    while batch := drafting.take_batch(project):
        assert batch.coach == trial.champion
        drafting.store(
            coach_id=batch.coach.pk,
            results=[
                factories.DraftResult(key=r.key, text=factories.better(r.text))
                for r in batch.requests
            ],
            challenge_id=batch.challenge_id,
        )

    found = challenges.rows(trial)
    assert len(found) == 30
    assert {row.by_challenger for row in found} == {True, False}


def test_on_trial_a_pair_without_its_draft_does_not_count(project, trial):
    send(project, rows(4, theirs=""))

    batch = drafting.take_batch(project)

    assert batch.challenge_id is None
    assert len(batch.requests) == 4


def test_on_trial_nobody_is_asked_again(project, trial):
    anna = factories.make_member(project, Role.ANNOTATOR)
    send(project, rows(5))
    lease = factories.claim(project, anna)

    with pytest.raises(candidates.NoCoach, match="on trial"):
        candidates.ask(token=lease.token, person=anna, hint="")
