"""The dataset card of a folder for Hugging Face's hub: README.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
)
MEANINGS = {
    "alpaca": "`instruction`, `input` and `output`",
    "messages": "chats as `messages` with `role` and `content`",
    "sharegpt": "chats as `conversations` with `from` and `value`",
    "prompt_completion": "`prompt` and `completion`",
    "revisions": "raw pairs beside the experts' revision, and their edit distance",
    "coach": "training examples of a coach: raw pairs and their revision",
    "dpo": "`prompt` with a `chosen` and a `rejected` response",
    "kto": "`prompt` and `completion` with a `label`",
    "audit": "whole histories of pairs, nested parts as JSON",
}


def card(name: str, language: str, manifest: Mapping[str, Any]) -> str:
    """The card of a dataset; the licence is left for its owner to say."""
    return "\n".join([*_head(name, language, manifest), *_body(name, manifest), ""])


def _head(name: str, language: str, manifest: Mapping[str, Any]) -> list[str]:
    rows = manifest["rows"]
    size = next((word for most, word in SIZES if rows < most), "n>10M")
    return [
        "---",
        f"pretty_name: {json.dumps(name, ensure_ascii=False)}",
        f"language: [{json.dumps(language)}]",
        "license: unknown  # say here under which licence you pass it on",
        "task_categories: [text-generation]",
        f"size_categories: [{size}]",
        "configs:",
        "  - config_name: default",
        "    data_files:",
        "      - split: train",
        '        path: "data/train-*.parquet"',
        "---",
    ]


def _body(name: str, manifest: Mapping[str, Any]) -> list[str]:
    return [
        f"# {_line(name)}",
        "",
        _told(manifest),
        "",
        *_table("How quality control took the pairs", manifest.get("pairs_by_quality")),
        *_table("What people made of the drafts", manifest.get("pairs_by_decision")),
        *_table("Pairs by coach version", manifest.get("pairs_by_coach")),
        *_table("Left out", manifest["left_out"]),
        "## Filters",
        "",
        *(f"- {key}: `{_line(value)}`" for key, value in manifest["asked"].items()),
        "",
        "## Licence",
        "",
        "Not said yet: name it here and in the head of this file.",
    ]


def _told(manifest: Mapping[str, Any]) -> str:
    rows, pairs = manifest["rows"], manifest["pairs"]
    meaning = MEANINGS[manifest["asked"]["shape"]]
    return (
        f"{rows:,} rows from {pairs:,} pairs: {meaning}. "
        f"Written by CoachLM {manifest['version']} on {manifest['made_at'][:10]}; "
        "`manifest.json` has every count, the filters and the files' SHA-256."
    )


def _table(title: str, counts: Mapping[str, int] | None) -> list[str]:
    if not counts:
        return []
    lines = [f"| {_line(name)} | {count:,} |" for name, count in counts.items()]
    return [f"## {title}", "", "| | pairs |", "|---|---:|", *lines, ""]


def _line(value: object) -> str:
    """One line of Markdown in which a person's words cannot begin a table cell."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("`", "'")
