"""The rows behind the workflow, one file a concern."""

from annotator.models.audit import AuditEvent
from annotator.models.candidates import Candidate
from annotator.models.comments import Comment, Mention
from annotator.models.drafts import Draft
from annotator.models.drift import (
    Against,
    DriftAlarm,
    DriftCheck,
    DriftFigure,
    DriftReference,
)
from annotator.models.guidelines import Guideline
from annotator.models.leases import Autosave, KeptText, Lease, Skip, Tick
from annotator.models.pairs import Batch, Pair, PairQuerySet, RowReject
from annotator.models.projects import Membership, Project, User
from annotator.models.reviews import (
    HunkDecision,
    Review,
    RubricScore,
    RubricTag,
    Verdict,
)
from annotator.models.rewrites import Rewrite, RewriteRow

__all__ = [
    "Against",
    "AuditEvent",
    "Autosave",
    "Batch",
    "Candidate",
    "Comment",
    "Draft",
    "DriftAlarm",
    "DriftCheck",
    "DriftFigure",
    "DriftReference",
    "Guideline",
    "HunkDecision",
    "KeptText",
    "Lease",
    "Membership",
    "Mention",
    "Pair",
    "PairQuerySet",
    "Project",
    "Review",
    "Rewrite",
    "RewriteRow",
    "RowReject",
    "RubricScore",
    "RubricTag",
    "Skip",
    "Tick",
    "User",
    "Verdict",
]
