"""Where the pages are: the host and port that `./coachlm up` listens on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException

from annotator.config import ports
from annotator.config.children import CannotStart
from annotator.config.env import Environment

ENV = Environment()
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
ASK_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Door:
    """A host and port, and whether somebody asked for just this port."""

    host: str
    port: int
    is_asked_for: bool

    @classmethod
    def from_environment(cls) -> Door:
        """COACHLM_HOST and COACHLM_PORT; BadSetting if they cannot be."""
        host = ENV.text("COACHLM_HOST", "127.0.0.1", "Where `up` listens.")
        port = ENV.whole(
            "COACHLM_PORT", 8000, "The port `up` listens on.", most=ports.LAST
        )
        ports.is_free(host, port)  # refuses a host that this machine has not
        return cls(host, port, bool(ENV.values.get("COACHLM_PORT")))

    @property
    def address(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.port}"

    def answers(self) -> bool:
        """Whether the web process answers from within, be it that it cannot serve."""
        host = EVERYWHERE.get(self.host, self.host)
        link = HTTPConnection(host, self.port, timeout=ASK_SECONDS)
        try:
            link.request("GET", "/login/")
            link.getresponse()
        except (OSError, HTTPException):
            return False
        finally:
            link.close()
        return True


def choose(door: Door, say: Callable[[str], None]) -> Door:
    """The door to open: this one, or the next free port, if nobody asked for this one.

    CannotStart where a port that was asked for is taken: whoever asked for it, such as
    a proxy in front, looks for the pages there and nowhere else.
    """
    if ports.is_free(door.host, door.port):
        return door
    owner = ports.owner(door.port)
    if door.is_asked_for:
        raise CannotStart(
            f"COACHLM_PORT asks for {door.port}, and {owner} has that port: end it, or "
            f"set COACHLM_PORT to another."
        )
    other = ports.next_free(door.host, door.port)
    say(f"Port {door.port} is taken by {owner}: the pages are on port {other}.")
    return replace(door, port=other)
