"""Read what a page tells the reader to run, and compare what comes with what it promises."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"
MISSING = object()


@dataclass(frozen=True)
class Step:
    """A block of commands, and the answer that the page shows below it, if any."""

    commands: str
    promised: str


def steps_of(page: str) -> Iterator[Step]:
    """Yield the steps of a page in their order."""
    blocks = _FENCED.findall(page)
    for number, (kind, text) in enumerate(blocks):
        if kind == "sh":
            below = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield Step(text, below[1] if below[0] in {"http", "json"} else "")


def broken_promises(promised: str, came: str) -> Iterator[str]:
    """Yield where an answer is not the one that the page shows.

    The page may leave out headers and members of objects, and write ``…`` for any text, or for
    the rest of a list.
    """
    head, body = _parts(promised)
    come_head, come_body = _parts(came)
    for line in head:
        if not any(_alike(line.lower(), other.lower()) for other in come_head):
            yield f"{line!r} is not in {come_head}"
    if body:
        yield from _differences(json.loads(body), json.loads(come_body), "")


def _parts(text: str) -> tuple[list[str], str]:
    """Return status line and headers, and the body."""
    text = text.replace("\r\n", "\n").strip()
    if not text.startswith("HTTP/"):
        return [], text
    head, _, body = text.partition("\n\n")
    status, *headers = head.splitlines()
    # Which version of HTTP is spoken is no promise of ours.
    return [status.partition(" ")[2].strip(), *headers], body.strip()


def _differences(promised: Any, came: Any, path: str) -> Iterator[str]:
    match promised:
        case dict() if isinstance(came, dict):
            for name, value in promised.items():
                yield from _differences(value, came.get(name, MISSING), f"{path}.{name}")
        case [*values, "…"] if isinstance(came, list):
            yield from _differences(values, came[: len(values)], path)
        case list() if isinstance(came, list) and len(came) == len(promised):
            for number, (value, other) in enumerate(zip(promised, came, strict=True)):
                yield from _differences(value, other, f"{path}[{number}]")
        case _ if not _alike(str(promised), str(came)) or came is MISSING:
            yield f"{path} is {came!r} and not {promised!r}"


def _alike(promised: str, came: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in promised.split(ANYTHING))
    return re.fullmatch(pattern, came, re.DOTALL) is not None
