"""The roles that ship with the product, for an organization to start with."""

import tomllib
from functools import cache
from pathlib import Path

from talent.models import Role

FILE = Path(__file__).with_name("starting_roles.toml")


def starting_roles() -> list[Role]:
    """Return the shipped roles, not saved yet."""
    return [Role(**row) for row in _rows()]


def starting_codes() -> list[str]:
    """Return the codes of the shipped roles."""
    return [row["code"] for row in _rows()]


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(tomllib.loads(FILE.read_text("utf-8"))["roles"])
