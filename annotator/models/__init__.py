"""The rows behind the workflow, one file a concern."""

from annotator.models.audit import AuditEvent
from annotator.models.candidates import Candidate
from annotator.models.checks import Check, Gold, SignsOpened
from annotator.models.comments import Comment, Mention
from annotator.models.drafts import Draft
from annotator.models.drift import (
    Against,
    DriftAlarm,
    DriftCheck,
    DriftFigure,
    DriftReference,
)
from annotator.models.errands import Errand
from annotator.models.guidelines import Guideline
from annotator.models.imports import OfferedRevision, RowRemark
from annotator.models.leases import Autosave, KeptText, Lease, Skip, Tick
from annotator.models.overlaps import Overlap, Ruling
from annotator.models.pairs import Batch, Pair, PairQuerySet, RowReject, Stratum
from annotator.models.parts import Part
from annotator.models.projects import Membership, Project, User
from annotator.models.replacements import Replacement
from annotator.models.reviews import (
    HunkDecision,
    Review,
    RubricScore,
    RubricTag,
)
from annotator.models.rewrites import Rewrite, RewriteRow
from annotator.models.tallies import PairTally, ReviewTally, StaleHour, TallyState
from annotator.models.units import Unit
from annotator.models.verdicts import BulkAcceptance, Fix, Verdict, VerdictTag

__all__ = [
    "Against",
    "AuditEvent",
    "Autosave",
    "Batch",
    "BulkAcceptance",
    "Candidate",
    "Check",
    "Comment",
    "Draft",
    "DriftAlarm",
    "DriftCheck",
    "DriftFigure",
    "DriftReference",
    "Errand",
    "Fix",
    "Gold",
    "Guideline",
    "HunkDecision",
    "KeptText",
    "Lease",
    "Membership",
    "Mention",
    "OfferedRevision",
    "Overlap",
    "Pair",
    "PairQuerySet",
    "PairTally",
    "Part",
    "Project",
    "Replacement",
    "Review",
    "ReviewTally",
    "Rewrite",
    "RewriteRow",
    "RowReject",
    "RowRemark",
    "RubricScore",
    "RubricTag",
    "Ruling",
    "SignsOpened",
    "Skip",
    "StaleHour",
    "Stratum",
    "TallyState",
    "Tick",
    "Unit",
    "User",
    "Verdict",
    "VerdictTag",
]
