"""The coach that lies in an adapter's folder."""

from __future__ import annotations

import json
from pathlib import Path

from revision_engine.types import CoachRef
from training.manifest import NAME, WEIGHTS, digest_file


def coach_of(adapter: Path, run: Path) -> tuple[CoachRef, Path]:
    """The coach of an adapter's folder, and the store that the folder lies in.

    Without papers of its own it is run by the configuration of the run.
    """
    papers = adapter / NAME
    source = papers if papers.exists() else run / "config.json"
    values = json.loads(source.read_text())
    coach = CoachRef(
        name=values.get("name", run.name),
        base_model=values["base_model"],
        base_revision=values["base_revision"],
        adapter=adapter.name,
        adapter_sha256=digest_file(adapter / WEIGHTS),
        prompt=values["prompt"],
        wording=values["wording"],
    )
    return coach, adapter.absolute().parent


def trained_on(adapter: Path) -> set[str]:
    """The start of the fingerprint of each pair it learned from; empty: no papers."""
    papers = adapter / NAME
    return (
        set(json.loads(papers.read_text())["trained_on"]) if papers.exists() else set()
    )
