"""A packed file is imported as what is in it, with its own share and after a kill."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from itertools import count

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from annotator.models import Batch
from annotator.services import importing, receiving
from tests import factories

pytestmark = pytest.mark.django_db

ROWS = [
    {"id": n, "instruction": f"Explain the number {n}.", "output": f"It is {n}. " * 40}
    for n in range(900)
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), sink, row_group_size=100)
    return sink.getvalue()


def zipped() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        cut = LINES.index(b'{"id": 450')
        archive.writestr("part-1.jsonl", LINES[:cut])
        archive.writestr("part-2.jsonl", LINES[cut:])
    return sink.getvalue()


KINDS = {
    "a.jsonl.gz": gzip.compress(LINES),
    "a.zip": zipped(),
    "a.parquet": parquet(),
    "a.json": json.dumps(ROWS).encode(),
}
kinds = pytest.mark.parametrize("name", list(KINDS))


def received(name: str) -> Batch:
    project = factories.make_project()
    file = io.BytesIO(KINDS[name])
    return receiving.receive(project=project, actor=None, file=file, name=name)


@kinds
def test_the_share_of_a_batch_grows_as_its_rows_come_in(name, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 300)
    batch = received(name)
    shares = []

    importing.read(
        batch.pk, tell=lambda batch: shares.append(batch.read_bytes / batch.size)
    )

    assert shares == sorted(shares)
    assert 0.2 < shares[0] < 0.8
    assert shares[-1] == 1


@kinds
def test_who_follows_a_killed_reader_goes_on_behind_its_rows(name, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 200)
    batch = received(name)
    store, stored = importing._store, count(1)

    def killed(*args, **more):
        if next(stored) == 4:
            raise KeyboardInterrupt
        return store(*args, **more)

    with monkeypatch.context() as once:
        once.setattr(importing, "_store", killed)
        with pytest.raises(KeyboardInterrupt):
            importing.read(batch.pk)
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.WAITING)

    importing.read(batch.pk)

    batch.refresh_from_db()
    numbers = list(batch.pairs.order_by("row").values_list("row", flat=True))
    assert numbers == list(range(1, 901))
    assert (batch.state, batch.imported) == (Batch.State.DONE, 900)
