"""Settings from the environment, read once, typed; a bad value refuses at start."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field


class BadSetting(SystemExit):
    """A setting has a value that cannot be used; the message names it."""


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
        return self.values.get(name, "") or default

    def flag(self, name: str, default: bool, meaning: str) -> bool:  # noqa: FBT001
        value = self.text(name, "1" if default else "0", meaning).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{name} must be 1 or 0, not {value!r}.")

    def whole(self, name: str, default: int, meaning: str, *, least: int = 1) -> int:
        value = self._number(int, "a whole number", name, str(default), meaning)
        if value < least:
            raise BadSetting(f"{name} must be at least {least}, not {value:g}.")
        return int(value)

    def share(self, name: str, default: float, meaning: str) -> float:
        value = self._number(float, "a number", name, str(default), meaning)
        if not 0 <= value < 1:
            raise BadSetting(f"{name} must be at least 0 and below 1, not {value}.")
        return value

    def words(self, name: str, default: str, meaning: str) -> list[str]:
        text = self.text(name, default, meaning)
        return [word.strip() for word in text.split(",") if word.strip()]

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
