"""The rows behind the workflow, one file a concern."""

from annotator.models.audit import AuditEvent
from annotator.models.drafts import Draft
from annotator.models.leases import Autosave, Lease, Tick
from annotator.models.pairs import Batch, Pair, PairQuerySet, RowReject
from annotator.models.projects import Membership, Project, User
from annotator.models.reviews import Review, Verdict

__all__ = [
    "AuditEvent",
    "Autosave",
    "Batch",
    "Draft",
    "Lease",
    "Membership",
    "Pair",
    "PairQuerySet",
    "Project",
    "Review",
    "RowReject",
    "Tick",
    "User",
    "Verdict",
]
