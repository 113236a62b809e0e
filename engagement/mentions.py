"""Who is meant by an ``@name`` in a text. Pure: no framework, no clock."""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

Who = TypeVar("Who")

FIRST_OF_SCRIPTS_WITHOUT_SPACES = "\u2e80"
"""From here on scripts write one word after the other. Source: Unicode, CJK blocks."""

MOST_MENTIONS = 50
"""How many signs of a text are looked at: who writes more of them means nobody."""


def mentioned(text: str, people: Iterable[tuple[Who, str]]) -> set[Who]:
    """Return those whose whole name, in any case, follows an ``@`` that begins a word.

    Where the name of one begins that of another, the longer one is meant; people of the same
    name are all meant.
    """
    text = text.casefold()
    if "@" not in text:
        return set()
    by_name: dict[str, set[Who]] = {}
    for who, name in people:
        if called := " ".join(name.casefold().split()):
            by_name.setdefault(called, set()).add(who)
    names = sorted(by_name, key=len, reverse=True)
    found: set[Who] = set()
    longest = len(names[0]) if names else 0
    for start in islice(_places(text), MOST_MENTIONS):
        # Twice as long, as words may be further apart than in the name.
        rest = " ".join(text[start : start + 2 * longest + 2].split())
        meant = next((name for name in names if _begins(rest, name)), None)
        if meant and not text[start].isspace():
            found |= by_name[meant]
    return found


def _places(text: str) -> Iterable[int]:
    """Yield where a name may begin: behind an ``@`` that is no part of an address."""
    for index, char in enumerate(text[:-1]):
        if char == "@" and not (index and text[index - 1].isalnum() and _spaced(text[index - 1])):
            yield index + 1


def _begins(text: str, name: str) -> bool:
    if not text.startswith(name):
        return False
    following = text[len(name) : len(name) + 1]
    return not (following.isalnum() and _spaced(following))


def _spaced(char: str) -> bool:
    return char < FIRST_OF_SCRIPTS_WITHOUT_SPACES
