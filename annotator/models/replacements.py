from __future__ import annotations

from django.db import models

from annotator.models.errands import Errand
from annotator.models.locking import LockingQuerySet
from annotator.models.pairs import Pair
from training.models import CoachVersion


class Replacement(models.Model):
    """A newer coach's draft that is being written for a ready pair: row and job.

    The pair keeps its old draft and can be claimed meanwhile.
    """

    # One row a pair: never two drafts at once.
    pair = models.OneToOneField(
        Pair, on_delete=models.CASCADE, primary_key=True, related_name="replacement"
    )
    coach = models.ForeignKey(CoachVersion, on_delete=models.PROTECT, related_name="+")
    errand = models.ForeignKey(
        Errand, on_delete=models.SET_NULL, null=True, related_name="replacements"
    )
    begun_at = models.DateTimeField(auto_now_add=True)

    objects = LockingQuerySet["Replacement"].as_manager()

    def __str__(self) -> str:
        return f"a new draft of {self.pair_id}"
