"""Markdown that people or models wrote, as safe HTML: no raw HTML, no images."""

from __future__ import annotations

from functools import lru_cache

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from annotator.web.math_spans import math_spans

MAX_CHARS = 100_000
SAFE_SCHEMES = ("http://", "https://", "mailto:")


def render(text: str) -> SafeString:
    """Draw the text; what is beyond MAX_CHARS is left out."""
    return SafeString(_parser().render(text[:MAX_CHARS]))


@lru_cache(maxsize=16)
def render_kept(text: str) -> SafeString:
    """`render`, remembered: for a text that stands on page after page."""
    return render(text)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False})
    parser.enable(["table", "strikethrough"]).disable("image")
    math_spans(parser)
    parser.validateLink = _is_safe  # type: ignore[method-assign]
    parser.add_render_rule("link_open", _open_link)
    return parser


def _is_safe(url: str) -> bool:
    return url.strip().lower().startswith(SAFE_SCHEMES)


def _open_link(self: object, tokens: list[Token], place: int, *rest: object) -> str:
    href = tokens[place].attrGet("href") or ""
    escaped = str(href).replace("&", "&amp;").replace('"', "&quot;")
    return f'<a href="{escaped}" rel="noopener nofollow">'
