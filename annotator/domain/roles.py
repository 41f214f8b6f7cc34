"""Who may do what: roles of a project and the deeds they cover."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in one project."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    LEAD = "lead"
    ADMIN = "admin"


class Deed(StrEnum):
    """Something that a role may or may not do."""

    ANNOTATE = "annotate"
    JUDGE = "judge"
    ACCEPT_IN_BULK = "accept_in_bulk"
    SEE_STATS = "see_stats"
    SEE_SETUP = "see_setup"
    """Settings, members, units, coaches and runs: read them, change nothing."""
    ADJUDICATE = "adjudicate"
    IMPORT = "import_"
    EXPORT = "export"
    REVISE = "revise"
    HAVE_RATED = "have_rated"
    """Order blind ratings by people, and end them."""
    TRAIN = "train"
    PROMOTE = "promote"
    MANAGE_MEMBERS = "manage_members"
    CHANGE_SETTINGS = "change_settings"
    DISPOSE = "dispose"
    """Of the whole project: archive it, bring it back, delete it."""


_ANNOTATOR = frozenset({Deed.ANNOTATE})
_REVIEWER = _ANNOTATOR | {Deed.JUDGE}
_LEAD = _REVIEWER | {
    *(Deed.SEE_STATS, Deed.SEE_SETUP, Deed.ACCEPT_IN_BULK, Deed.ADJUDICATE),
    *(Deed.IMPORT, Deed.EXPORT, Deed.REVISE, Deed.HAVE_RATED),
}
COVERS: dict[Role, frozenset[Deed]] = {
    Role.ANNOTATOR: _ANNOTATOR,
    Role.REVIEWER: _REVIEWER,
    Role.LEAD: _LEAD,
    Role.ADMIN: frozenset(Deed),
}

READING = frozenset(
    {
        *(Deed.SEE_STATS, Deed.SEE_SETUP, Deed.EXPORT),
        *(Deed.MANAGE_MEMBERS, Deed.DISPOSE),
    }
)
"""What can be done in an archived project."""
HANDING_IN = frozenset({Deed.ANNOTATE, Deed.JUDGE, Deed.ADJUDICATE})
"""What was begun before is handed in; nothing new is dealt out."""


def may(role: Role, deed: Deed) -> bool:
    """Whether a role covers a deed."""
    return deed in COVERS[role]
