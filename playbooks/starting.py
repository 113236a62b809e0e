"""The cadences that ship with the product, for an organization to start with."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from playbooks.models import Cadence
from regions.choices import Weekday

FILE = Path(__file__).with_name("starting_cadences.toml")


def starting_cadences() -> list[Cadence]:
    """Return the cadence for each tier and stage, not saved yet."""
    return [_cadence(row) for row in starting_rows()]


@cache
def starting_rows() -> tuple[dict[str, Any], ...]:
    """Return them as the file has them."""
    return tuple(tomllib.loads(FILE.read_text("utf-8"))["cadences"])


def _cadence(row: dict[str, Any]) -> Cadence:
    weekdays = [Weekday[name.upper()].value for name in row.get("weekdays", ())]
    return Cadence(**row | {"weekdays": weekdays})
