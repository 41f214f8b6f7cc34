"""Snapshots, runs, coaches, evaluations, promotions.

`scope` is the name under which an upper package keeps its own runs and coaches (the
annotator gives each project one); this package knows nothing else about it.
"""

from training.models.coaches import CoachVersion
from training.models.evaluations import Evaluation, EvaluationFigure, EvaluationSample
from training.models.help_estimates import CrossFittedDraft, HelpEstimate
from training.models.registry import ActiveCoach, Challenge, Promotion
from training.models.runs import RunPoint, TrainingRun
from training.models.snapshots import Snapshot, SnapshotItem, SnapshotPreference

__all__ = [
    "ActiveCoach",
    "Challenge",
    "CoachVersion",
    "CrossFittedDraft",
    "Evaluation",
    "EvaluationFigure",
    "EvaluationSample",
    "HelpEstimate",
    "Promotion",
    "RunPoint",
    "Snapshot",
    "SnapshotItem",
    "SnapshotPreference",
    "TrainingRun",
]
