"""The signs between words are those of the reader's language."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils import translation

PAGE = (
    "{% load punctuation %}a{% comma %}b{% colon %}c{% semicolon %}d{% stop %}"
    "{{ words|listed }} {{ words|parted }}"
)


@pytest.mark.parametrize(
    ("language", "printed"),
    [("en", "a, b: c; d.x, 2 x; 2"), ("zh-hans", "a，b：c；d。x、2 x；2")],
)
def test_a_page_parts_words_as_its_language_does(language, printed):
    page = engines["django"].from_string(PAGE)

    with translation.override(language):
        assert page.render({"words": ["x", 2]}) == printed


def test_what_is_listed_is_escaped_as_all_else():
    page = engines["django"].from_string("{% load punctuation %}{{ words|listed }}")

    assert page.render({"words": ["<b>", "c"]}) == "&lt;b&gt;, c"
