"""Ports on this machine: who has one, and one that nobody has."""

from __future__ import annotations

import errno
import random
import socket
from contextlib import suppress
from typing import Any

import psutil

from annotator.config.children import CannotStart
from annotator.config.env import BadSetting

OURS = range(20_000, 32_000)
"""Below the range that outgoing connections take theirs from: there, a client that
asks for a dead server's port again and again may be given that very port."""
LAST = 65_535
TRIES = 200
WAITING = 2048
"""Connections that may wait for a server which is just starting (uvicorn's own)."""


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there; BadSetting as `listen` says."""
    probe = listen(host, port)
    if probe is None:
        return False
    probe.close()
    return True


def listen(host: str, port: int) -> socket.socket | None:
    """A socket that listens there; None where the port is taken. BadSetting if this
    machine has no such host, or the port needs rights that this user lacks."""
    family, address = _place(host, port)
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Whoever accepts inherits it; uvicorn sets it on sockets of its own only.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        made.bind(address)
        made.listen(WAITING)
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise _no_such_host(host) from None
        if error.errno == errno.EACCES:
            raise BadSetting(
                f"COACHLM_PORT must be at least 1024 for this user, not {port}."
            ) from None
        return None
    return made


def _place(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """A name with addresses of both kinds, such as localhost, means the older one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _no_such_host(host) from None
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address


def _no_such_host(host: str) -> BadSetting:
    return BadSetting(
        f"COACHLM_HOST must be an address of this machine, such as 127.0.0.1 or "
        f"0.0.0.0, not {host!r}."
    )


def for_a_server() -> int:
    """A port on 127.0.0.1 that nobody has."""
    for port in random.SystemRandom().sample(OURS, TRIES):
        if is_free("127.0.0.1", port):
            return port
    raise CannotStart("This machine has no free port on 127.0.0.1.")


def next_free(host: str, port: int) -> int:
    """The first port after this one that nobody has."""
    for other in range(port + 1, min(port + TRIES, LAST) + 1):
        if is_free(host, other):
            return other
    raise CannotStart(f"No port after {port} is free: set COACHLM_PORT.")


def owner(port: int) -> str:
    """Who listens on the port, in words."""
    with suppress(psutil.Error, OSError):
        for one in psutil.net_connections("tcp"):
            listens = one.status == psutil.CONN_LISTEN
            if listens and one.laddr and one.laddr.port == port and one.pid:
                return f"{psutil.Process(one.pid).name()} (process {one.pid})"
    return "another program"
