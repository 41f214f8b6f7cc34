"""A reader is really killed, and another one goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from annotator.models import AuditEvent, Batch, Pair
from annotator.services import claims, importing
from tests import factories, world

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
ROWS = 4 * importing.CHUNK


def test_no_row_is_lost_or_doubled_by_a_kill(tmp_path, settings):
    factories.make_project()
    path = tmp_path / "many.jsonl"
    with path.open("w") as file:
        for n in range(ROWS):
            row = {"id": n, "instruction": f"Explain {n}.", "output": f"It is {n}."}
            file.write(json.dumps(row) + "\n")
    parts = urlsplit(settings.DATABASE_URL)
    name = connection.settings_dict["NAME"]
    env = {
        **os.environ,
        "DATABASE_URL": parts._replace(path=f"/{name}").geturl(),
        "COACHLM_UPLOADS": settings.UPLOADS,
    }
    command = [sys.executable, "manage.py", "import_pairs", "demo", str(path)]
    reader = subprocess.Popen(command, env=env, cwd=settings.BASE_DIR)
    world.wait_for(lambda: Batch.objects.filter(rows__gt=0).exists(), 60)

    reader.send_signal(signal.SIGKILL)
    reader.wait()
    batch = Batch.objects.get()
    half = (batch.state, batch.rows)
    died = timezone.now() - timedelta(seconds=claims.SILENT_SECONDS + 1)
    Batch.objects.update(heard_at=died)
    importing.read(batch.pk)

    batch.refresh_from_db()
    assert half[0] == Batch.State.READING
    assert 0 < half[1] < ROWS
    assert (batch.state, batch.rows, batch.imported) == ("done", ROWS, ROWS)
    assert Pair.objects.count() == AuditEvent.objects.count() == ROWS
    assert len(set(Pair.objects.values_list("external_id", flat=True))) == ROWS
