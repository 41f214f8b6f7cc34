"""Where the pages are: the host and port that `./coachlm up` listens on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from select import select
from socket import socket

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

    def listen(self) -> socket:
        """The one socket of this door; CannotStart where somebody came first."""
        if made := ports.listen(self.host, self.port):
            return made
        raise CannotStart(f"{ports.owner(self.port)} has just taken port {self.port}.")

    def link(self) -> HTTPConnection:
        """A way to ask for pages from within."""
        host = EVERYWHERE.get(self.host, self.host)
        return HTTPConnection(host, self.port, timeout=ASK_SECONDS)

    def answers(self) -> bool:
        """Whether the web process answers from within, be it that it cannot serve."""
        link = self.link()
        try:
            link.request("GET", "/login/")
            link.getresponse()
        except (OSError, HTTPException):
            return False
        finally:
            link.close()
        return True


@dataclass(slots=True)
class Knock:
    """Asks for a page, and looks now and then whether it has come, without waiting:
    while no web process lives, what is asked lies on the socket that `up` holds."""

    door: Door
    _asked: HTTPConnection | None = None

    def is_answered(self) -> bool:
        link = self._asked or self.door.link()
        try:
            if self._asked is None:
                link.request("GET", "/login/")
                self._asked = link
            if not select([link.sock], [], [], 0)[0]:
                return False
            link.getresponse()
            is_answered = True
        except (OSError, HTTPException):
            is_answered = False
        link.close()
        self._asked = None
        return is_answered


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
