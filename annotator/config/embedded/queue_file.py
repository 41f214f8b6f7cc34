"""Valkey's append-only files, after a kill, a power cut or a full disk.

Messages are hints here, the row is the job: what is lost with a file, beat sends
again from the database. So a start never waits for a person to mend one.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SENT_AGAIN = "What was queued in it is sent again from the database."


@dataclass(frozen=True, slots=True)
class QueueFile:
    """The append-only files under a server's folder."""

    home: Path
    server: Path

    @property
    def folder(self) -> Path:
        return self.home / "appendonlydir"

    def faults(self) -> list[Path]:
        """The files whose end cannot be read, while no server writes to them."""
        return [path for path in self._written() if not self._check(path)]

    def mend(self) -> list[str]:
        """Cut off what cannot be read, keeping a copy; sentences about it."""
        return [self._mend(path) for path in self.faults()]

    def set_aside(self) -> list[str]:
        """Begin with an empty file; the old ones are kept beside it."""
        if not self.folder.exists():
            return []
        place = self.home / "appendonlydir.unreadable"
        shutil.rmtree(place, ignore_errors=True)
        self.folder.rename(place)
        return [f"Valkey could not read its file, which is now {place}. {SENT_AGAIN}"]

    def _written(self) -> list[Path]:
        return sorted(self.folder.glob("*.incr.aof"))

    def _mend(self, path: Path) -> str:
        copy = path.with_name(f"{path.name}.unreadable")
        shutil.copy2(path, copy)
        if not self._check(path, "--fix"):
            path.write_bytes(b"")
        return f"The end of Valkey's file was unreadable and is cut off. {SENT_AGAIN}"

    def _check(self, path: Path, *options: str) -> bool:
        """The server's program is its own checker, under that name."""
        done = subprocess.run(
            ["valkey-check-aof", *options, path],
            executable=self.server,
            input=b"y\n",
            capture_output=True,
            check=False,
        )
        return done.returncode == 0
