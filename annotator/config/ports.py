"""Ports on this machine: who has one, and one that nobody has."""

from __future__ import annotations

import errno
import random
import socket
from contextlib import suppress

import psutil

from annotator.config.children import CannotStart
from annotator.config.env import BadSetting

OURS = range(20_000, 32_000)
"""Below the range that outgoing connections take theirs from: there, a client that
asks for a dead server's port again and again may be given that very port."""
LAST = 65_535
TRIES = 200


def is_free(host: str, port: int) -> bool:
    """Whether a server may listen there; BadSetting if this machine has no such host,
    or the port needs rights that this user lacks."""
    try:
        [(family, _, _, _, address), *_] = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        raise _no_such_host(host) from None
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise _no_such_host(host) from None
            if error.errno == errno.EACCES:
                raise BadSetting(
                    f"COACHLM_PORT must be at least 1024 for this user, not {port}."
                ) from None
            return False
    return True


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
