"""Training in people's words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from annotator.selectors.accepted import Control
from revision_engine.base_models import Place
from training.causes import Cause
from training.config import Learns
from training.preferences import PreferenceKind
from training.selection import Kind

SELECTIONS = {
    Kind.MOST_REVISED: _("the most revised share (alpha)"),
    Kind.ALL: _("all reviews"),
    Kind.NEWEST: _("all, newer ones counting more"),
    Kind.FIXES: _("all, corrected ones counting more"),
}


LEARNS = {
    Learns.REVISIONS: _("what people wrote"),
    Learns.PREFERENCES: _("what people preferred"),
}
PREFERENCES = {
    PreferenceKind.RETURN: _("returns and fixes"),
    PreferenceKind.KEPT_RAW: _("kept raw"),
    PreferenceKind.CANDIDATE: _("drafts chosen"),
    PreferenceKind.FINAL: _("final texts"),
    PreferenceKind.HUNK: _("rejected changes"),
    PreferenceKind.TAKEN: _("taken changes"),
}
"""What people did that tells which text is better."""
PREFERRED = {
    PreferenceKind.RETURN: _(
        "what quality control took, over what it sent back or mended"
    ),
    PreferenceKind.KEPT_RAW: _("the raw pair, over the draft that was not wanted"),
    PreferenceKind.CANDIDATE: _("the chosen draft, over the others, with its hint"),
    PreferenceKind.FINAL: _("the final text, over the draft that it was made from"),
    PreferenceKind.HUNK: _("the final text, over itself with the change made in it"),
    PreferenceKind.TAKEN: _("the final text, over itself without the change"),
}

CONTROLS = {
    Control.AT_ONCE: _("accepted at once"),
    Control.CORRECTED: _("accepted after it was sent back"),
    Control.FIXED: _("mended by quality control"),
    Control.UNSEEN: _("accepted unseen"),
    Control.IMPORTED: _("imported as accepted"),
}


PRECISIONS = {
    "bf16": _("bf16: 2 bytes a weight"),
    "fp32": _("fp32: 4 bytes a weight"),
    "4bit": _("4-bit: half a byte a weight, on a CUDA GPU"),
}


_PLACES = {
    Place.HUB: _("%(name)s (fetched when the run starts)"),
    Place.NOWHERE: _("%(name)s (not on this machine)"),
}


def base(name: str, place: Place) -> str:
    """A base model, and where its files are if they are not here."""
    return str(_PLACES[place]) % {"name": name} if place in _PLACES else name


PUSH_SIGNS = {
    "waiting": "queued",
    "working": "training",
    "done": "ready",
    "failed": "failed",
}
"""The mark of each state of a push."""


CAUSES = {
    Cause.MEMORY: _(
        "It ran out of memory. Smaller micro_batch_tokens or max_tokens need less; "
        "so does a smaller base model."
    ),
    Cause.DISK: _("The disk is full. Make room, then train again."),
    Cause.DIVERGED: _("Training became unstable. Try a learning rate half as large."),
    Cause.BASE_MODEL: _(
        "The base model could not be found or read. Check base_model and base_revision."
    ),
    Cause.NETWORK: _(
        "The base model could not be downloaded. Check the network, or name a local "
        "folder as base_model."
    ),
    Cause.TARGETS: _(
        "The base model has no layers of these names. Set targets to all-linear."
    ),
    Cause.TOO_LONG: _(
        "All examples are longer than max_tokens. Set it higher, or choose others."
    ),
    Cause.WORKER_GONE: _(
        "The training worker was stopped or crashed. See that one runs, then train "
        "again."
    ),
    Cause.SETTING: _("A setting cannot be used. The sentence above names it."),
    Cause.PERMISSION: _(
        "The worker may not write to its folders. Give it the right to."
    ),
    Cause.PACKAGES: _(
        "What training needs is not installed there. Run ./coachlm install, then train "
        "again."
    ),
}
"""Likely causes of a failed run, and what to do."""
