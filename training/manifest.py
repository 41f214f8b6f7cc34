"""The papers that lie beside an adapter: what it is, and what it was made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from revision_engine import prompts

FORMAT = 1
NAME = "manifest.json"
WEIGHTS = "adapter_model.safetensors"
START = "start"
"""In a run's folder: the adapter that it goes on from, with its papers."""
PRINT_CHARS = 16


class BadManifest(ValueError):
    """The papers are missing, unreadable, or not those of the weights."""


def digest_file(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def code_revision() -> str:
    """16 hex digits that change with any source file of training or the engine.

    Unlike a commit it is there without git, and sees what was not committed.
    """
    top = Path(__file__).parent
    digest = hashlib.sha256()
    for package in (top, top.parent / "revision_engine"):
        for path in sorted(package.rglob("*.py")):
            digest.update(path.relative_to(package.parent).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One adapter's papers."""

    name: str
    base_model: str
    base_revision: str
    prompt: str
    prompt_sha256: str
    """Digest of the released prompt: another one makes the coach write worse."""
    wording: str
    adapter_sha256: str
    snapshot_sha256: str
    config: dict[str, Any]
    trained_on: list[str]
    """First 16 hex digits of the fingerprint of each pair that it, or a coach that it
    goes on from, was trained on."""
    figures: list[dict[str, Any]] = field(default_factory=list)
    """Rows of training.evaluation.metrics.Figure."""
    code_revision: str
    made_at: str
    """ISO 8601, UTC."""

    @classmethod
    def of(
        cls,
        *,
        name: str,
        config: dict[str, Any],
        adapter_sha256: str,
        snapshot_sha256: str,
        fingerprints: Sequence[str],
        figures: list[dict[str, Any]],
    ) -> Self:
        """Papers for an adapter that a run with this configuration has just made."""
        return cls(
            name=name,
            base_model=config["base_model"],
            base_revision=config["base_revision"],
            prompt=config["prompt"],
            prompt_sha256=prompts.digest(config["prompt"]),
            wording=config["wording"],
            adapter_sha256=adapter_sha256,
            snapshot_sha256=snapshot_sha256,
            config=config,
            trained_on=sorted({key[:PRINT_CHARS] for key in fingerprints}),
            figures=figures,
            code_revision=code_revision(),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @property
    def examples(self) -> int:
        """How many pairs the coach was trained on."""
        return len(self.trained_on)

    def write(self, folder: Path) -> None:
        """Write `manifest.json`, whole or not at all."""
        part = folder / f"{NAME}.part"
        papers = {"format": FORMAT, **asdict(self)}
        text = json.dumps(papers, indent=1, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8")
        part.rename(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read and check: BadManifest names the field that is wrong."""
        papers = unchecked(folder)
        if (found := papers.pop("format", None)) != FORMAT:
            raise BadManifest(f"format is {found!r}; this version reads {FORMAT}.")
        if unfit := set(papers) ^ set(cls.__dataclass_fields__):
            raise BadManifest(f"Missing or unknown: {', '.join(sorted(unfit))}.")
        manifest = cls(**papers)
        weights = folder / WEIGHTS
        if not weights.exists() or digest_file(weights) != manifest.adapter_sha256:
            raise BadManifest(f"adapter_sha256 is not the digest of {WEIGHTS}.")
        _check_prompt(manifest)
        return manifest


def unchecked(folder: Path) -> dict[str, Any]:
    """The papers as they lie there, which may not be those of the weights."""
    try:
        papers = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadManifest(f"{folder.name} has no readable {NAME}: {fault}") from None
    if not isinstance(papers, dict):
        raise BadManifest(f"{NAME} of {folder.name} is no JSON object.")
    return papers


def _check_prompt(manifest: Manifest) -> None:
    if manifest.prompt not in prompts.PROMPTS:
        raise BadManifest(f"prompt {manifest.prompt!r} is not known to this version.")
    if prompts.digest(manifest.prompt) != manifest.prompt_sha256:
        raise BadManifest("prompt_sha256 is not the digest of this version's prompt.")
