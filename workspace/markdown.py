"""Markdown that leaders write, as HTML in which nothing is but text, lists and links."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Tags stay the text that they are, and no picture is fetched from elsewhere.
_READER = MarkdownIt("commonmark", {"html": False}).disable("image")
_HEADINGS = ("heading_open", "heading_close")
_DEEPEST = 6


def rendered(text: str, *, below: int) -> SafeString:
    """Return a text as HTML; its headings follow one of the level ``below``."""
    tokens = _READER.parse(text)
    _place_headings(tokens, below)
    # The reader escapes all that is no Markdown.
    html: str = _READER.renderer.render(tokens, _READER.options, {})
    return mark_safe(html)


def _place_headings(tokens: Sequence[Token], below: int) -> None:
    """Let headings go down one level at a time, whatever the author began with."""
    headings = [token for token in tokens if token.type in _HEADINGS]
    ranks = sorted({token.tag for token in headings})
    last = below
    for opening, closing in zip(headings[::2], headings[1::2], strict=True):
        last = min(below + 1 + ranks.index(opening.tag), last + 1, _DEEPEST)
        opening.tag = closing.tag = f"h{last}"
