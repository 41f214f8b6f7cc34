"""The files of a PostgreSQL cluster: made whole or not at all, and never made anew
over a cluster that is there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from annotator.config.children import CannotStart
from annotator.config.places import write_private


@dataclass(slots=True)
class Cluster:
    """A cluster under `home`, and the programs that make and mend one."""

    home: Path
    binaries: Path
    user: str | None
    is_new: bool = False
    """Made by the last `make`."""

    @property
    def folder(self) -> Path:
        return self.home / "cluster"

    def binary(self, name: str) -> Path:
        return self.binaries / "bin" / name

    def make(self, password: str) -> list[str]:
        """See that a cluster is there; what had to be mended for that."""
        self.is_new = False
        if _says_version(self.folder):
            return []
        if (self.folder / "global" / "pg_control").exists():
            return self._mend_version()
        aside = self._set_aside() if self.folder.exists() else []
        self._create(password)
        self.is_new = True
        return aside

    def _mend_version(self) -> list[str]:
        """Each database of a cluster says which version it is of, too."""
        for base in sorted((self.folder / "base").iterdir()):
            if _says_version(base):
                version = (base / "PG_VERSION").read_text()
                self._write(self.folder / "PG_VERSION", version)
                return ["PostgreSQL's PG_VERSION was lost and is written again."]
        raise CannotStart(
            f"{self.folder} has lost its PG_VERSION files: put that folder back from a "
            f"backup, or move it away to begin with an empty database."
        )

    def _set_aside(self) -> list[str]:
        """A cluster without its control file was never finished, or is past mending."""
        place = _unused(self.home / "cluster.unfinished")
        self.folder.rename(place)
        return [f"What lay in {self.folder} was no whole cluster: it is now {place}."]

    def _create(self, password: str) -> None:
        part = self.home / "cluster.part"
        shutil.rmtree(part, ignore_errors=True)
        self._write(self.home / "password", password)
        self._run(
            "initdb",
            *("-D", str(part), "-U", "coachlm"),
            *("--pwfile", str(self.home / "password")),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        )
        part.rename(self.folder)

    def set_password(self, password: str) -> None:
        """Give the user this password; no server may be running."""
        command = f"ALTER ROLE coachlm PASSWORD '{password}';\n"
        self._run(
            "postgres", "--single", "-D", str(self.folder), "postgres", say=command
        )
        self._write(self.home / "password", password)

    def _write(self, path: Path, text: str) -> None:
        write_private(path, text)
        if self.user:
            account = pwd.getpwnam(self.user)
            os.chown(path, account.pw_uid, account.pw_gid)

    def _run(self, program: str, *options: str, say: str = "") -> None:
        done = subprocess.run(
            [self.binary(program), *options],
            user=self.user,
            input=say,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.home,
            env={"PATH": os.defpath, "LC_ALL": "C"},
        )
        if done.returncode:
            raise CannotStart(f"PostgreSQL's {program} failed: {_last(done)}")


def _says_version(folder: Path) -> bool:
    try:
        return (folder / "PG_VERSION").read_text().strip().isdigit()
    except (OSError, ValueError):
        return False


def _unused(place: Path) -> Path:
    """This path, or the next one by number that is not there yet."""
    numbered = (place.with_name(f"{place.name}-{n}") for n in range(2, 1000))
    return next(path for path in (place, *numbered) if not path.exists())


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    faults = [line for line in lines if "error:" in line or "FATAL" in line]
    return (faults or lines or ["no word why"])[-1].strip()
