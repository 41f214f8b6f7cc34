"""A project is archived, brought back, copied, and deleted with all that it had."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.core import serializers
from django.urls import reverse

from annotator import policies, tasks
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Deed, Role
from annotator.domain.states import PairState, Stage
from annotator.models import (
    BlindPair,
    Comment,
    Guideline,
    Pair,
    Project,
    ProjectEvent,
    Review,
    Unit,
)
from annotator.services import (
    archiving,
    commenting,
    copying,
    deleting,
    drafting,
    guiding,
    importing,
    quality,
    queueing,
    rating_blind,
    receiving,
    reviewing,
    rewriting,
)
from tests import blind, factories
from training.models import CoachVersion, Promotion, Snapshot, TrainingRun
from training.selectors import active_coach

pytestmark = pytest.mark.django_db
Action = ProjectEvent.Action


@pytest.fixture
def project():
    return factories.make_drafted(4, slug="tulips", name="Tulips")


@pytest.fixture
def ada(project):
    return factories.make_member(project, Role.ADMIN, "ada")


@pytest.fixture
def anna(project):
    return factories.make_member(project, Role.ANNOTATOR, "anna")


def contents():
    """Every row of the app and of training, as text, by table."""
    found = {}
    for label in ("annotator", "training"):
        for table in apps.get_app_config(label).get_models():
            rows = serializers.serialize("json", table._base_manager.order_by("pk"))
            found[table.__name__] = json.loads(rows)
    return found


def test_in_an_archived_project_nothing_new_begins(project, ada, anna):
    held = factories.claim(project, anna)
    archiving.archive(project=project, actor=ada)
    project.refresh_from_db()

    ben = factories.make_member(project, Role.ANNOTATOR, "ben")
    assert queueing.claim(project=project, person=ben, stage=Stage.REVIEW) is None
    assert drafting.projects_to_serve() == []
    with pytest.raises(NotAllowed, match="archived"):
        receiving.receive(project=project, actor=ada, file=None, name="a.json")
    assert not policies.can(ada, project, Deed.TRAIN)
    assert policies.can(ada, project, Deed.EXPORT)

    # What was begun before is handed in.
    review = reviewing.submit(token=held.token, person=anna, text=held.draft.text)
    assert review.pair.state == PairState.REVIEWED


def test_a_project_that_is_brought_back_goes_on(project, ada, anna):
    before = contents()
    archiving.archive(project=project, actor=ada)
    archiving.bring_back(project=project, actor=ada)

    after = contents()
    log = [line["fields"]["action"] for line in after.pop("ProjectEvent")]
    assert log == [Action.ARCHIVED, Action.BROUGHT_BACK]
    assert before.pop("ProjectEvent") == []
    assert after == before
    assert factories.claim(Project.objects.get(pk=project.pk), anna)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD])
def test_only_admins_end_a_project(project, role):
    other = factories.make_member(project, role)
    for end in (
        lambda: archiving.archive(project=project, actor=other),
        lambda: deleting.begin(project=project, actor=other, typed="tulips"),
        lambda: copying.copy(
            project=project, actor=other, name="b", slug="b", with_members=True
        ),
    ):
        with pytest.raises(NotAllowed):
            end()


def test_a_copy_has_the_rules_the_people_and_the_coach_and_no_pairs(project, ada, anna):
    Project.objects.filter(pk=project.pk).update(lease_minutes=77, blind_arm=True)
    project.refresh_from_db()
    guiding.write(project=project, author=ada, body="Be kind.")
    unit = Unit.objects.create(project=project, name="North", owner=anna)
    project.memberships.filter(user=anna).update(unit=unit)

    made = copying.copy(
        project=project, actor=ada, name="Tulips 2", slug="tulips-2", with_members=True
    )

    made.refresh_from_db()
    assert (made.lease_minutes, made.blind_arm) == (77, True)
    assert made.guidelines.get().body == "Be kind."
    held = {
        m.user.username: (m.role, m.unit and m.unit.name)
        for m in made.memberships.all()
    }
    assert held == {"ada": ("admin", None), "anna": ("annotator", "North")}
    drafts = active_coach(made.scope)
    assert drafts
    assert drafts.ref == active_coach(project.scope).ref
    assert not made.pairs.exists()
    assert made.events.get().action == Action.COPIED


def test_a_copy_without_people_is_its_makers(project, ada, anna):
    made = copying.copy(
        project=project, actor=ada, name="b", slug="b", with_members=False
    )
    assert [m.user for m in made.memberships.all()] == [ada]


def test_a_taken_address_is_said(project, ada):
    with pytest.raises(Invalid, match="tulips is taken"):
        copying.copy(
            project=project, actor=ada, name="b", slug="tulips", with_members=False
        )


def lived_in(slug):
    """A project with something of everything that work leaves behind."""
    project = factories.make_drafted(6, slug=slug)
    lead = factories.make_member(project, Role.LEAD, f"lena-{slug}")
    anna = factories.make_member(project, Role.ANNOTATOR, f"anna-{slug}")
    guiding.write(project=project, author=lead, body="Be kind.")
    review = factories.review(project, anna)
    quality.accept(**_judged(project, lead))
    commenting.comment(pair=review.pair, author=anna, body=f"@{lead.username} see this")
    factories.claim(project, anna)
    rita = factories.make_member(project, Role.REVIEWER, f"rita-{slug}")
    report = blind.report_on(project, lead)
    rating = blind.asked(report, lead, people=[rita.username], raters=1)
    held = rating_blind.claim(rating=rating, person=rita)
    blind.say(rating, held, is_passed=True)
    return project


def _judged(project, judge):
    lease = quality.claim(project=project, person=judge)
    return {"token": lease.token, "person": judge}


def test_what_is_deleted_leaves_nothing_and_takes_nothing_else(ada):
    kept = lived_in("kept")
    before = contents()
    gone = lived_in("gone")
    admin = factories.make_member(gone, Role.ADMIN, "gus")
    of_nobody = {"User", "Part", "Errand"}  # an errand without pairs is swept away

    deleting.begin(project=gone, actor=admin, typed="gone")
    assert deleting.to_delete() == [gone.pk]
    assert deleting.go_on(gone.pk)

    after = contents()
    log = [line["fields"] for line in after.pop("ProjectEvent")]
    assert [(line["action"], line["slug"], line["note"]) for line in log] == [
        ("deletion begun", "gone", "6 pairs"),
        ("deleted", "gone", "6 pairs"),
    ]
    before.pop("ProjectEvent")
    assert {n: r for n, r in after.items() if n not in of_nobody} == {
        n: r for n, r in before.items() if n not in of_nobody
    }
    assert deleting.to_delete() == []
    assert factories.claim(kept, factories.make_member(kept, Role.ANNOTATOR, "new"))


@pytest.mark.django_db(transaction=True)
def test_each_part_of_a_deletion_leaves_every_key_whole():
    gone = lived_in("gone")
    admin = factories.make_member(gone, Role.ADMIN, "gus")
    deleting.begin(project=gone, actor=admin, typed="gone")

    assert deleting.go_on(gone.pk)  # else the database refuses a part at its end

    assert BlindPair.objects.count() == 0


def test_a_deletion_is_typed_to_the_letter(project, ada):
    before = contents()
    with pytest.raises(Invalid, match="tulips"):
        deleting.begin(project=project, actor=ada, typed="Tulips")
    assert contents() == before


def test_who_is_killed_in_it_is_followed_by_another(project, ada, monkeypatch):
    monkeypatch.setattr(deleting, "CHUNK", 2)
    deleting.begin(project=project, actor=ada, typed="tulips")
    real, calls = deleting._delete_some, []

    def once(whole):
        if calls:
            raise KeyboardInterrupt
        calls.append(whole)
        return real(whole)

    monkeypatch.setattr(deleting, "_delete_some", once)
    with pytest.raises(KeyboardInterrupt):
        deleting.go_on(project.pk)
    assert Pair.objects.filter(project=project.pk).count() == 2

    monkeypatch.setattr(deleting, "_delete_some", real)
    tasks.delete_projects()
    assert not Project.with_checks.filter(pk=project.pk).exists()
    assert not CoachVersion.objects.exists()
    assert not Promotion.objects.exists()


def test_a_running_training_stops_first(project, ada):
    snapshot = Snapshot.objects.create(scope=project.scope, offered=0)
    run = TrainingRun.objects.create(
        scope=project.scope,
        snapshot=snapshot,
        config={},
        state=TrainingRun.State.TRAINING,
    )
    deleting.begin(project=project, actor=ada, typed="tulips")
    assert not deleting.go_on(project.pk)
    run.refresh_from_db()
    assert run.cancel_asked

    TrainingRun.objects.filter(pk=run.pk).update(state=TrainingRun.State.CANCELLED)
    assert deleting.go_on(project.pk)


def test_an_import_under_way_ends_with_its_project(project, ada, settings, tmp_path):
    with (tmp_path / "a.jsonl").open("wb+") as file:
        file.write(b'{"instruction": "Name a door.", "output": "A gate."}\n')
        file.seek(0)
        batch = receiving.receive(project=project, actor=ada, file=file, name="a.jsonl")
    kept = receiving.file_of(batch)
    deleting.begin(project=project, actor=ada, typed="tulips")
    importing.read(batch.pk)
    assert not kept.exists()
    assert deleting.go_on(project.pk)


def test_a_running_rewrite_ends_with_its_project(project, ada):
    rewrite = rewriting.start(
        project=project,
        actor=ada,
        coach=active_coach(project.scope),
        name="two.json",
        rows=rewriting.rows_of_objects(factories.rows(2)),
    )

    deleting.begin(project=project, actor=ada, typed="tulips")

    rewrite.refresh_from_db()
    assert rewrite.state == rewrite.State.CANCELLED
    assert rewrite.finished_at
    assert deleting.go_on(project.pk)


def test_its_address_is_free_at_once_and_nobody_sees_it(project, ada, client):
    client.force_login(ada)
    answer = client.post(
        reverse("project-delete", args=["tulips"]), {"typed": "tulips"}, follow=True
    )
    assert "Tulips is being deleted: 4 pairs are left." in answer.content.decode()
    assert client.get("/p/tulips/").status_code == 404
    factories.make_project(slug="tulips")
    assert client.get(f"/p/tulips-deleted-{project.pk}/").status_code == 404


def test_a_mistyped_name_is_kept_on_the_page(project, ada, client):
    client.force_login(ada)
    answer = client.post(reverse("project-delete", args=["tulips"]), {"typed": "tulip"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="tulip"' in page
    assert "to the letter" in page


def test_the_pages_of_an_archived_project_say_so(project, ada, anna, client):
    client.force_login(ada)
    client.post(reverse("project-archive", args=["tulips"]))
    assert "is only read" in client.get("/p/tulips/").content.decode()
    assert "1 archived project" in client.get("/").content.decode()
    assert client.get(reverse("export", args=["tulips"])).status_code == 200
    assert client.get(reverse("batches", args=["tulips"])).status_code == 403
    client.post(reverse("project-bring-back", args=["tulips"]))
    assert client.get(reverse("batches", args=["tulips"])).status_code == 200
    client.force_login(anna)
    assert client.get(reverse("project-end", args=["tulips"])).status_code == 403


def test_a_copy_is_made_on_the_page(project, ada, client):
    client.force_login(ada)
    sent = {"name": "Tulips 2", "slug": "tulips"}
    assert client.post("/p/tulips/end/copy/", sent).status_code == 422
    sent["slug"] = "tulips-2"
    assert client.post("/p/tulips/end/copy/", sent).status_code == 302
    assert Project.objects.get(slug="tulips-2").memberships.get().user == ada


def test_programs_do_the_same(project, ada, client):
    client.force_login(ada)
    at = "/api/projects/tulips"

    def delete(typed):
        sent = {"typed": typed}
        answer = client.post(f"{at}/delete/", sent, content_type="application/json")
        return answer.status_code

    assert client.post(f"{at}/archive/").json()["archived_at"]
    assert client.post(f"{at}/archive/").status_code == 422  # it is archived
    assert client.post(f"{at}/bring-back/").json()["archived_at"] is None
    copied = client.post(
        f"{at}/copy/", {"name": "b", "slug": "b"}, content_type="application/json"
    )
    assert (copied.status_code, copied.json()["slug"]) == (201, "b")
    assert delete("b") == 422
    assert delete("tulips") == 202
    assert Review.objects.count() == Comment.objects.count() == 0
    assert Guideline.objects.count() == 0
