"""What crosses the engine's door: frozen values that turn into JSON and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class PairText:
    """One instruction pair, as written: before or after a revision."""

    instruction: str
    input: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachRef:
    """Everything needed to run one exact coach again, on any machine."""

    name: str
    base_model: str
    """A Hugging Face id, a local folder, or the name of a packaged model."""
    base_revision: str = ""
    adapter: str = ""
    """Key of the adapter in the store; empty runs the base model alone."""
    adapter_sha256: str = ""
    prompt: str
    """Version of the prompt format (see prompts.py)."""
    wording: str
    """What the coach is told to do; trained into the adapter."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRequest:
    """One pair to revise; `key` comes back untouched with the answer."""

    key: str
    text: PairText
    hint: str = ""
    """What a person asked for beside the coach's wording, such as "shorter"."""
    language: str = "en"
    """The project's: a tag such as en, pt-BR or zh-Hans."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "text": PairText(**values["text"])})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a backend wrote for one prompt."""

    text: str
    new_tokens: int
    finished: bool = True
    """False when the length limit cut the text off."""
    refused: bool = False
    """The prompt was too long for the model; nothing was written."""
    mean_logprob: float | None = None
    """Mean natural log-probability of the tokens, the end included; None: not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftResult:
    """The coach's draft; the raw pair again, with the reason, if unusable."""

    key: str
    text: PairText
    problem: str = ""
    """Empty, or one of `postprocess.PROBLEMS`."""
    raw_output: str = ""
    new_tokens: int = 0
    seconds: float = 0.0
    """This draft's share of its batch's wall time."""
    mean_logprob: float | None = None
    """How sure the coach was: the mean log-probability of its tokens, 0 at best."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(**{**values, "text": PairText(**values["text"])})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
