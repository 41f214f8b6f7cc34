"""Revisions that came with an import for pairs that are here already."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet

from annotator.models import Batch, OfferedRevision, Pair


def waiting(batch: Batch) -> QuerySet[OfferedRevision]:
    """Those that nobody has decided about, in the order of the file.

    Each with `is_untouched`: taken now, it would become its pair's accepted review.
    """
    untouched = Pair.objects.untouched().filter(pk=OuterRef("pair"))
    found = batch.offers.waiting().annotate(is_untouched=Exists(untouched))
    return found.select_related("pair").order_by("row", "pk")


def decided(batch: Batch) -> dict[str, int]:
    """How many came to which outcome."""
    found = batch.offers.exclude(outcome="").values_list("outcome")
    return dict(found.annotate(Count("pk")).order_by("outcome"))
