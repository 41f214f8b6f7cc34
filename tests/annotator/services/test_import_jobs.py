"""An import is a job: it is followed up, cancelled, tried again, taken out again."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.formats import apart
from annotator.formats.apart import ReaderDied
from annotator.models import Batch, Draft, OfferedRevision, Pair
from annotator.selectors import imports
from annotator.services import claims, importing, receiving, taking_out
from annotator.services.tallies import folding, recounting
from tests import factories

pytestmark = pytest.mark.django_db
State = Batch.State


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD, "lena")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)


def received(project, rows=35, first=0):
    given = [
        {"id": n, "instruction": f"Explain the number {n}.", "output": f"It is {n}."}
        for n in range(first, first + rows)
    ]
    file = io.BytesIO("\n".join(map(json.dumps, given)).encode())
    return receiving.receive(project=project, actor=None, file=file, name="a.jsonl")


def killed_after(monkeypatch, chunks):
    """Let the next reader die, as kill -9 would let it, behind so many chunks."""
    real, number = importing._store, count(1)

    def store(*args, **more):
        if next(number) > chunks:
            raise KeyboardInterrupt
        return real(*args, **more)

    monkeypatch.setattr(importing, "_store", store)


def silent_for(batch, seconds):
    heard_at = timezone.now() - timedelta(seconds=seconds)
    Batch.objects.filter(pk=batch.pk).update(heard_at=heard_at)


def test_what_is_received_waits_and_is_read_once(project, settings):
    batch = received(project)
    waiting = importing.to_read()

    importing.read(batch.pk)
    importing.read(batch.pk)  # a second delivery of the message

    batch.refresh_from_db()
    assert waiting == [batch.pk]
    assert importing.to_read() == []
    assert (batch.state, batch.rows, batch.imported) == (State.DONE, 35, 35)
    assert not list(Path(settings.UPLOADS).iterdir())


def test_a_reader_goes_on_where_a_killed_one_stopped(project, monkeypatch):
    batch = received(project)
    with monkeypatch.context() as patch:
        killed_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            importing.read(batch.pk)
    batch.refresh_from_db()
    half = (batch.state, batch.rows, Pair.objects.count())
    importing.read(batch.pk)  # so soon nobody else goes on
    still = Pair.objects.count()
    silent_for(batch, claims.SILENT_SECONDS + 1)

    assert importing.to_read() == [batch.pk]
    importing.read(batch.pk)

    batch.refresh_from_db()
    assert half == (State.READING, 20, 20)
    assert still == 20
    assert (batch.state, batch.rows, batch.imported) == (State.DONE, 35, 35)
    assert batch.duplicates == 0
    ids = sorted(int(pair.external_id) for pair in Pair.objects.all())
    assert ids == list(range(35))


@pytest.mark.process
def test_a_large_file_is_read_by_another_process_and_that_may_die(project, monkeypatch):
    monkeypatch.setattr(importing, "APART_BYTES", 0)
    real, died = apart.chunks, []

    def dying(order):
        for number, chunk in enumerate(real(order)):
            if number == 2 and not died:
                died.append(order.behind)
                raise ReaderDied("It was ended.")
            yield chunk

    monkeypatch.setattr(apart, "chunks", dying)
    batch = received(project)

    importing.read(batch.pk)

    batch.refresh_from_db()
    assert died == [0]
    assert (batch.state, batch.rows, batch.imported) == (State.DONE, 35, 35)
    assert (batch.duplicates, batch.read_bytes) == (0, batch.size)


def test_a_process_that_dies_again_and_again_ends_the_import(project, monkeypatch):
    def dead(order):
        raise ReaderDied("It was ended.")
        yield

    monkeypatch.setattr(importing, "APART_BYTES", 0)
    monkeypatch.setattr(apart, "chunks", dead)
    batch = received(project)

    importing.read(batch.pk)

    batch.refresh_from_db()
    assert batch.state == State.FAILED
    assert "Three readers died" in batch.problem


def test_a_reader_that_was_taken_for_dead_stores_nothing_more(project):
    batch = received(project)

    def fall_silent(seen):
        if seen.rows == 10:
            silent_for(batch, claims.SILENT_SECONDS + 1)
            importing.read(batch.pk)  # another one, to the end

    importing.read(batch.pk, tell=fall_silent)

    batch.refresh_from_db()
    assert (batch.state, batch.rows, Pair.objects.count()) == (State.DONE, 35, 35)


def test_rows_that_readers_die_on_end_the_import_in_a_sentence(project, monkeypatch):
    batch = received(project)
    for _ in range(claims.MOST_TRIES):
        with monkeypatch.context() as patch:
            killed_after(patch, 0)
            with pytest.raises(KeyboardInterrupt):
                importing.read(batch.pk)
        silent_for(batch, claims.SILENT_SECONDS + 1)

    importing.read(batch.pk)

    batch.refresh_from_db()
    assert batch.state == State.FAILED
    assert "Three readers died" in batch.problem
    assert importing.to_read() == []


def test_a_cancelled_import_keeps_what_is_in_and_reads_no_further(
    project, lead, settings
):
    batch = received(project)

    importing.read(
        batch.pk,
        tell=lambda seen: (
            importing.cancel(batch=seen, actor=lead) if seen.rows == 20 else None
        ),
    )

    batch.refresh_from_db()
    assert (batch.state, batch.rows, Pair.objects.count()) == (State.CANCELLED, 20, 20)
    assert not list(Path(settings.UPLOADS).iterdir())
    with pytest.raises(Invalid, match="Nothing is being read"):
        importing.cancel(batch=batch, actor=lead)


def test_a_file_that_is_gone_is_said_and_can_be_tried_again(project, lead):
    batch = received(project)
    path = receiving.file_of(batch)
    whole = path.read_bytes()
    path.unlink()
    importing.read(batch.pk)
    batch.refresh_from_db()
    failed = (batch.state, batch.problem)
    path.write_bytes(whole)

    importing.retry(batch=batch, actor=lead)
    importing.read(batch.pk)

    batch.refresh_from_db()
    assert failed[0] == State.FAILED
    assert "cannot be read on this machine" in failed[1]
    assert (batch.state, batch.imported) == (State.DONE, 35)
    with pytest.raises(Invalid, match="Only an import that failed"):
        importing.retry(batch=batch, actor=lead)


def test_progress_is_counted_in_bytes_and_rows(project):
    batch = received(project)
    seen = []

    importing.read(batch.pk, tell=lambda at: seen.append(imports.progress(at)))

    assert [at.is_running for at in seen] == [True] * 4
    assert all(at.rows_per_second > 0 for at in seen)
    assert seen[-1].share == 1
    batch.refresh_from_db()
    assert not imports.progress(batch).is_running


def test_a_large_file_is_left_to_the_worker(project, lead, client, settings):
    settings.READ_AT_ONCE_BYTES = 10
    client.force_login(lead)
    file = io.BytesIO(b'{"instruction": "Explain rain.", "output": "Water falls."}\n')
    file.name = "rain.jsonl"

    answer = client.post(reverse("batches", args=["demo"]), {"file": file})
    batch = Batch.objects.get()
    before = client.get(answer.url).content.decode()
    listed = client.get(reverse("batches", args=["demo"])).content.decode()
    tasks.read_import(batch.pk)
    live = client.get(answer.url, headers={"HX-Request": "true", "HX-Target": "import"})
    after = client.get(answer.url).content.decode()

    assert 'hx-trigger="every 1s"' in before
    assert 'id="cancel"' in before
    assert "waiting to be read" in listed
    assert live.headers["HX-Refresh"] == "true"
    assert 'hx-trigger="every 1s"' not in after
    assert Pair.objects.get().instruction == "Explain rain."


def test_a_large_file_that_is_none_says_so_on_its_page(project, lead, client, settings):
    settings.READ_AT_ONCE_BYTES = 10
    client.force_login(lead)
    file = io.BytesIO(b"only some words, and no pair at all")
    file.name = "words.txt"
    answer = client.post(reverse("batches", args=["demo"]), {"file": file})

    importing.read(Batch.objects.get().pk)

    page = client.get(answer.url).content.decode()
    assert "is none of json, jsonl, csv" in page
    assert 'id="retry"' in page


def test_the_command_tells_what_it_read(project, tmp_path, capsys):
    path = tmp_path / "rain.jsonl"
    path.write_text('{"instruction": "Explain rain.", "output": "Water falls."}\n')

    call_command("import_pairs", "demo", path)

    assert "1 pairs imported" in capsys.readouterr().out


def test_an_untouched_import_is_taken_out_and_comes_in_again(project, lead):
    factories.make_coach(project)
    kept = received(project, rows=5, first=100)
    importing.read(kept.pk)
    batch = received(project)
    importing.read(batch.pk)
    factories.draft_all(project)
    folding.fold(project)

    count = taking_out.take_out(batch=batch, actor=lead)
    folding.fold(project)

    assert count == 35
    assert Pair.objects.count() == 5
    assert Draft.objects.count() == 5
    assert not Batch.objects.filter(pk=batch.pk).exists()
    assert recounting.recount(project) == []
    again = received(project)
    importing.read(again.pk)
    again.refresh_from_db()
    assert (again.imported, again.duplicates) == (35, 0)


def test_an_import_that_somebody_has_touched_stays(project, lead):
    factories.make_coach(project)
    batch = received(project)
    importing.read(batch.pk)
    factories.draft_all(project)
    anna = factories.make_member(project, Role.ANNOTATOR, "anna")
    factories.claim(project, anna)

    with pytest.raises(Invalid, match="1 of its 35 pairs"):
        taking_out.take_out(batch=batch, actor=lead)

    assert Pair.objects.count() == 35
    with pytest.raises(NotAllowed):
        taking_out.take_out(batch=batch, actor=anna)


def test_an_import_under_way_is_not_taken_out(project, lead):
    batch = received(project)

    with pytest.raises(Invalid, match="still being read"):
        taking_out.take_out(batch=batch, actor=lead)


def test_a_revision_offered_for_another_batch_goes_with_its_pairs(project, lead):
    first = received(project, rows=1)
    importing.read(first.pk)
    row = {
        "instruction": "Explain the number 0.",
        "output": "It is 0.",
        "Revised Instruction": "Explain zero.",
        "Revised Response": "It is none.",
    }
    factories.import_rows(project, [row])
    assert OfferedRevision.objects.count() == 1

    taking_out.take_out(batch=first, actor=lead)

    assert OfferedRevision.objects.count() == 0
