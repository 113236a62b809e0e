"""Files to import, and short ways through the service."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounts import imports
from accounts.imports import ImportOptions
from accounts.models import Account, AccountImport
from tests.conftest import Cast

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)
FIVE = "Name,Country,Owner e-mail,ARR,Renewal date"


def lines(*rows: str, header: str = FIVE) -> bytes:
    """Return a CSV file."""
    return "\r\n".join([header, *rows, ""]).encode()


def uploaded(cast: Cast, content: bytes, **options: Any) -> AccountImport:
    """Upload a file as the leader."""
    return imports.upload(
        content=content,
        name="accounts.csv",
        by=cast.leader,
        options=ImportOptions.from_json(options),
    )


def run(cast: Cast, content: bytes, **options: Any) -> AccountImport:
    """Upload, check and, if nothing speaks against it, import a file as the leader."""
    return imports.run_now(uploaded(cast, content, **options), by=cast.leader, at=NOW)


def reasons(made: AccountImport) -> list[tuple[int, str, str, str]]:
    """Return every problem of an import."""
    return list(made.problems.values_list("row", "column", "value", "reason"))


def stored(*names: str) -> list[Sequence[Any]]:
    """Return some columns of every account, by name."""
    return list(Account.objects.order_by("name").values_list(*names))
