"""The two database roles: ``app`` serves and owns nothing, ``owner`` migrates."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from toolkit.database_roles import grant_statements

_checked: set[tuple[str, str]] = set()


def refuse_unsafe_role(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Refuse to serve through a role that row security does not bind.

    :raises ImproperlyConfigured: for a superuser, a BYPASSRLS role or a table owner.
    """
    name = (connection.settings_dict["NAME"], connection.settings_dict["USER"])
    if connection.alias != "default" or name in _checked:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT rolsuper, rolbypassrls,
                   EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r')
            FROM pg_roles WHERE rolname = current_user
            """
        )
        superuser, bypasses, owns_tables = cursor.fetchone()
    for unsafe, reason in (
        (superuser, "is a superuser"),
        (bypasses, "has BYPASSRLS"),
        (owns_tables, "owns tables"),
    ):
        if unsafe:
            raise ImproperlyConfigured(
                f"The database role {name[1]!r} of DATABASE_URL {reason}, so row security would "
                "not bind it. Make the two roles with `manage.py setup_database`."
            )
    _checked.add(name)


def grant_future_tables(using: str, **_: Any) -> None:
    """Let ``app`` read and write what ``owner`` is about to create in this database."""
    if using != "owner":
        return
    owner = connections["owner"]
    with owner.cursor() as cursor:
        for statement in grant_statements(
            owner.settings_dict["USER"], app_role(), owner.settings_dict["NAME"]
        ):
            cursor.execute(statement)


def app_role() -> str:
    """Return the name of the role that serves."""
    return str(settings.DATABASES["default"]["USER"])
