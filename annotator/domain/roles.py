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
    ADJUDICATE = "adjudicate"
    IMPORT = "import_"
    EXPORT = "export"
    REVISE = "revise"
    TRAIN = "train"
    PROMOTE = "promote"
    MANAGE_MEMBERS = "manage_members"
    CHANGE_SETTINGS = "change_settings"


_ANNOTATOR = frozenset({Deed.ANNOTATE})
_REVIEWER = _ANNOTATOR | {Deed.JUDGE}
_LEAD = _REVIEWER | {
    *(Deed.SEE_STATS, Deed.ACCEPT_IN_BULK, Deed.ADJUDICATE),
    *(Deed.IMPORT, Deed.EXPORT, Deed.REVISE),
}
COVERS: dict[Role, frozenset[Deed]] = {
    Role.ANNOTATOR: _ANNOTATOR,
    Role.REVIEWER: _REVIEWER,
    Role.LEAD: _LEAD,
    Role.ADMIN: frozenset(Deed),
}


def may(role: Role, deed: Deed) -> bool:
    """Whether a role covers a deed."""
    return deed in COVERS[role]
