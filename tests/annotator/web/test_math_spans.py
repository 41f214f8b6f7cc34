r"""Math in a preview stands as it was written, and everything else is drawn."""

from __future__ import annotations

import html

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from annotator.web.markdown import render
from annotator.web.math_spans import MAX_CHARS, end_of_math

MATH = {
    "in brackets": r"\(x_1 * y_2 * z\)",
    "in square brackets": r"\[ a*b*c \\ d_1 \]",
    "in dollars": r"$a*b*c_1_2$",
    "in two dollars": r"$$\frac{a}{b} *c* <d>$$",
    "an environment": r"\begin{cases} a*b*c & x < 1 \\ d & \text{else} \end{cases}",
    "with a star": "\\begin{align*}\na &= b*c*d \\\\\n&= e\n\\end{align*}",
    "over lines": "\\[\n- a\n+ b*c*d\n\n# = 3\n\\]",
    "dollars over lines": "$$\n1. a\n> b\n---\n$$",
    "with entities": r"\(a &amp; b < c\)",
    "with code signs": r"\(`a` + `b`\)",
}
AROUND = {
    "alone": "{}",
    "in a sentence": "So {} holds, *really*.",
    "after a line": "We get\n{}\nand *more*.",
    "in an item": "- one\n- {}",
    "in bold": "**{}**",
}


def shown(drawn: str) -> list[str]:
    """What readers see of each formula."""
    found = regex.findall(r'<span class="math">(.*?)</span>', drawn, regex.DOTALL)
    return [html.unescape(each) for each in found]


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("math", MATH.values(), ids=MATH)
def test_math_is_left_as_it_stands(math, around):
    if "\n" in math and around.startswith(("- ", "**")):
        math = math.replace("\n", " ")

    drawn = render(around.format(math))

    assert shown(drawn) == [math]
    assert drawn.count("<em>") == around.count("*") % 4 // 2


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $6.",
        "From $5-$10, or US$5 against CA$6.",
        "Pay $ 5 or 5 $ today.",
        r"A price of \$5 and \$6.",
        "One $ is no math, nor are $$ two of them.",
        "$5.\n\nThen $6.",
        r"\(never ended, and \[ neither.",
        r"\begin{a} b \end{c}",
        "$$$$",
        r"\(\)",
    ],
)
def test_money_and_unfinished_signs_are_no_math(text):
    drawn = render(f"{text} *x*")

    assert shown(drawn) == []
    assert drawn.endswith("<em>x</em></p>\n")


@pytest.mark.parametrize(
    "text", [r"`$a*b$`", "```\n$a*b*c$\n\\(x\\)\n```", "    \\[ a*b*c \\]"]
)
def test_code_stays_code(text):
    drawn = render(text)

    assert shown(drawn) == []
    assert "<code>" in drawn


def test_the_rest_of_a_line_after_math_is_drawn():
    drawn = render("\\[ x \\] and **more**\n\nthen `\\(` and $y$")

    assert shown(drawn) == [r"\[ x \]", "$y$"]
    assert "<strong>more</strong>" in drawn
    assert r"<code>\(</code>" in drawn


def test_math_in_tables_quotes_and_links_keeps_their_shape():
    drawn = render("| $a*b$ | c |\n|--|--|\n| \\(x\\) | d |\n\n> $$\n> a *b*\n> $$\n")

    assert shown(drawn) == ["$a*b$", r"\(x\)", "$$\na *b*\n$$"]
    assert "<table>" in drawn
    assert "<blockquote>" in drawn


@pytest.mark.parametrize(
    "harm", ["<script>alert(1)</script>", '"><img src=x onerror=1>']
)
def test_math_is_escaped(harm):
    drawn = render(rf"\({harm}\) and ${harm}$ and \[{harm}\]")

    assert "<script" not in drawn
    assert "<img" not in drawn


def test_an_end_that_is_too_far_away_ends_nothing():
    assert end_of_math("\\[" + "a" * MAX_CHARS + "\\]", 0) == -1


SIGNS = st.sampled_from(
    ["$", "$$", "\\(", "\\)", "\\[", "\\]", "\n", "a", " ", "*", "- "]
)


@given(st.lists(SIGNS, max_size=30).map("".join))
def test_no_letter_of_any_text_is_lost(text):
    drawn = html.unescape(regex.sub(r"<[^>]*>", "", render(text)))

    assert drawn.count("a") == text.count("a")
    assert drawn.count("$") == text.count("$")
