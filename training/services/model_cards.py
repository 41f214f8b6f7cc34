"""A coach's model card: what an adapter says of itself to whoever gets it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings

from revision_engine import base_models, prompts
from revision_engine.types import PairText
from training.evaluation.figures import AGAINST_RAW, COACH, CURRENT, DIFFERENCE, RAW
from training.models import (
    CoachVersion,
    Evaluation,
    EvaluationFigure,
    Snapshot,
    SnapshotItem,
)
from training.selectors import latest_evaluation, line_of

NAME = "README.md"
_SIDES = ((RAW, "raw pair"), (COACH, "this coach"), (CURRENT, "coach before"))
_EXAMPLE = PairText(
    instruction="Name a tulip.", input="", response="Queen of the Night, it is dark."
)
_INTRODUCED = """\
A LoRA adapter for `{base}`, made by CoachLM: a coach that revises instruction pairs
(arXiv 2311.13246)."""
_INTENDED = """\
It revises pairs of instruction, input and response as the people did whose revisions it
learned from. Its drafts are meant for people who revise such pairs, and are to be read
by them before they are used, or checked by a sample where nobody reads them."""
_LIMITS = """\
- It may make statements up, and change what was right. It checks no fact.
- It is no chat model: it answers with a revised pair, whatever the pair asks for.
- It learned from one team's revisions and writes as they do; other tasks, fields and
  languages were not measured.
- What the base model has of biases and unsafe content was not removed.
- The figures are of this evaluation's pairs alone; intervals are over those pairs."""


def card(coach: CoachVersion) -> str:
    """The card in Markdown, with the hub's metadata before it."""
    evaluation = latest_evaluation(coach)
    parts = [
        _metadata(coach),
        f"# {_plain(coach.name)}",
        _INTRODUCED.format(base=base_models.published(coach.base_model)),
        f"## Intended use\n\n{_INTENDED}",
        f"## Limits\n\n{_LIMITS}",
        f"## How to run it\n\n{_use(coach)}",
        f"## Data\n\n{_data(coach)}",
        f"## Evaluation\n\n{_evaluated(evaluation)}",
        f"## Licence\n\n{_licence(coach)}",
        f"## Papers\n\n{_papers(coach)}",
    ]
    return "\n\n".join(parts) + "\n"


def _metadata(coach: CoachVersion) -> str:
    told = {
        "base_model": base_models.published(coach.base_model),
        "library_name": "peft",
        "pipeline_tag": "text-generation",
        "tags": ["lora", "coachlm"],
        "license": settings.ADAPTER_LICENCE.lower() or "other",
    }
    # JSON is YAML, whatever the names hold.
    lines = (f"{key}: {json.dumps(value)}" for key, value in told.items())
    return "\n".join(["---", *lines, "---"])


def _use(coach: CoachVersion) -> str:
    base = base_models.published(coach.base_model)
    revision = f", revision={coach.base_revision!r}" if coach.base_revision else ""
    turn = prompts.by_version(coach.prompt).render(_EXAMPLE, coach.wording)
    code = f"""\
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained({base!r}{revision})
tokenizer = AutoTokenizer.from_pretrained({base!r}{revision})
model = PeftModel.from_pretrained(base, "THIS_FOLDER")"""
    told = [
        _fenced(code, "python"),
        f"The user's turn of the chat template is the prompt `{coach.prompt}`:",
        _fenced(turn),
        "It answers in the same form.",
    ]
    if coach.base_model in base_models.PACKAGED:
        told.append(
            "It was trained on weights that were unpacked from "
            f"`{base_models.PACKAGED[coach.base_model].file}`: on the published ones "
            "its drafts may differ a little."
        )
    return "\n\n".join(told)


def _data(coach: CoachVersion) -> str:
    rows = [
        _snapshot(each, each.run.snapshot)
        for each in line_of(coach)
        if each.run and each.run.trains
    ]
    if not rows:
        return "It came to this installation with its papers (`manifest.json`) alone."
    told = (
        "Revisions that people made and quality control accepted. It goes on from "
        "the coaches below its own line, and has learned what they had."
    )
    heads = ("coach", "pairs trained on", "pairs held out", "selection", "snapshot")
    return f"{told}\n\n{_table(heads, rows)}"


def _snapshot(coach: CoachVersion, snapshot: Snapshot) -> Sequence[str]:
    roles = list(snapshot.items.values_list("role", flat=True))
    return (
        _plain(coach.name),
        str(roles.count(SnapshotItem.Role.TRAIN)),
        str(roles.count(SnapshotItem.Role.HELD_OUT)),
        _plain(", ".join(f"{k} {v}" for k, v in snapshot.selection.items()) or "–"),
        f"sha256 `{snapshot.sha256}`",
    )


def _evaluated(evaluation: Evaluation | None) -> str:
    if evaluation is None:
        return "It was not evaluated here."
    beside = f" beside {_plain(evaluation.current.name)}" if evaluation.current else ""
    told = (
        f"On {evaluation.examples} held-out pairs that it had never seen{beside} "
        f"({evaluation.created_at:%Y-%m-%d}); in brackets 95 % bootstrap intervals "
        f"over pairs. The gate's decision: {evaluation.outcome or 'not asked'}. "
        f"Held-out pairs: sha256 `{evaluation.held_out_sha256}`."
    )
    figures = list(evaluation.figures.filter(category="").order_by("pk"))
    names = list(dict.fromkeys(figure.name for figure in figures))
    by_place = {(figure.name, figure.side): figure for figure in figures}
    sides = [side for side in _SIDES if any(f.side == side[0] for f in figures)]
    rows = [
        (
            name,
            *(_value(by_place.get((name, side))) for side, _ in sides),
            _value(
                by_place.get((name, DIFFERENCE)) or by_place.get((name, AGAINST_RAW))
            ),
            _plain(next(f.unit for f in figures if f.name == name)),
        )
        for name in names
    ]
    heads = ("figure", *(label for _, label in sides), "compared", "unit")
    return f"{told}\n\n{_table(heads, rows)}"


def _value(figure: EvaluationFigure | None) -> str:
    if figure is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _licence(coach: CoachVersion) -> str:
    own = settings.ADAPTER_LICENCE
    packaged = base_models.PACKAGED.get(coach.base_model)
    of_base = f" ({packaged.licence})" if packaged else ""
    told = (
        f"{_plain(own)}."
        if own
        else "Not stated: ask whoever handed it on, who answers for its data."
    )
    return f"{told} The base model's own licence{of_base} goes on to hold."


def _papers(coach: CoachVersion) -> str:
    told: dict[str, Any] = {
        "adapter": f"sha256 {coach.adapter_sha256}",
        "prompt": f"{coach.prompt}, sha256 {prompts.digest(coach.prompt)}",
        "registered": f"{coach.created_at:%Y-%m-%d}",
    }
    listed = "\n".join(f"- {name}: {value}" for name, value in told.items())
    settings_ = json.dumps(coach.run.config, indent=1) if coach.run else ""
    return f"{listed}\n\n{_fenced(settings_, 'json')}" if settings_ else listed


def _plain(text: str) -> str:
    """One line that a table or a sentence can hold: names are typed by people."""
    line = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "\\|`*_[]<>#" else sign for sign in line)


def _fenced(text: str, kind: str = "text") -> str:
    longest = max((len(run) for run in text.split() if set(run) == {"`"}), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
