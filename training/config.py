"""Everything a run can be told, checked where it is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from revision_engine import base_models, prompts
from revision_engine.saying import gettext
from training.json_settings import checked

MOST_FOLDS = 10
PRECISIONS = ("bf16", "fp32", "4bit")


class Learns(StrEnum):
    """What a run teaches a coach."""

    REVISIONS = "revisions"
    """To write what people wrote."""
    PREFERENCES = "preferences"
    """To rather write what people preferred: a second stage, from a coach on."""


PREFERENCE_DEFAULTS = {"epochs": 1, "batch_size": 8, "learning_rate": 1e-4}
"""Where a second stage differs from the defaults below: more of each unteaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraConfig:
    """One LoRA run, in full. Saved next to the adapter that it makes."""

    base_model: str = base_models.DEFAULT
    """A packaged model's name, a local folder, or a Hugging Face id."""
    base_revision: str = ""
    """Commit of a Hugging Face model; empty for the other two."""
    precision: str = "bf16"
    """How the base is held: `bf16`, `fp32`, or `4bit` (bitsandbytes' NF4, on CUDA)."""
    prompt: str = prompts.DEFAULT
    wording: str = prompts.PUBLISHED_WORDING
    rank: int = 16
    """Width of the adapter. More learns more and forgets more."""
    lora_alpha: int = 32
    """Scale of the adapter, divided by the rank. Not the paper's alpha."""
    targets: str = "all-linear"
    """Layers that get an adapter: `all-linear`, or names with commas between."""
    start_from: str = ""
    """SHA-256 of the adapter in the run's `start/` that learning goes on from; empty:
    a fresh one."""
    learning_rate: float = 4e-4
    warmup_share: float = 0.05
    """Share of the steps over which the learning rate rises; then cosine to 0."""
    epochs: int = 2
    batch_size: int = 16
    """Examples an optimizer step."""
    micro_batch_tokens: int = 1024
    """Tokens a forward pass, padding included: bounds the memory, not the result."""
    max_tokens: int = 1024
    """Prompt and target together; a longer example is left out, and counted."""
    gradient_clip: float = 1.0
    eval_steps: int = 0
    """Steps between measurements of the held-out loss; 0: after each epoch."""
    held_out_limit: int = 256
    """Held-out examples that are measured, which bounds the time; 0: all."""
    patience: int = 0
    """Measurements without improvement after which the run stops; 0: never."""
    min_improvement: float = 0.0
    """How much the held-out loss must fall for `patience` to start again, in nats."""
    checkpoint_steps: int = 20
    seed: int = 17
    learns: str = Learns.REVISIONS
    beta: float = 0.1
    """Of a second stage: how little the coach may move from where it started."""
    likelihood: float = 0.1
    """Of a second stage: weight of the better text's own loss, in nats a token."""
    folds: int = 0
    """Parts of the examples, each drafted by a coach that has learned the others, for
    the estimate of which drafts help; 0: none."""
    draws: int = 0
    """Of a second stage: pairs for which the coach's own drafts are ranked as well, by
    how near they are to the person's text."""

    def __post_init__(self) -> None:
        at_least_one = (
            "rank lora_alpha epochs batch_size micro_batch_tokens max_tokens "
            "checkpoint_steps"
        )
        for name in at_least_one.split():
            if getattr(self, name) < 1:
                raise ValueError(
                    gettext("%(name)s must be at least 1, got %(value)s")
                    % {"name": name, "value": getattr(self, name)}
                )
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise ValueError(
                    gettext("%(name)s must not be negative, got %(value)s")
                    % {"name": name, "value": getattr(self, name)}
                )
        if not 0 <= self.warmup_share < 1:
            raise ValueError(
                gettext("warmup_share must be in [0, 1), got %(value)s")
                % {"value": self.warmup_share}
            )
        if self.learning_rate <= 0 or self.gradient_clip <= 0:
            raise ValueError(gettext("learning_rate and gradient_clip must be above 0"))
        if self.precision not in PRECISIONS:
            raise ValueError(
                gettext("%(name)s must be one of %(known)s, got %(value)r")
                % {
                    "name": "precision",
                    "known": ", ".join(PRECISIONS),
                    "value": self.precision,
                }
            )
        self._check_stage()
        prompts.by_version(self.prompt)

    def _check_stage(self) -> None:
        if self.learns not in list(Learns):
            raise ValueError(
                gettext("%(name)s must be one of %(known)s, got %(value)r")
                % {"name": "learns", "known": ", ".join(Learns), "value": self.learns}
            )
        if self.folds and not 2 <= self.folds <= MOST_FOLDS:
            raise ValueError(
                gettext("folds must be 0, or from 2 to %(most)s, got %(value)s")
                % {"most": MOST_FOLDS, "value": self.folds}
            )
        if self.folds and self.learns == Learns.PREFERENCES:
            raise ValueError(
                gettext("folds are of a run that learns what people wrote: set 0.")
            )
        if self.beta <= 0:
            raise ValueError(
                gettext("beta must be above 0, got %(value)s") % {"value": self.beta}
            )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Read a saved configuration; ValueError names a key that is wrong."""
        return cls(**checked(cls, values, gettext("training setting")))

    @property
    def named_targets(self) -> list[str]:
        """The layers that `targets` names; meaningless of `all-linear`."""
        return [name.strip() for name in self.targets.split(",") if name.strip()]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_NOT_NEGATIVE = (
    *("eval_steps", "held_out_limit", "patience", "min_improvement"),
    *("likelihood", "draws"),
)
