"""The coach that comes with the product, as benchmarks draft by it."""

from __future__ import annotations

from pathlib import Path

from revision_engine.types import CoachRef
from training.manifest import Manifest

SHIPPED = Path("training/shipped/coachlm-smollm2-135m")


def coach() -> CoachRef:
    papers = Manifest.read(SHIPPED)
    return CoachRef(
        name=papers.name,
        base_model=papers.base_model,
        base_revision=papers.base_revision,
        adapter=SHIPPED.name,
        adapter_sha256=papers.adapter_sha256,
        prompt=papers.prompt,
        wording=papers.wording,
    )
