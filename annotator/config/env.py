"""Settings from the environment, read once, typed; a bad value refuses at start."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import make_conninfo

EXIT_CODE = 2
MOST = 1_000_000
DJANGO_OPTIONS = {"assume_role", "isolation_level", "server_side_binding"}
"""Parameters of a database's address that Django keeps to itself."""


class BadSetting(SystemExit):
    """A setting has a value that cannot be used; the message names it."""


@contextmanager
def refusing() -> Iterator[None]:
    """Around a program: a bad setting ends it with its sentence, and code 2."""
    try:
        yield
    except BadSetting as bad:
        sys.stderr.write(f"{bad}\n")
        raise SystemExit(EXIT_CODE) from None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting a user can set, for docs/operations.md and its test."""

    name: str
    default: str
    meaning: str


@dataclass(slots=True)
class Environment:
    """Reads settings and remembers which there are."""

    values: os._Environ[str] | dict[str, str] = field(
        default_factory=lambda: os.environ
    )
    known: list[Setting] = field(default_factory=list)

    def text(self, name: str, default: str, meaning: str) -> str:
        self.known.append(Setting(name, default, meaning))
        value = self.values.get(name, "")
        if not value.isprintable():
            raise BadSetting(f"{name} must be one line of text, not {value!r}.")
        return value or default

    def flag(self, name: str, default: bool, meaning: str) -> bool:  # noqa: FBT001
        value = self.text(name, "1" if default else "0", meaning).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{name} must be 1 or 0, not {value!r}.")

    def whole(
        self, name: str, default: int, meaning: str, *, least: int = 1, most: int = MOST
    ) -> int:
        value = self._number(int, "a whole number", name, str(default), meaning)
        if not least <= value <= most:
            raise BadSetting(f"{name} must be {least} to {most}, not {value}.")
        return int(value)

    def share(self, name: str, default: float, meaning: str) -> float:
        value = self._number(float, "a number", name, str(default), meaning)
        if not 0 <= value < 1:
            raise BadSetting(f"{name} must be at least 0 and below 1, not {value}.")
        return value

    def amount(self, name: str, default: float, meaning: str) -> float:
        """A number from 0 up, such as a price."""
        value = self._number(float, "a number", name, str(default), meaning)
        if not 0 <= value <= MOST:
            raise BadSetting(f"{name} must be 0 to {MOST}, not {value}.")
        return value

    def words(self, name: str, default: str, meaning: str) -> list[str]:
        text = self.text(name, default, meaning)
        return [word.strip() for word in text.split(",") if word.strip()]

    def origins(self, name: str, meaning: str) -> list[str]:
        """Schemes with hosts, such as https://host."""
        found = self.words(name, "", meaning)
        for origin in found:
            if not re.fullmatch(r"https?://[^/\s]+", origin):
                raise BadSetting(
                    f"{name} must be origins such as https://host, not {origin!r}."
                )
        return found

    def address(
        self, name: str, default: str, meaning: str, *, schemes: tuple[str, ...]
    ) -> str:
        """An address under one of the schemes, or nothing where that is the default."""
        value = self.text(name, default, meaning)
        try:
            parts = urlsplit(value)
            is_right = parts.scheme in schemes and parts.port != 0
        except ValueError:
            is_right = False
        if value and not is_right:
            raise BadSetting(
                f"{name} must be an address that begins with "
                f"{' or '.join(f'{scheme}://' for scheme in schemes)}, "
                f"not {_without_password(value)!r}."
            )
        return value

    def dotted(self, name: str, default: str, meaning: str, *, is_class: bool) -> str:
        """The dotted path of a module, or of a class in one, that is installed."""
        value = self.text(name, default, meaning)
        if value and not _is_there(value.rpartition(".")[0] if is_class else value):
            kind = "a class" if is_class else "a module"
            raise BadSetting(
                f"{name} must be the dotted path of {kind} that is installed here, "
                f"not {value!r}."
            )
        return value

    def zone(self, name: str, default: str, meaning: str) -> str:
        value = self.text(name, default, meaning)
        if value not in zoneinfo.available_timezones():
            raise BadSetting(
                f"{name} must be a time zone such as Europe/Berlin, not {value!r}."
            )
        return value

    def folder(self, name: str, default: str, meaning: str) -> str:
        """A path at which a folder is, or can be made."""
        value = self.text(name, default, meaning)
        try:
            for path in (Path(value), *Path(value).parents):
                if path.exists() and not path.is_dir():
                    raise BadSetting(f"{name} must be a folder, and {path} is a file.")
        except OSError as error:
            raise _no_folder(name, Path(value), error) from None
        return value

    def file(
        self, name: str, meaning: str, *, kind: str, starts: tuple[bytes, ...]
    ) -> str:
        """A file that begins as its kind does, or nothing."""
        value = self.text(name, "", meaning)
        if not value:
            return ""
        try:
            with Path(value).open("rb") as opened:
                start = opened.read(16)
        except OSError as error:
            raise BadSetting(
                f"{name} must be {kind}, and {value} cannot be read: {error.strerror}."
            ) from None
        if not start.startswith(starts):
            raise BadSetting(f"{name} must be {kind}, and {value} is none.")
        return value

    def options(self, name: str, meaning: str) -> dict[str, Any]:
        """A JSON object."""
        value = self.text(name, "{}", meaning)
        try:
            found = json.loads(value)
        except ValueError as fault:
            raise BadSetting(f"{name} must be a JSON object: {fault}.") from None
        if not isinstance(found, dict):
            raise BadSetting(f"{name} must be a JSON object, not {value!r}.")
        return found

    def _number(
        self,
        read: Callable[[str], float],
        kind: str,
        name: str,
        default: str,
        meaning: str,
    ) -> float:
        value = self.text(name, default, meaning)
        try:
            return read(value)
        except ValueError:
            raise BadSetting(f"{name} must be {kind}, not {value!r}.") from None


def libpq_parameters(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """What follows the ? of a database's address; BadSetting for what nobody knows."""
    try:
        make_conninfo(**{key: given[key] for key in given.keys() - DJANGO_OPTIONS})
    except psycopg.ProgrammingError as fault:
        raise BadSetting(
            f"{name} must be an address whose parameters PostgreSQL's library knows: "
            f"{str(fault).strip()}."
        ) from None
    return given


def make_folder(name: str, path: Path) -> None:
    """Make the folder that a setting names; BadSetting where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_folder(name, path, error) from None


def _no_folder(name: str, path: Path, error: OSError) -> BadSetting:
    return BadSetting(
        f"{name} must be a folder that this user can write to, and {path} is none: "
        f"{error.strerror}."
    )


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _without_password(address: str) -> str:
    """For a message: whatever stands before an @ may be a secret."""
    return re.sub(r"[^/@]*@", "…@", address)
