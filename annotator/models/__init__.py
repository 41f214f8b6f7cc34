"""The rows behind the workflow, one file a concern."""

from annotator.models.audit import AuditEvent
from annotator.models.auditions import Audition, AuditionDraft, AuditionPair
from annotator.models.backbones import (
    BackboneComparison,
    BackboneDraft,
    BackboneFigure,
    BackbonePair,
    ComparedBackbone,
)
from annotator.models.blind_ratings import (
    BlindAnswer,
    BlindPair,
    BlindRater,
    BlindRating,
)
from annotator.models.candidates import Candidate
from annotator.models.checks import Check, Gold, SignsOpened
from annotator.models.coach_studies import CoachCell, CoachStudy
from annotator.models.comments import Comment, Mention
from annotator.models.dataset_reports import DatasetReport
from annotator.models.drafts import Draft
from annotator.models.drift import (
    Against,
    DriftAlarm,
    DriftCheck,
    DriftFigure,
    DriftReference,
)
from annotator.models.errands import Errand
from annotator.models.exports import Export
from annotator.models.first_admin import FirstAdminToken
from annotator.models.guidelines import Guideline
from annotator.models.hooks import Hook, HookCall
from annotator.models.imports import OfferedRevision, RememberedMapping, RowRemark
from annotator.models.invitations import Invitation, InvitedRole
from annotator.models.leases import Autosave, KeptText, Lease, Skip, Tick
from annotator.models.model_studies import ModelStudy
from annotator.models.notices import Notice
from annotator.models.overlaps import Overlap, Ruling
from annotator.models.pairs import Batch, Pair, PairQuerySet, RowReject, Stratum
from annotator.models.parts import Part
from annotator.models.prefetches import Prefetch
from annotator.models.projects import Membership, Project, ProjectEvent, User
from annotator.models.pushes import AdapterPush
from annotator.models.replacements import Replacement
from annotator.models.reviews import (
    HunkDecision,
    Review,
    RubricScore,
    RubricTag,
)
from annotator.models.rewrites import Rewrite, RewriteRow
from annotator.models.rule_scripts import (
    LogFormat,
    PairTag,
    ProjectRule,
    RuleChange,
    RuleCount,
    RuleProposal,
    RuleRun,
)
from annotator.models.shared_cache import SharedCacheRow
from annotator.models.tallies import PairTally, ReviewTally, StaleHour, TallyState
from annotator.models.units import Unit
from annotator.models.uploads import Upload
from annotator.models.verdicts import BulkAcceptance, Fix, Verdict, VerdictTag

__all__ = [
    "AdapterPush",
    "Against",
    "AuditEvent",
    "Audition",
    "AuditionDraft",
    "AuditionPair",
    "Autosave",
    "BackboneComparison",
    "BackboneDraft",
    "BackboneFigure",
    "BackbonePair",
    "Batch",
    "BlindAnswer",
    "BlindPair",
    "BlindRater",
    "BlindRating",
    "BulkAcceptance",
    "Candidate",
    "Check",
    "CoachCell",
    "CoachStudy",
    "Comment",
    "ComparedBackbone",
    "DatasetReport",
    "Draft",
    "DriftAlarm",
    "DriftCheck",
    "DriftFigure",
    "DriftReference",
    "Errand",
    "Export",
    "FirstAdminToken",
    "Fix",
    "Gold",
    "Guideline",
    "Hook",
    "HookCall",
    "HunkDecision",
    "Invitation",
    "InvitedRole",
    "KeptText",
    "Lease",
    "LogFormat",
    "Membership",
    "Mention",
    "ModelStudy",
    "Notice",
    "OfferedRevision",
    "Overlap",
    "Pair",
    "PairQuerySet",
    "PairTag",
    "PairTally",
    "Part",
    "Prefetch",
    "Project",
    "ProjectEvent",
    "ProjectRule",
    "RememberedMapping",
    "Replacement",
    "Review",
    "ReviewTally",
    "Rewrite",
    "RewriteRow",
    "RowReject",
    "RowRemark",
    "RubricScore",
    "RubricTag",
    "RuleChange",
    "RuleCount",
    "RuleProposal",
    "RuleRun",
    "Ruling",
    "SharedCacheRow",
    "SignsOpened",
    "Skip",
    "StaleHour",
    "Stratum",
    "TallyState",
    "Tick",
    "Unit",
    "Upload",
    "User",
    "Verdict",
    "VerdictTag",
]
