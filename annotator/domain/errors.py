"""What can go wrong in the workflow, as sentences for the person who sees them.

`status` is the HTTP status both surfaces answer with; `code` is for programs.
"""

from __future__ import annotations


class WorkflowError(Exception):
    """Base of all: the request was understood and is refused."""

    code = "refused"
    status = 409


class NotAllowed(WorkflowError):
    """The person's role does not cover the deed."""

    code = "not_allowed"
    status = 403


class IllegalMove(WorkflowError):
    """The pair is not in a state from which this step leads on."""

    code = "illegal_move"


class LeaseLost(WorkflowError):
    """The person's hold on the pair has ended; what they typed was kept."""

    code = "lease_lost"


class OtherTab(WorkflowError):
    """Another tab of the same person types into this pair."""

    code = "other_tab"


class Stale(WorkflowError):
    """The text was saved from elsewhere since this page read it; both were kept."""

    code = "stale"


class TooLate(WorkflowError):
    """What could be undone for a while cannot be any more."""

    code = "too_late"


class Invalid(WorkflowError):
    """A field or setting has a value that cannot be used; the message names it."""

    code = "invalid"
    status = 422
