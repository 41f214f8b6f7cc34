"""An adapter that came in becomes a coach, which a run evaluates before it is used."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from revision_engine.types import CoachRef
from training.adapter_files import CameIn
from training.adapter_zips import CONFIG, AdapterRefused
from training.config import LoraConfig
from training.manifest import NAME as PAPERS
from training.models import CoachVersion, Snapshot
from training.services import estimating, launching, registry, runs


@transaction.atomic
def take_in(
    *,
    scope: str,
    came: CameIn,
    ref: CoachRef,
    snapshot: Snapshot,
    gate: dict[str, Any],
    actor: Any,
    estimate: estimating.Came | None = None,
) -> CoachVersion:
    """Keep the adapter, register its coach, and queue the run that evaluates it.

    `ref` is by what it is run; `snapshot` holds what it is measured on; `estimate`
    counts until the evaluation gives another one. Raises:
        AdapterRefused: the scope has a coach of these very weights.
        runs.RunWaits: a run of the scope waits already.
    """
    registry.lock(scope)
    same = CoachVersion.objects.filter(scope=scope, adapter_sha256=came.sha256)
    if known := same.first():
        raise AdapterRefused(
            gettext("These are the weights of %(coach)s, which is here already.")
            % {"coach": known}
        )
    config = LoraConfig(
        base_model=ref.base_model,
        base_revision=ref.base_revision,
        prompt=ref.prompt,
        wording=ref.wording,
        rank=came.rank,
        lora_alpha=came.lora_alpha,
        targets=came.targets,
    )
    run = runs.enqueue(
        scope=scope,
        snapshot=snapshot,
        config=config,
        actor=actor,
        gate=gate,
        trains=False,
    )
    launching.keep(came.folder, ref.adapter)
    coach = registry.register(scope=scope, ref=ref, name=ref.name, run=run)
    if estimate:
        estimate.keep(coach)
    return coach


def key_of(came: CameIn) -> str:
    """Where it is kept: by its weights, settings and papers, since the same weights
    may come with others."""
    told = [came.sha256, (came.folder / CONFIG).read_text(encoding="utf-8")]
    papers = came.folder / PAPERS
    told.append(papers.read_text(encoding="utf-8") if papers.exists() else "")
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
