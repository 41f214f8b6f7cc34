"""Everything a run can be told, checked where it is made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from revision_engine import base_models, prompts
from revision_engine.saying import gettext
from training.json_settings import checked

PRECISIONS = ("bf16", "fp32", "4bit")


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
        for name in ("eval_steps", "held_out_limit", "patience", "min_improvement"):
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
        prompts.by_version(self.prompt)

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
