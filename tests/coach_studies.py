"""Studies of coaches that are trained at once, for tests: a recipe of three steps, and
a fake engine."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from annotator.domain.coach_studies import CoachStudyOrder
from annotator.models import CoachStudy, Project, User
from annotator.services import coach_studying
from revision_engine.types import PairText
from tests import factories
from training.evaluation.coach_studies import grid, kinds, reporting
from training.examples import RevisionExample, edit_distance
from training.services import following

FAKE = "revision_engine.backends.fake.FakeBackend"
RECIPE = "tests.quick_recipe"


def use(monkeypatch: Any, settings: Any) -> None:
    """No process of a study trains anything."""
    settings.TRAINING_RECIPE = RECIPE
    settings.REVISION_BACKEND = FAKE
    monkeypatch.setattr(following, "POLL_SECONDS", 0.05)


def examples(count: int, start: int = 0, **more: Any) -> list[RevisionExample]:
    made = []
    for number in range(start, start + count):
        raw = PairText(instruction=f"Say {number}.", input="", response="No.")
        said = " and ".join(["yes"] * (1 + number % 5))
        revised = PairText(
            instruction=raw.instruction, input="", response=f"{number}: {said}."
        )
        made.append(
            RevisionExample(
                source_id=str(number),
                raw=raw,
                revised=revised,
                distance=edit_distance(raw, revised),
                **more,
            )
        )
    return made


def filled(count: int = 130) -> Project:
    """With accepted pairs, a tenth of them held out."""
    project = factories.make_project()
    factories.import_rows(project, factories.rows(count, revised=True))
    return project


def ask(project: Project, actor: User, kind: str = "size", **given: Any) -> CoachStudy:
    usual: dict[str, Any] = {"kind": kind, "seeds": [1], "measured": 6}
    if kind == "size":
        usual["values"] = ["10", "40"]
    order = CoachStudyOrder.from_dict(usual | given)
    return coach_studying.request(project=project, actor=actor, order=order)


def carried_out(study: CoachStudy) -> CoachStudy:
    coach_studying.carry_out(study.pk)
    study.refresh_from_db()
    return study


def done(study: CoachStudy) -> dict[str, Any]:
    carried_out(study)
    assert study.state == CoachStudy.State.DONE, study.problem
    return study.document


POINTS: dict[str, dict[str, Any]] = {
    "alpha": {"values": ("0.1", "0.3", "1")},
    "size": {"values": ("20", "40", "80")},
    "backbone": {"values": ("small", "large")},
    "category": {},
    "generations": {"values": ("2",)},
}


def shown(
    project: Project, actor: User, kind: str = "size", *, missing: int = 0
) -> CoachStudy:
    """One that is done, of made-up figures; the last `missing` cells are not there."""
    order = CoachStudyOrder.from_dict({"kind": kind, "seeds": [1, 2]})
    with tempfile.TemporaryDirectory() as name:
        half = {"category": "maths"}, {"category": "poems"}
        laid = grid.lay_down(
            Path(name),
            kinds.cells(
                kind,
                kinds.Wanted(
                    train=kinds.drawn(
                        examples(50, **half[0]) + examples(50, 100, **half[1])
                    ),
                    held_out=kinds.drawn(
                        examples(6, 300, **half[0]) + examples(6, 400, **half[1])
                    ),
                    values=POINTS[kind].get("values", ()),
                    seeds=order.seeds,
                    base_model="tiny",
                ),
            ),
            kind=kind,
            recipe=RECIPE,
            backend=FAKE,
            judge="embedded-1",
        )
    made = laid.cells[: len(laid.cells) - missing]
    results = {cell.name: _made_up(place, cell) for place, cell in enumerate(made)}
    papers = {
        "order": order.as_dict(),
        "train": 100,
        "held_out": 12,
        "leaked": 0,
        "judge": {"name": "embedded", "version": "embedded-1"},
        "recipe": RECIPE,
        "backend": FAKE,
    }
    return CoachStudy.objects.create(
        project=project,
        asked_by=actor,
        asked=order.as_dict(),
        state=CoachStudy.State.DONE,
        done=len(made),
        total=len(laid.cells),
        seconds=754,
        document={**reporting.report(laid, results), "manifest": papers},
    )


def _made_up(place: int, cell: grid.Cell) -> dict[str, Any]:
    share = 0.08 + 0.05 * (place % 3) + 0.01 * cell.seed
    pace = {
        "drafts": 12,
        "tokens": 900 + 100 * place,
        "seconds": 6.0,
        "memory": 400_000_000 * (1 + place),
        "device": "cpu",
    }
    return result(
        [share + 0.03 * (n % 4) for n in range(12)],
        slices=["maths", "poems"] * 6,
        pace=pace if cell.is_timed else None,
        learned=cell.pairs,
    )


def rows(
    saved: list[float], *, loss: float = 1.0, slices: Sequence[str] = ""
) -> list[dict]:
    """Held-out pairs of a cell, each with the share of its edits that is saved."""
    return [
        {
            "key": f"k{place}",
            "slice": slices[place] if slices else "",
            "raw": 100,
            "draft": 100 - round(100 * share),
            "loss": loss * 10,
            "tokens": 10,
            "usable": True,
            "chars": 90,
            "expert": 100,
            "repetition": 0.0,
        }
        for place, share in enumerate(saved)
    ]


def result(saved: list[float], **more: Any) -> dict[str, Any]:
    """Of a cell, as training.evaluation.coach_studies.work writes it."""
    pace = more.pop("pace", None)
    return {
        "learned": more.pop("learned", 20),
        "rows": rows(saved, **more),
        "pace": pace,
        "seconds": 61.5,
        "adapter_sha256": "a" * 64,
        "code_revision": "c" * 16,
    }
