"""Pairs are copied in: every sign arrives, and no key leads nowhere."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from annotator.database.copying import (
    commit_without_waiting,
    copy,
    copy_lines,
    keys_are_known,
)
from annotator.formats.copy_text import NULL, line_of
from annotator.models import AuditEvent, Pair
from annotator.services import importing
from annotator.services.entering import EVENT_COLUMNS
from tests import factories

pytestmark = pytest.mark.django_db
ODD = "".join(map(chr, range(1, 0x250))) + "\\N \\. \\x41 \u2028字😀 \\"


def test_every_sign_arrives():
    given = [
        {"id": "\\N", "instruction": f"a{ODD}b", "output": "\\.", "input": "\\",
         "category": "\\t", "note": {"\t\n\\": ODD}},
        {"instruction": "\\N", "output": "\tx\t"},
    ]  # fmt: skip

    factories.import_rows(factories.make_project(), given)

    first, second = Pair.objects.order_by("row")
    text = given[0]["instruction"].replace("\r\n", "\n").replace("\r", "\n")
    assert (first.instruction, first.response, first.input) == (text, "\\.", "\\")
    assert (first.external_id, first.category) == ("\\N", "\\t")
    assert first.extra == {"note": given[0]["note"]}
    assert (second.instruction, second.response) == ("\\N", "\tx\t")
    assert second.external_id == second.category == ""


def one_pair() -> Pair:
    factories.import_rows(factories.make_project(), factories.rows(1))
    return Pair.objects.get()


def test_lines_are_what_values_are():
    pair = one_pair()
    values = (pair.pk, None, "queued", "imported", "queued", ODD, pair.created_at)
    texts = [str(pair.pk), "", *values[2:6], pair.created_at.isoformat()]
    line = line_of(texts).replace("\t\t", f"\t{NULL}\t", 1)
    AuditEvent.objects.all().delete()

    copy(AuditEvent, EVENT_COLUMNS, [values])
    copy_lines(AuditEvent, EVENT_COLUMNS, [f"{line}\n"])

    first, second = AuditEvent.objects.values(*EVENT_COLUMNS)
    assert first == second


def test_keys_are_looked_up_again_behind_it():
    pair = one_pair()
    queued = f"\t{NULL}\tqueued\timported\tqueued\t\t{pair.created_at.isoformat()}\n"

    with transaction.atomic():
        with keys_are_known():
            copy_lines(AuditEvent, EVENT_COLUMNS, [f"{pair.pk}{queued}"])
        with connection.cursor() as cursor:
            cursor.execute("SHOW session_replication_role")
            assert cursor.fetchone() == ("origin",)

    copy_lines(AuditEvent, EVENT_COLUMNS, [f"{pair.pk + 1}{queued}"])
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    AuditEvent.objects.exclude(pair=pair.pk).delete()


def test_who_may_not_say_so_is_looked_up_as_ever():
    factories.make_project()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_special")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO nobody_special")
        cursor.execute("SET LOCAL ROLE nobody_special")
        with keys_are_known():
            cursor.execute("SHOW session_replication_role")
            assert cursor.fetchone() == ("origin",)
        cursor.execute("RESET ROLE")


def waits_for_the_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0] != "off"


@pytest.fixture
def usual(transactional_db):
    """A session as it is outside of tests, whose server waits for no disk at all."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    yield
    connection.close()


def test_only_the_transaction_that_says_so_does_not_wait_for_the_disk(usual):
    with transaction.atomic():
        commit_without_waiting()

        assert not waits_for_the_disk()
    assert waits_for_the_disk()


def test_chunks_do_not_wait_for_the_disk_and_the_end_does(usual, monkeypatch):
    waited = []
    store, end = importing._store, importing._end

    def stores(account, ready):
        stored = store(account, ready)
        waited.append(waits_for_the_disk())
        return stored

    def ends(batch, state, problem=""):
        waited.append(waits_for_the_disk())
        end(batch, state, problem)

    monkeypatch.setattr(importing, "_store", transaction.atomic(stores))
    monkeypatch.setattr(importing, "_end", ends)

    factories.import_rows(factories.make_project(), factories.rows(2))

    assert waited == [False, True]
