"""Take each wall away in turn and see whether the suite notices: ``python -m tests.walls``.

A wall is the policy of a table or the organization filter of a model's manager. Each is removed
in a run of its own, which must go red; all of them share two servers and a migrated database.
Takes a quarter of an hour, so it is not part of the suite.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from cs_platform.embedded import ephemeral_servers

WATCHMEN = ("tests/architecture/test_isolation_catalogue.py", "tests/integration/test_tenancy.py")
VARIABLE = "REMOVED_WALL"


def main() -> int:
    """Print how many of how many removed walls were noticed; fail unless all were."""
    with ephemeral_servers({}) as servers:
        os.environ.update({f"TEST_{name}": at for name, at in servers.environment.items()})
        return remove_each()


def remove_each() -> int:
    """Remove one wall after the other, with servers that are there."""
    if run(None).returncode:
        print("The suite is red with every wall standing: mend that first.")
        return 1
    walls = list(all_walls())
    unnoticed = []
    for number, wall in enumerate(walls, 1):
        finished = run(wall)
        noticed = finished.returncode == pytest.ExitCode.TESTS_FAILED
        print(
            f"{number:3}/{len(walls)} {wall}: {'noticed' if noticed else 'NOT NOTICED'}", flush=True
        )
        if not noticed:
            unnoticed.append(wall)
    print(f"{len(walls) - len(unnoticed)} of {len(walls)} removed walls were noticed")
    return 1 if unnoticed else 0


def all_walls() -> Iterator[str]:
    """Name every policy and every manager filter."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.test")
    django.setup()
    for model in tenant_owned_models():
        yield f"policy {model._meta.db_table}"
    for model in tenant_owned_models():
        if hasattr(model, "organization"):
            yield f"manager {model._meta.label}"


def tenant_owned_models() -> list[Any]:
    """Return the models whose rows belong to an organization."""
    from django.apps import apps

    from tenants.models import Organization

    return [
        model
        for model in apps.get_models()
        if model is Organization or "organization" in {field.name for field in model._meta.fields}
    ]


def run(wall: str | None) -> subprocess.CompletedProcess[str]:
    """Run the watchmen without ``wall``."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", "-p", "tests.walls", *WATCHMEN],
        env=os.environ | {VARIABLE: wall or ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session", autouse=True)
def wall_removed(django_db_setup: None, django_db_blocker: Any) -> None:
    """Take the wall away after the migrations built it."""
    kind, _, name = os.environ.get(VARIABLE, "").partition(" ")
    if kind == "policy":
        _open_policy(name, django_db_blocker)
    elif kind == "manager":
        _open_manager(name)


def _open_policy(table: str, blocker: Any) -> None:
    from django.db import connections

    with blocker.unblock(), connections["owner"].cursor() as cursor:
        cursor.execute(f'ALTER POLICY isolation ON "{table}" USING (true) WITH CHECK (true)')


def _open_manager(label: str) -> None:
    from django.apps import apps
    from django.db import models

    manager = apps.get_model(label)._default_manager
    manager.get_queryset = lambda: models.QuerySet(manager.model)


if __name__ == "__main__":
    sys.exit(main())
