"""The types of events that webhooks may ask for. The apps in which they happen declare them."""

from typing import Any

TEST = "webhook.test"
"""What an endpoint is sent to try it out; nobody asks for it."""

_declared: dict[str, Any] = {}


def declare(**types: Any) -> None:
    """Let webhooks ask for types of events, each with what it is called for people.

    In a name, ``_`` stands for the dot after the first word: ``task_not_applicable``.
    """
    _declared.update({name.replace("_", ".", 1): title for name, title in types.items()})


def choices() -> list[tuple[str, Any]]:
    """Return all types with what they are called, in the order of the alphabet."""
    return sorted(_declared.items())


def is_declared(event_type: str) -> bool:
    """Return whether there are events of this type."""
    return event_type in _declared
