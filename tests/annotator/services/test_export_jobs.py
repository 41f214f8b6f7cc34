"""An export is a job: followed up after a kill, cancelled, tried again, forgotten."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from annotator import tasks
from annotator.domain.errors import Invalid, NotAllowed
from annotator.domain.roles import Role
from annotator.formats.exports.orders import ExportOrder
from annotator.models import AuditEvent, Export
from annotator.selectors import exported
from annotator.services import claims, exporting, writing_out
from tests import factories
from tests.exported_pairs import lines, written

pytestmark = pytest.mark.django_db
State = Export.State


@pytest.fixture
def project():
    project = factories.make_project()
    factories.import_rows(project, factories.rows(35, revised=True))
    return project


@pytest.fixture
def lead(project):
    return factories.make_member(project, Role.LEAD, "lena")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(exported, "CHUNK", 10)
    monkeypatch.setattr(exporting, "HEARD_EVERY", 0)
    monkeypatch.setattr(exporting, "MARKED", 10)


def asked(project, lead, **given):
    order = ExportOrder.from_dict(given)
    return exporting.request(project=project, actor=lead, order=order)


def left_in(settings) -> list[str]:
    return [path.name for path in Path(settings.EXPORTS).iterdir()]


def killed_after(monkeypatch, chunks):
    """Let the next writer die, as kill -9 would let it, behind so many chunks."""
    real, seen = exporting._hear, []

    def hear(export):
        seen.append(export)
        if len(seen) > chunks:
            raise KeyboardInterrupt
        real(export)

    monkeypatch.setattr(exporting, "_hear", hear)


def silent_for(export, seconds):
    heard_at = timezone.now() - timedelta(seconds=seconds)
    Export.objects.filter(pk=export.pk).update(heard_at=heard_at)


def test_what_is_asked_for_waits_and_is_written_once(project, lead, settings):
    export = asked(project, lead)
    waiting = exporting.to_write()
    told = []

    exporting.write(export.pk, tell=lambda each: told.append((each.done, each.pairs)))
    exporting.write(export.pk)  # a second delivery of the message

    export.refresh_from_db()
    assert waiting == [export.pk]
    assert exporting.to_write() == []
    assert (export.state, export.rows, export.pairs) == (State.DONE, 35, 35)
    assert told == [(10, 35), (20, 35), (30, 35), (35, 35), (35, 35)]
    assert left_in(settings) == [export.kept]


def test_the_row_says_what_the_file_is(project, lead):
    export, path = written(project, lead)

    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    assert (export.sha256, export.size) == (digest, len(content))
    (paper,) = export.manifest["files"]
    assert paper == {
        "name": f"demo-alpaca-{export.pk}.jsonl",
        "rows": 35,
        "bytes": len(content),
        "sha256": digest,
    }
    rows = [json.loads(line) for line in content.splitlines()]
    counted: dict[str, int] = {}
    for row in rows:
        quality = row["provenance"]["quality"]
        counted[quality] = counted.get(quality, 0) + 1
    assert export.manifest["pairs_by_quality"] == counted == {"imported": 35}
    assert export.manifest["project_pairs_by_state"]["accepted"] == 35
    assert export.manifest["asked"]["shape"] == "alpaca"


def test_the_same_pairs_are_the_same_file(project, lead):
    first, _ = written(project, lead, gzip=True)
    second, _ = written(project, lead, gzip=True)

    assert first.sha256 == second.sha256


def test_a_packed_file_holds_the_plain_one(project, lead):
    _, plain = written(project, lead)
    _, packed = written(project, lead, gzip=True)

    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
    assert packed.name.endswith(".jsonl.gz")


@pytest.mark.django_db(transaction=True)
def test_reading_ahead_changes_nothing_and_leaves_no_connection(lead, project):
    found = lines(project, lead)
    threads = [each.name for each in threading.enumerate()]

    assert [row["provenance"]["row"] for row in found] == list(range(1, 36))
    assert not any("read-ahead" in name for name in threads)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' "
            "AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)


def test_a_killed_writer_is_followed_by_another_that_begins_anew(
    project, lead, monkeypatch, settings
):
    export = asked(project, lead)
    with monkeypatch.context() as patch:
        killed_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            exporting.write(export.pk)
    export.refresh_from_db()
    assert export.state == State.WRITING
    assert not AuditEvent.objects.filter(action="exported").exists()

    assert exporting.to_write() == []
    silent_for(export, claims.SILENT_SECONDS + 1)
    assert exporting.to_write() == [export.pk]
    exporting.write(export.pk)

    export.refresh_from_db()
    assert (export.state, export.rows, export.tries) == (State.DONE, 35, 2)
    assert left_in(settings) == [export.kept]


def test_three_dead_writers_are_enough(project, lead, monkeypatch):
    export = asked(project, lead)
    killed_after(monkeypatch, 0)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            exporting.write(export.pk)
        silent_for(export, claims.SILENT_SECONDS + 1)

    exporting.write(export.pk)

    export.refresh_from_db()
    assert export.state == State.FAILED
    assert "Three writers died" in export.problem
    assert exporting.to_write() == []


def test_who_was_thought_dead_writes_no_further(project, lead, monkeypatch, settings):
    export = asked(project, lead)
    real, seen = exporting._hear, []

    def hear(each):
        seen.append(each)
        if len(seen) == 2:  # another one takes it up meanwhile
            silent_for(export, claims.SILENT_SECONDS + 1)
            exporting.write(export.pk)
        real(each)

    monkeypatch.setattr(exporting, "_hear", hear)
    exporting.write(export.pk)

    export.refresh_from_db()
    assert (export.state, export.rows) == (State.DONE, 35)
    assert left_in(settings) == [export.kept]
    assert AuditEvent.objects.filter(action="exported").count() == 35


def test_a_cancelled_export_ends_at_once_and_leaves_nothing(project, lead, settings):
    export = asked(project, lead)

    exporting.write(
        export.pk, tell=lambda each: exporting.cancel(export=each, actor=lead)
    )

    export.refresh_from_db()
    assert export.state == State.CANCELLED
    assert left_in(settings) == []
    assert not AuditEvent.objects.filter(action="exported").exists()
    with pytest.raises(Invalid, match="Nothing is being written"):
        exporting.cancel(export=export, actor=lead)


def test_a_full_disk_is_told_and_tried_again(project, lead, monkeypatch):
    export = asked(project, lead)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writing_out, "paper_of", lambda *_, **__: full())
        exporting.write(export.pk)
    export.refresh_from_db()
    assert export.state == State.FAILED
    assert "No space left" in export.problem

    exporting.retry(export=export, actor=lead)
    exporting.write(export.pk)

    export.refresh_from_db()
    assert (export.state, export.problem) == (State.DONE, "")
    with pytest.raises(Invalid, match="Its file is there"):
        exporting.retry(export=export, actor=lead)


def test_what_left_the_accepted_pairs_meanwhile_is_not_in_the_file(
    project, lead, monkeypatch
):
    export = asked(project, lead)
    pair = project.pairs.get(row=35)

    def tell(_):
        project.pairs.filter(pk=pair.pk).update(state="in_quality")

    exporting.write(export.pk, tell=tell)

    export.refresh_from_db()
    assert (export.rows, export.manifest["pairs"]) == (34, 34)


def test_an_old_file_is_deleted_and_its_row_stays(project, lead, settings):
    export, path = written(project, lead)
    later, _ = written(project, lead)
    folder = Path(settings.EXPORTS)
    fresh, dead = folder / f"{'a' * 32}.part", folder / f"{'b' * 32}.part"
    orphan, strange = folder / f"{'c' * 32}.jsonl.gz", folder / "notes.txt"
    for each in (fresh, dead):
        each.mkdir()
    for each in (orphan, strange):
        each.touch()
    for each in (dead, orphan, strange):
        os.utime(each, (0, 0))
    days = timedelta(days=settings.EXPORT_KEEP_DAYS, minutes=1)
    Export.objects.filter(pk=export.pk).update(ended_at=timezone.now() - days)

    tasks.forget_exports()

    export.refresh_from_db()
    assert not path.exists()
    assert export.manifest["rows"] == 35
    assert sorted(left_in(settings)) == sorted([later.kept, fresh.name, "notes.txt"])
    with pytest.raises(Invalid, match="deleted by now"):
        exporting.file_of(export)

    exporting.retry(export=export, actor=lead)
    exporting.write(export.pk)
    export.refresh_from_db()
    assert exporting.file_of(export).exists()


def test_only_who_may_export_cancels_and_tries_again(project, lead):
    export = asked(project, lead)
    rosa = factories.make_member(project, Role.REVIEWER, "rosa")

    for deed in (exporting.cancel, exporting.retry):
        with pytest.raises(NotAllowed):
            deed(export=export, actor=rosa)


def test_a_project_without_accepted_pairs_gives_a_file_without_rows(lead, project):
    project.pairs.update(state="in_quality")

    assert lines(project, lead) == []
    assert json.loads(written(project, lead, file="json")[1].read_text()) == []
    head = written(project, lead, file="csv")[1].read_text("utf-8-sig")
    assert head.splitlines() == ['"instruction","input","output","provenance"']


def test_the_command_line_writes_the_file_and_its_manifest(project, tmp_path):
    out = tmp_path / "pairs.jsonl"

    call_command("export", "demo", "--shape", "revisions", "--out", str(out))

    assert len(out.read_text().splitlines()) == 35
    manifest = json.loads((tmp_path / "pairs.jsonl.manifest.json").read_text())
    assert (
        manifest["files"][0]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    )
    assert Export.objects.get().asked_by is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nowhere"], "no project nowhere"),
        (["demo", "--shape", "poem"], "shape must be one of"),
        (["demo", "--person", "nina"], "nobody called nina"),
        (["demo", "--out", "/no/such/folder/a.jsonl"], "No such file"),
    ],
)
def test_the_command_line_says_what_is_wrong(project, tmp_path, given, said):
    with pytest.raises(CommandError, match=said):
        call_command("export", "--out", str(tmp_path / "a"), *given)
