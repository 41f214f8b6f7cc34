"""A row of a rewrite is done; with the last one the rewrite is."""

from __future__ import annotations

from django.utils import timezone

from annotator.domain.line_ends import with_newlines
from annotator.models import Rewrite, RewriteRow
from annotator.services import telling_of_work
from revision_engine.types import DraftResult

SETTLED = (
    "state",
    "errand",
    "suspicion",
    "revised_instruction",
    "revised_input",
    "revised_response",
    "source",
    "problem",
    "mean_logprob",
    "new_tokens",
    "seconds",
    "done_at",
)
"""The columns that `settle` sets."""


def settle(row: RewriteRow, result: DraftResult, source: RewriteRow.Source) -> None:
    """Set what came for a row; the caller saves it."""
    text = with_newlines(result.text)
    row.state = RewriteRow.State.DONE
    row.errand = None
    row.suspicion = 0
    row.revised_instruction = text.instruction
    row.revised_input = text.input
    row.revised_response = text.response
    row.source = source
    row.problem = result.problem
    row.mean_logprob = result.mean_logprob
    row.new_tokens = result.new_tokens
    row.seconds = result.seconds
    row.done_at = timezone.now()


def finish_if_done(rewrite: Rewrite) -> None:
    """End a rewrite of which every row is done; the caller holds its lock."""
    is_open = rewrite.rows.exclude(state=RewriteRow.State.DONE).exists()
    if not rewrite.finished_at and not is_open:
        end(rewrite, Rewrite.State.DONE)
        telling_of_work.rewrite_ended(rewrite)


def end(rewrite: Rewrite, state: Rewrite.State) -> None:
    """End a rewrite; the caller holds its lock."""
    rewrite.state = state
    rewrite.finished_at = timezone.now()
    rewrite.save(update_fields=["state", "finished_at"])
