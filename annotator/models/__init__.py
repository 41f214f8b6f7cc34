"""The rows behind the workflow, one file a concern."""

from annotator.models.audit import AuditEvent
from annotator.models.candidates import Candidate
from annotator.models.comments import Comment, Mention
from annotator.models.drafts import Draft
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
from annotator.models.tallies import PairTally, ReviewTally, StaleHour, TallyState

__all__ = [
    "AuditEvent",
    "Autosave",
    "Batch",
    "Candidate",
    "Comment",
    "Draft",
    "Guideline",
    "HunkDecision",
    "KeptText",
    "Lease",
    "Membership",
    "Mention",
    "Pair",
    "PairQuerySet",
    "PairTally",
    "Project",
    "Review",
    "ReviewTally",
    "Rewrite",
    "RewriteRow",
    "RowReject",
    "RubricScore",
    "RubricTag",
    "Skip",
    "StaleHour",
    "TallyState",
    "Tick",
    "User",
    "Verdict",
]
