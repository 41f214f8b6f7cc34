"""Texts that can be imported, with what a clean-up might take offence at in them."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from revision_engine.prompts import PUBLISHED_WORDING
from revision_engine.types import PairText
from training.examples import fingerprint

LABELS = [
    f"{before}{name}{behind}"
    for name in ("Instruction", "Input", "Response")
    for before, behind in [
        ("", ":"),
        ("\n", ": "),
        ("\n  ", " :"),
        ("\n**", ":** "),
        ("\n### ", "\n"),
        ("\nRevised ", ": "),
        ("\n", " [1]: "),
    ]
]
TOKENS = ["</s>", "<s>", "<|im_end|>", "<|im_start|>user\n", "<|endoftext|>", "<pad>"]
THOUGHTS = ["<think>", "</think>", "<thinking>\n", "[/THINK]", "◁/think▷", "<analysis>"]
FENCES = [
    "\n```\n",
    "```python\n",
    "\n~~~\n",
    "````",
    "\n---\n",
    "<answer>",
    "</answer>",
]
NOTES = ["\n\nChanges made: none.", "\n**Changes:** x", "\nSummary of changes\n"]
PLACEHOLDERS = ["<noinput>", "N/A", "None", "null", "Na", '""', "No input.", "nan"]
SIGNS = [
    "\u200b", "\u200f", "\u2066", "\u2069", "\u00ad", "\u2028", "\u0085", "\ufeff",
    "\ufffd", "\x07", "\x1f", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U000e0041",
    "\u3000", "\u00a0", "e\u0301", "\U0001f469\u200d\U0001f467", "هو", "尼罗河", "река",
]  # fmt: skip
SPACES = [" ", "  ", "\n", "\n\n", "\t", "    ", "\n    "]
WORDS = ["the", "river", "flows", "north.", "1.", "- ", "Yes!", PUBLISHED_WORDING]
_ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))
_PIECES = st.one_of(
    st.sampled_from(WORDS),
    *map(st.sampled_from, (SPACES, LABELS, TOKENS, THOUGHTS, FENCES, NOTES, SIGNS)),
    st.sampled_from(PLACEHOLDERS),
    _ANY.map(lambda text: text[:12]),
)
_REPEATED = st.builds(
    lambda block, times: "".join(block) * times,
    st.lists(_PIECES, min_size=1, max_size=4),
    st.integers(2, 12),
)
TEXTS = st.lists(_PIECES | _REPEATED, max_size=8).map("".join)
FILLED = TEXTS.filter(str.strip)
PAIRS = st.builds(
    PairText,
    instruction=FILLED,
    input=TEXTS | st.sampled_from([*PLACEHOLDERS, ""]),
    response=FILLED,
)


def some(count: int) -> list[PairText]:
    """So many of them, always the same: for tests that cost a while each."""
    found: dict[str, PairText] = {}

    @settings(
        max_examples=2 * count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(PAIRS)
    def collect(pair: PairText) -> None:
        found.setdefault(fingerprint(pair), pair)

    collect()
    return list(found.values())[:count]
