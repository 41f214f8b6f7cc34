"""A revision keeps the pair's own writing systems."""

from __future__ import annotations

import pytest

from revision_engine.scripts import is_foreign, script_of

ENGLISH = "A river flows to the sea, and the sea is deep."
JAPANESE = "川は海に流れます。とても長い川もあります。短い川もあります。"


@pytest.mark.parametrize(
    ("revised", "raw", "language", "foreign"),
    [
        (ENGLISH, "Rivers?", "en", False),
        (JAPANESE, "Rivers?", "en", True),
        (JAPANESE, "川は海に流れます", "en", False),
        (JAPANESE, "Say it in Japanese.", "en", False),
        (JAPANESE, "1 + 1", "ja", False),
        (JAPANESE, "1 + 1", "ja-JP", False),
        (JAPANESE, "1 + 1", "pt-BR", True),
        (ENGLISH, "1 + 1", "zh-Hans", True),
        (ENGLISH, "川は海に流れます", "en", True),
        ("川", "Rivers?", "en", False),
        ("", "", "", False),
    ],
)
def test_another_script_is_told_from_the_pairs_own(revised, raw, language, foreign):
    assert is_foreign(revised, raw, language) is foreign


def test_a_stray_symbol_makes_no_script_the_pairs_own():
    greek = "Το ποτάμι κυλάει προς τη θάλασσα."

    assert is_foreign(
        greek, "The area of a circle is \u03c0 times its radius squared.", "en"
    )


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("zh-Hans", "CJK"),
        ("zh_TW", "CJK"),
        ("PT-br", "LATIN"),
        ("sr", "CYRILLIC"),
        ("sr-Latn-RS", "LATIN"),
        ("uz-Cyrl", "CYRILLIC"),
        ("ta-IN", "TAMIL"),
        ("", "LATIN"),
    ],
)
def test_a_tag_tells_its_script(tag, script):
    assert script_of(tag) == script
