"""Which errors say that the database cannot be asked now."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

GONE = ("08", "53", "57P")
"""Classes of SQLSTATE that tell of the server, not of the question: lost connections,
no resources (a full disk, too many clients), being shut down or started."""


def is_outage(error: BaseException | None) -> bool:
    """Whether an error says that the database cannot be asked now."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:  # not from the server: there was none to say it
        return isinstance(error, OperationalError)
    return str(state).startswith(GONE)
