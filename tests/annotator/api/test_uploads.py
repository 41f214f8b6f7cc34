"""Large files come in pieces, by the tus protocol, and end as the batch they would be
if they came in one."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from annotator import tasks
from annotator.domain.roles import Role
from annotator.models import Batch, Pair, Upload
from annotator.services import uploading
from tests import factories

pytestmark = pytest.mark.django_db
AT = "/api/projects/demo/uploads/"
FILE = "".join(
    json.dumps(
        {"id": n, "instruction": f"Explain {n} – 解释。", "output": f"It is {n}."}
    )
    + "\n"
    for n in range(200)
).encode()
SIZE = len(FILE)


@pytest.fixture
def project():
    return factories.make_project()


@pytest.fixture
def sender(client, lena):
    """Sends as a tus client does."""
    client.force_login(lena)
    return Sender(client)


class Sender:
    def __init__(self, client):
        self.client = client
        self.at = ""

    def begin(self, size=SIZE, name="a.jsonl", **options):
        told = {"filename": name, **options}
        packed = ",".join(
            f"{key} {base64.b64encode(str(value).encode()).decode()}"
            for key, value in told.items()
        )
        headers = {"Upload-Length": str(size), "Upload-Metadata": packed}
        answer = self.client.post(AT, headers=headers)
        self.at = answer.headers.get("Location", "")
        return answer

    def send(self, offset, piece):
        return self.client.patch(
            self.at,
            piece,
            content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(offset)},
        )

    def here(self):
        return int(self.client.head(self.at).headers["Upload-Offset"])


def on_disk(settings):
    folder = Path(settings.UPLOADS)
    return sorted(folder.iterdir()) if folder.exists() else []


def test_pieces_become_the_file_that_was_sent(sender, project, settings):
    assert sender.begin(revised_as_accepted="true").status_code == 201
    assert sender.send(0, FILE[:5000]).headers["Upload-Offset"] == "5000"
    assert sender.here() == 5000
    last = sender.send(5000, FILE[5000:])

    batch = Batch.objects.get()
    assert last.status_code == 204
    assert last.headers["Upload-Batch"] == str(batch.pk)
    assert last.headers["Location"] == f"/p/demo/batches/{batch.pk}/"
    assert last.headers["Tus-Resumable"] == "1.0.0"
    assert (batch.name, batch.size, batch.imported) == ("a.jsonl", len(FILE), 200)
    assert batch.revised_as_accepted
    texts = Pair.objects.order_by("row").values_list("instruction", flat=True)
    assert list(texts[:2]) == ["Explain 0 – 解释。", "Explain 1 – 解释。"]
    assert on_disk(settings) == []


def test_a_file_in_pieces_waits_for_word_about_its_columns(sender, project):
    sender.begin(asks_first="on")

    assert sender.send(0, FILE).status_code < 300

    assert project.batches.get().state == "asking"
    assert not Pair.objects.exists()


def test_a_piece_whose_answer_was_lost_counts_once(sender):
    sender.begin()
    sender.send(0, FILE[:3000])
    again = sender.send(0, FILE[:3000])
    assert again.status_code == 409
    assert again.headers["Upload-Offset"] == "3000"
    ahead = sender.send(9000, FILE[9000:])
    assert (ahead.status_code, ahead.headers["Upload-Offset"]) == (409, "3000")
    sender.send(3000, FILE[3000:])
    assert sender.send(3000, FILE[3000:]).status_code == 409
    assert Batch.objects.get().imported == 200


def test_what_a_killed_server_had_written_of_a_piece_is_written_over(sender, settings):
    sender.begin()
    sender.send(0, FILE[:3000])
    (part,) = on_disk(settings)
    with part.open("ab") as file:
        file.write(b"half a piece, and no row in the database says so")
    assert sender.here() == 3000
    sender.send(3000, FILE[3000:])
    assert Batch.objects.get().rejected == 0


def test_a_file_that_is_gone_is_sent_again(sender, settings):
    sender.begin()
    sender.send(0, FILE[:3000])
    on_disk(settings)[0].unlink()
    assert sender.here() == 0
    assert sender.send(3000, FILE[3000:]).headers["Upload-Offset"] == "0"
    sender.send(0, FILE)
    assert Batch.objects.get().imported == 200


def test_more_than_was_announced_is_refused(sender):
    sender.begin(size=100)
    answer = sender.send(0, FILE)
    assert answer.status_code == 422
    assert "100 bytes that were announced" in answer.json()["detail"]
    assert sender.here() == 0


def test_a_file_of_no_use_is_said_and_goes(sender, settings):
    text = b"This is a letter, and no pairs.\n" * 3
    sender.begin(size=len(text), name="letter.txt")
    answer = sender.send(0, text)
    assert answer.status_code == 422
    assert "letter.txt" in answer.json()["detail"]
    assert not Upload.objects.exists()
    assert on_disk(settings) == []


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({}, "Upload-Length"),
        ({"Upload-Length": "0"}, "0 bytes"),
        ({"Upload-Length": "-5"}, "Upload-Length"),
        ({"Upload-Length": "9" * 18}, "UPLOAD_MAX_BYTES"),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ***"}, "filename"),
    ],
)
def test_a_beginning_that_cannot_be_is_said(sender, headers, what):
    answer = sender.client.post(AT, headers=headers)
    assert answer.status_code == 422
    assert what in answer.json()["detail"]


def test_a_full_disk_is_said_before_anything_is_sent(sender, monkeypatch):
    monkeypatch.setattr(uploading, "ROOM", 10**18)
    answer = sender.begin()
    assert answer.status_code == 422
    assert "no room" in answer.json()["detail"]


def test_what_is_given_up_goes(sender, settings):
    sender.begin()
    sender.send(0, FILE[:3000])
    assert sender.client.delete(sender.at).status_code == 204
    assert on_disk(settings) == []
    assert sender.client.head(sender.at).status_code == 404


def test_an_upload_is_its_senders(sender, project, client):
    sender.begin()
    client.force_login(factories.make_member(project, Role.LEAD, "other"))
    assert sender.send(0, FILE).status_code == 404
    client.force_login(factories.make_member(project, Role.ANNOTATOR, "anna"))
    assert sender.begin().status_code == 403
    client.logout()
    assert sender.begin().status_code in (401, 403)


def test_what_nobody_goes_on_with_is_swept(sender, settings):
    sender.begin()
    sender.send(0, FILE[:3000])
    tasks.sweep_uploads()
    assert Upload.objects.exists()
    before = timezone.now() - timedelta(hours=settings.UPLOAD_HOURS, minutes=1)
    Upload.objects.update(heard_at=before)
    tasks.sweep_uploads()
    assert not Upload.objects.exists()
    assert on_disk(settings) == []


def test_a_client_may_ask_what_is_spoken(sender):
    answer = sender.client.options(AT)
    assert answer.status_code == 204
    assert "creation" in answer.headers["Tus-Extension"]


def test_unknown_columns_lead_to_the_page_that_asks(sender):
    text = b'{"frage": "Was?", "antwort": "Das."}\n'
    sender.begin(size=len(text), asks="true")
    last = sender.send(0, text)
    batch = Batch.objects.get()
    assert last.headers["Location"] == f"/p/demo/batches/{batch.pk}/mapping/"
    assert batch.state == Batch.State.ASKING


def test_a_mapping_and_an_encoding_come_with_it(sender):
    text = "frage,antwort\n什麼是門?,一扇門。\n".encode("big5")
    told = {"mapping": '{"instruction": "frage", "response": "antwort"}'}
    sender.begin(size=len(text), name="a.csv", encoding="big5", **told)
    sender.send(0, text)
    assert Pair.objects.get().instruction == "什麼是門?"


def test_a_mapping_that_cannot_be_read_is_said_before_anything_is_sent(sender):
    answer = sender.begin(mapping="{")
    assert answer.status_code == 422
    assert "mapping is not valid JSON" in answer.json()["detail"]
