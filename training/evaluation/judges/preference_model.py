"""Which of two pairs would experts prefer? Fitted on what they revised.

After Bradley and Terry (1952): P(a is better than b) = 1 / (1 + exp(score(b) -
score(a))), and the score is a weighted sum of a text's features (form.py). The experts'
text of each pair counts as better than the raw one.

How it is fitted and tested is in fitting.py.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from revision_engine.saying import gettext
from training.evaluation.judges import form
from training.evaluation.logistic import Numbers

FORMAT = 1


class UnfitModel(ValueError):
    """A model cannot be made, or a file of one not be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How often a judge prefers the experts' text to the raw one, or a damaged one."""

    judge: str
    """"this", "without layout" (fitted without form.LAYOUT), or "longer is better"."""
    pairs: str
    """Which revisions: one of fitting.SLICES; or the damage, one of DAMAGES."""
    value: float
    """0 to 1; a tie counts half."""
    low: float
    high: float
    """95 %, bootstrap over pairs."""
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What a model was made from, and how good it was found to be.

    Each pair is judged by weights that were fitted without it: a held-out one by the
    model's own, any other by those of nine tenths of the others.
    """

    revisions_sha256: str
    """Of the fingerprints of all raw and revised texts, sorted."""
    fitted_on: int
    held_out: int
    unchanged: int
    """Revisions that changed nothing, and were left out."""
    held_out_share: float
    seed: int
    """Of the bootstrap; the fit itself has no chance in it."""
    ridge: float
    seen: tuple[str, ...]
    """First 16 hex digits of the fingerprint of each raw pair that it was fitted on."""
    accuracies: tuple[Accuracy, ...]
    gain: float
    """Accuracy over that of length, by the better of "longer" and "shorter is better",
    on revisions of like length."""
    gain_low: float
    gain_high: float
    """95 %, bootstrap over pairs."""
    apart: float
    """AUC of the scores of held-out pairs, any expert's text against any raw one: what
    a rating can tell that is not beside its counterpart. 0.5 is chance."""

    @property
    def beats_length(self) -> bool:
        """Whether it surely agrees with the experts more often than length does."""
        return self.gain_low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceModel:
    """The weights of the features, and the scale of ratings."""

    weights: tuple[float, ...]
    middle: tuple[float, ...]
    """The mean of each feature over the texts of the fit."""
    quantiles: tuple[float, ...]
    """Scores of the texts of the fit, raw and revised alike, from least to most."""
    papers: Papers

    def scores(self, columns: Numbers) -> Numbers:
        """One for each row of `columns` (texts, features)."""
        found: Numbers = columns @ np.array(self.weights)
        return found

    def ratings(self, columns: Numbers) -> Numbers:
        """0 to 5: five times the share of the texts of the fit that score lower."""
        places = np.linspace(0.0, 5.0, len(self.quantiles))
        return np.interp(self.scores(columns), self.quantiles, places)

    @property
    def digest(self) -> str:
        """SHA-256 of all that an answer depends on."""
        told = json.dumps([form.VERSION, self.weights, self.quantiles])
        return hashlib.sha256(told.encode()).hexdigest()

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        part = path.with_name(f"{path.name}.part")
        told = {"format": FORMAT, "features": form.VERSION, **asdict(self)}
        part.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
        part.rename(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """UnfitModel if it is another format's, or no model."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            version = told.pop("format"), told.pop("features")
            if version != (FORMAT, form.VERSION):
                raise UnfitModel(
                    gettext(
                        "%(file)s is of format and features %(found)s; this version "
                        "reads %(read)s: fit it anew."
                    )
                    % {
                        "file": path.name,
                        "found": str(version),
                        "read": str((FORMAT, form.VERSION)),
                    }
                )
            return cls(**_lists_to_tuples(told) | {"papers": _papers(told["papers"])})
        except (OSError, KeyError, TypeError, AttributeError) as fault:
            raise UnfitModel(
                gettext("%(file)s cannot be read: %(fault)r")
                % {"file": path.name, "fault": fault}
            ) from None
        except json.JSONDecodeError as fault:
            raise UnfitModel(
                gettext("%(file)s is no JSON: %(fault)s")
                % {"file": path.name, "fault": fault}
            ) from None


def _papers(told: dict[str, Any]) -> Papers:
    rows = tuple(Accuracy(**row) for row in told["accuracies"])
    return Papers(**told | {"accuracies": rows, "seen": tuple(told["seen"])})


def _lists_to_tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in told.items()}
