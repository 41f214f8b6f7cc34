"""Markdown is drawn; what could do harm is only shown."""

from __future__ import annotations

import pytest

from annotator.web.markdown import render


def test_lists_code_and_tables_are_drawn():
    html = render("# Title\n\n- one\n\n```\nx < 1\n```\n\n| a |\n|---|\n| b |")

    assert "<h1>Title</h1>" in html
    assert "<li>one</li>" in html
    assert "x &lt; 1" in html
    assert "<td>b</td>" in html


@pytest.mark.parametrize(
    "harm",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](http://spy.example/pixel.png)",
        '[x](http://a" onclick="alert(1))',
    ],
)
def test_nothing_harmful_comes_through(harm):
    html = render(harm)

    for tag in ("<script", "<img", 'href="javascript', 'href="data', ' onclick="'):
        assert tag not in html


def test_a_link_gives_away_nothing():
    html = render("[there](https://example.org/?a=1&b=2)")

    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert 'rel="noopener nofollow"' in html
