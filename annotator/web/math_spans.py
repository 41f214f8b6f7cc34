r"""Math in Markdown, left as it stands: \(..\), \[..\], $..$, $$..$$ and environments.

Written here, since the plugins there are drop what follows \] on its line, or know \[
at the start of a line only.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

MAX_CHARS = 5_000
"""A longer formula is none: where its end is missing, it is not searched for long."""
_OPENS = re.compile(r"\\\(|\\\[|\$\$?|\\begin\{([a-zA-Z]+\*?)\}")
_CLOSES = {"\\(": "\\)", "\\[": "\\]", "$": "$", "$$": "$$"}
_OPENS_DISPLAY = re.compile(r"\\\[|\$\$|\\begin\{")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


def math_spans(parser: MarkdownIt) -> None:
    """Teach a parser what math is; it then draws it letter for letter."""
    parser.inline.ruler.before("escape", "math", _inline)
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "math", _display, ends)
    parser.block.ruler.before("paragraph", "math within", _begun, ends)
    parser.add_render_rule("math", _draw)


def end_of_math(text: str, start: int) -> int:
    """Where the math ends that begins at `start`; -1 if none does."""
    opening = _OPENS.match(text, start)
    if opening is None:
        return -1
    sign, environment = opening.group(), opening[1]
    closing = f"\\end{{{environment}}}" if environment else _CLOSES[sign]
    found = _find(text, closing, opening.end())
    if found < 0 or not (body := text[opening.end() : found]).strip():
        return -1
    if sign in {"$", "$$", "\\("} and _BLANK_LINE.search(body):
        return -1
    end = found + len(closing)
    return -1 if sign == "$" and _is_money(text, body, start, end) else end


def _find(text: str, closing: str, start: int) -> int:
    r"""The closing sign; a dollar that is escaped (\$) is none."""
    end = start + MAX_CHARS
    found = text.find(closing, start, end)
    while found > 0 and closing[0] == "$" and text[found - 1] == "\\":
        found = text.find(closing, found + 1, end)
    return found


def _is_money(text: str, body: str, start: int, end: int) -> bool:
    """Whether two single dollars are prices: pandoc's rule, and none after a letter."""
    outside = text[start - 1 : start] + text[end : end + 1]
    return body[0].isspace() or body[-1].isspace() or any(map(str.isalnum, outside))


def _inline(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    end = end_of_math(state.src, state.pos)
    if not 0 < end <= state.posMax:
        return False
    if not silent:
        state.push("math", "span", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


# Lines of display math are one paragraph up to its end: a minus sign at the start of a
# line would make a list of them.


def _display(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001
    """A line that begins with display math."""
    begin = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not _OPENS_DISPLAY.match(state.src, begin):
        return False
    return _taken(state, first, last, begin, silent=silent)


def _begun(state: StateBlock, first: int, last: int, silent: bool) -> bool:  # noqa: FBT001
    """A line of a paragraph that ends within display math."""
    found = _OPENS_DISPLAY.search(state.src, state.bMarks[first], state.eMarks[first])
    if not found or 0 <= _end(state, found.start()) <= state.eMarks[first]:
        return False
    return _taken(state, first, last, found.start(), silent=silent)


def _taken(
    state: StateBlock, first: int, last: int, begin: int, *, silent: bool
) -> bool:
    end = _end(state, begin)
    line = next((n for n in range(first, last) if state.eMarks[n] >= end), last)
    if end < 0 or line == last:
        return False
    if not silent:
        state.line = line + 1
        _paragraph(state, first, line + 1)
    return True


def _end(state: StateBlock, begin: int) -> int:
    """`end_of_math`, remembered: each line is looked at by several rules."""
    known: dict[int, int] = state.env.setdefault("math", {})
    if begin not in known:
        known[begin] = end_of_math(state.src, begin)
    return known[begin]


def _paragraph(state: StateBlock, first: int, after: int) -> None:
    state.push("paragraph_open", "p", 1).map = [first, after]
    token = state.push("inline", "", 0)
    token.content = state.getLines(first, after, state.blkIndent, False).strip()  # noqa: FBT003
    token.map = [first, after]
    token.children = []
    state.push("paragraph_close", "p", -1)


def _draw(self: object, tokens: list[Token], place: int, *rest: object) -> str:
    return f'<span class="math">{escapeHtml(tokens[place].content)}</span>'
