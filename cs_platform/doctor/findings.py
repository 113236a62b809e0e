"""What a check has found, and how it is told."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about what is, and one about what to do if something should be done."""

    verdict: Verdict
    what: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding with the name of the check that made it."""

    check: str
    finding: Finding


def ok(what: str) -> Finding:
    """Return that all is well."""
    return Finding(Verdict.OK, what)


def warning(what: str, do: str) -> Finding:
    """Return what works but should not stay so."""
    return Finding(Verdict.WARNING, what, do)


def wrong(what: str, do: str) -> Finding:
    """Return what has to be mended."""
    return Finding(Verdict.WRONG, what, do)


def is_wrong(entries: Iterable[Entry]) -> bool:
    """Return whether anything has to be mended."""
    return any(entry.finding.verdict == Verdict.WRONG for entry in entries)


def as_text(entries: Iterable[Entry]) -> str:
    """Return a report for people."""
    lines = []
    for entry in entries:
        lines.append(f"{entry.finding.verdict:8} {entry.check:18} {entry.finding.what}")
        if entry.finding.do:
            lines.append(f"{'':27} -> {entry.finding.do}")
    return "\n".join(lines)


def as_json(entries: Iterable[Entry]) -> str:
    """Return a report for programs."""
    return json.dumps([{"check": entry.check, **asdict(entry.finding)} for entry in entries])


def and_more(names: Iterable[str], most: int = 5) -> str:
    """Return the first few names, and how many there are beyond."""
    every = sorted(names)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"
