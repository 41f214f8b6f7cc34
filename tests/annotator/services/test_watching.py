"""Files that are put into a project's folder come in by themselves."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from annotator import tasks
from annotator.domain.roles import Role
from annotator.formats.shapes.mapping import Mapping
from annotator.models import Batch
from annotator.services import archiving, mapping, receiving, watching
from tests import factories

pytestmark = pytest.mark.django_db
ROW = '{"instruction": "Name a door.", "output": "A gate."}\n'


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def inbox(project, settings):
    folder = Path(settings.INBOX) / "demo"
    folder.mkdir(parents=True)
    return folder


def put(folder, name, text=ROW, *, age=60):
    path = folder / name
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_file_is_imported_once_and_is_gone(inbox):
    put(inbox, "a.jsonl")
    tasks.look_into_inbox()
    tasks.look_into_inbox()
    batch = Batch.objects.get()
    assert (batch.name, batch.imported, batch.state) == ("a.jsonl", 1, "done")
    assert list(inbox.iterdir()) == []


@pytest.mark.parametrize("name", [".a.jsonl", "a.jsonl.part", "a.jsonl.tmp"])
def test_what_is_not_finished_is_left_alone(inbox, name):
    path = put(inbox, name)
    tasks.look_into_inbox()
    assert path.read_text() == ROW
    assert not Batch.objects.exists()


def test_a_file_that_still_grows_is_waited_for(inbox):
    path = put(inbox, "a.jsonl", age=1)
    tasks.look_into_inbox()
    assert path.exists()
    put(inbox, "a.jsonl", ROW + ROW.replace("door", "window"))
    tasks.look_into_inbox()
    assert Batch.objects.get().imported == 2


def test_a_file_of_no_use_is_kept_with_the_reason(inbox):
    for text in ("This is a letter.\n", "This is another.\n"):
        put(inbox, "letter.txt", text)
        tasks.look_into_inbox()
    refused = inbox / "refused"
    found = {path.read_text() for path in refused.glob("*letter.txt")}
    assert found == {"This is a letter.\n", "This is another.\n"}
    assert "letter.txt" in (refused / "letter.txt.why.txt").read_text()
    assert not Batch.objects.exists()


def test_two_workers_never_take_one_file(inbox, project, monkeypatch):
    path = put(inbox, "a.jsonl")
    real = watching._fetch

    def slow(project, path):
        path.unlink()  # the other one was here first
        return real(project, path)

    monkeypatch.setattr(watching, "_fetch", slow)
    assert watching.fetch() == []
    assert not path.exists()


def test_an_outage_leaves_the_file_where_it_was(inbox, monkeypatch):
    path = put(inbox, "a.jsonl")

    def fail(**_):
        raise ConnectionError

    monkeypatch.setattr(receiving, "take", fail)
    with pytest.raises(ConnectionError):
        watching.fetch()
    assert path.read_text() == ROW


def test_an_archived_project_takes_nothing_in(inbox, project):
    path = put(inbox, "a.jsonl")
    ada = factories.make_member(project, Role.ADMIN, "ada")
    archiving.archive(project=project, actor=ada)
    tasks.look_into_inbox()
    assert path.exists()


def test_what_a_killed_worker_held_comes_in(inbox, monkeypatch):
    put(inbox, "a.jsonl")
    monkeypatch.setattr(
        receiving, "take", lambda **_: (_ for _ in ()).throw(SystemExit)
    )
    monkeypatch.setattr(Path, "rename", _rename_once())
    with pytest.raises(SystemExit):
        watching.fetch()
    monkeypatch.undo()
    assert [path.name[:9] for path in inbox.iterdir()] == [".a.jsonl."]
    assert watching.fetch() == []
    monkeypatch.setattr(watching, "KILLED", -1.0)
    assert [batch.name for batch in watching.fetch()] == ["a.jsonl"]


def _rename_once():
    """Renames, and never again: the worker is dead."""
    real, calls = Path.rename, []

    def rename(self, target):
        if not calls:
            calls.append(target)
            real(self, target)

    return rename


UNKNOWN = '{"wissen": "Was?", "sagen": "Das."}\n'


def test_a_file_of_unknown_columns_asks_and_the_next_one_is_read_alike(inbox):
    put(inbox, "a.jsonl", UNKNOWN)
    tasks.look_into_inbox()
    first = Batch.objects.get()
    assert first.state == Batch.State.ASKING
    mapping.settle(
        batch=first,
        actor=None,
        mapping=Mapping(instruction="wissen", response="sagen"),
    )
    put(inbox, "b.jsonl", UNKNOWN.replace("Das", "Jenes"))
    tasks.look_into_inbox()
    second = Batch.objects.last()
    assert (second.name, second.state, second.imported) == ("b.jsonl", "done", 1)
