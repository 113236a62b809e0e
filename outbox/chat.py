"""Messages to people in a chat, as its incoming webhook takes them. Pure.

Source: Slack, "Sending messages using incoming webhooks" and "Formatting text for app surfaces";
Microsoft Teams, "Create incoming webhooks with Workflows"; Adaptive Cards, version 1.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from outbox.choices import EndpointKind

MOST_LINES = 20
TELLING_END = 4
"""How much of a secret address is shown, to know it by."""


@dataclass(frozen=True, slots=True)
class Message:
    """A heading, lines, and where to go from there."""

    title: str
    lines: Sequence[str]
    link: str
    url: str


def payload(kind: str, message: Message) -> Mapping[str, Any]:
    """Return what is posted to a chat: none of the words is read as markup or as a mention."""
    return _slack(message) if kind == EndpointKind.SLACK else _teams(message)


def masked(url: str) -> str:
    """Return a secret address as it may be shown: whose it is, and how it ends."""
    parts = urlsplit(url)
    end = url[-TELLING_END:] if len(parts.path + parts.query) > 2 * TELLING_END else ""
    return f"{parts.scheme}://{parts.netloc}/…{end}"


def _slack(message: Message) -> Mapping[str, Any]:
    lines = [f"*{_escaped(message.title)}*", *(f"• {_escaped(line)}" for line in message.lines)]
    link = f"<{_escaped(message.url)}|{_escaped(message.link)}>"
    return {"text": "\n".join([*lines, link])}


def _escaped(text: str) -> str:
    """Return text in which nothing is a link, a mention or a character reference."""
    one_line = " ".join(text.split())
    return one_line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(message: Message) -> Mapping[str, Any]:
    body = [
        _run(message.title, weight="Bolder", size="Medium"),
        *(_run(f"• {line}") for line in message.lines),
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": message.link, "url": message.url}],
    }
    content_type = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": content_type, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **looks: str) -> Mapping[str, Any]:
    """Return a paragraph of plain text: a TextBlock would read it as Markdown."""
    words = {"type": "TextRun", "text": " ".join(text.split()), **looks}
    return {"type": "RichTextBlock", "inlines": [words]}
