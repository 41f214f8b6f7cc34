"""Messages to the engine, and its signs of life: an engine that works says so.

The engine has no database, so its signs come as messages of their own. An errand of
which nothing is heard any more was held by an engine that is dead.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotator.models import AuditionDraft, Errand, Pair, Replacement, RewriteRow
from annotator.models.locking import LockingQuerySet

FAILED_SECONDS = 120
"""How long a failed errand rests: so soon nothing has been mended."""
SLACK_SECONDS = 60
"""How much later than its message an errand is given up: by then no engine takes it."""


def begin(size: int, challenge_id: int | None = None) -> Errand:
    """Write down that so many texts are sent together."""
    return Errand.objects.create(size=size, challenge_id=challenge_id)


def hear(errand_id: int, *, failed: bool = False) -> None:
    """The engine works on an errand, or has given it up."""
    Errand.objects.filter(pk=errand_id).update(heard_at=timezone.now(), failed=failed)


def lifetime() -> int:
    """Seconds after which the broker drops a message that no engine has taken."""
    return settings.DRAFT_STALE_MINUTES * 60


def silent() -> LockingQuerySet[Errand]:
    """Errands that nobody works on any more."""
    now = timezone.now()
    died = now - timedelta(seconds=settings.ENGINE_SILENT_SECONDS)
    rested = now - timedelta(seconds=FAILED_SECONDS)
    lost = now - timedelta(seconds=lifetime() + SLACK_SECONDS)
    return Errand.objects.filter(
        Q(failed=False, heard_at__lt=died)
        | Q(failed=True, heard_at__lt=rested)
        | Q(heard_at=None, sent_at__lt=lost)
    )


def clear() -> None:
    """Forget the errands of which all has come, or has been taken back."""
    done = Errand.objects.filter(
        *(
            ~Exists(rows.objects.filter(errand=OuterRef("pk")))
            for rows in (Pair, Replacement, RewriteRow, AuditionDraft)
        )
    )
    # Not one that is just being sent.
    done.filter(sent_at__lt=timezone.now() - timedelta(minutes=1)).delete()
