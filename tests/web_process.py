"""A web process whose way to its database and its broker a test can shut."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection
from django.test import Client

from annotator.config import ports, processes
from annotator.models import User
from tests import world
from tests.doorway import Doorway


def through(door: Doorway, url: str) -> str:
    """The same address, by way of the door."""
    parts = urlsplit(url)
    place = f"{parts.username or ''}:{parts.password}@127.0.0.1:{door.port}"
    return parts._replace(netloc=place).geturl()


def database_behind(door: Doorway) -> str:
    """The address of the database that tests use, by way of the door."""
    parts = urlsplit(through(door, settings.DATABASE_URL))
    return parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


class Web:
    """One web process, started as `./coachlm web` does it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Doorway(port_of(settings.DATABASE_URL))
        self.broker = Doorway(port_of(settings.CELERY_BROKER_URL))
        here = database_behind(self.database)
        port = ports.for_a_server()
        self.url = f"http://127.0.0.1:{port}"
        command = processes.web("127.0.0.1", port)
        command[command.index("--workers") + 1] = "1"
        env = {
            **os.environ,
            "DATABASE_URL": here,
            "CELERY_BROKER_URL": through(self.broker, settings.CELERY_BROKER_URL),
            "COACHLM_VAR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_SILENT_SECONDS": "3",
        }
        self.log = (folder / "web.log").open("wb")
        self.process = subprocess.Popen(
            command, env=env, stdout=self.log, stderr=self.log, cwd=settings.BASE_DIR
        )
        world.wait_for(self._answers, 60)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    def visit(self, person: User | None = None) -> httpx.Client:
        """A client, signed in if a person is given; it waits longer than it should."""
        client = httpx.Client(base_url=self.url, timeout=30)
        client.get("/login/")
        if person:
            client.cookies["sessionid"] = session_of(person)
        return client

    def end(self) -> None:
        self.database.open()
        self.process.terminate()
        self.process.wait(timeout=20)
        self.database.shut()
        self.broker.shut()
        self.log.close()


def session_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def token(client: httpx.Client) -> dict[str, str]:
    return {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
