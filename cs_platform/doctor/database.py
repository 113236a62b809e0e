"""Checks of the database, asked as the role that serves."""

import datetime as dt
import ipaddress
from typing import Any, NamedTuple

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.utils import timezone

from cs_platform import measures
from cs_platform.doctor.findings import Finding, and_more, ok, warning, wrong

LEAST_VERSION = 150_000
SKEW_WARNING_SECONDS = 2
SKEW_WRONG_SECONDS = 30
CONNECTIONS_WARNING = 0.8
SETUP = "Run manage.py setup_database, which makes the roles and is safe to run again."
MIGRATE = "Run manage.py migrate."
RESTORE = "Restore again as docs/deployment.md says, roles first."

# Tables whose rows belong to an organization; found, not listed.
OWNED_TABLES = """
SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'isolation'
               AND p.polroles = ARRAY[current_user::regrole::oid]),
       NOT has_table_privilege(c.oid, 'INSERT') OR 3 = (
           SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
           WHERE t.tgrelid = c.oid AND t.tgenabled = 'O' AND p.proname = 'audit_changes')
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
  AND (c.relname = 'tenants_organization' OR EXISTS (
      SELECT FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped))
"""


class OwnedTable(NamedTuple):
    """What the catalog says of a table whose rows belong to an organization."""

    name: str
    is_secured: bool
    has_policy: bool
    is_audited: bool


def reachable() -> Finding:
    """Check that the database answers, and how large it is."""
    address = connection.settings_dict
    place = f"{address['NAME']} on {address['HOST'] or 'the local socket'}"
    if connection.vendor != "postgresql":
        return wrong("DATABASE_URL names no PostgreSQL.", "Write postgres://app:…@host/cs.")
    try:
        connection.get_new_connection(connection.get_connection_params()).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1]
        return wrong(
            f"{place} cannot be reached: {reason}",
            "Start the server or correct DATABASE_URL.",
        )
    return ok(f"{place} answers.")


def serving_role() -> Finding:
    """Check that row security binds the role that serves."""
    try:
        connection.ensure_connection()
    except ImproperlyConfigured as error:
        return wrong(str(error), SETUP)
    if "owner" not in connections:
        return ok(f"{_user('default')} serves and is bound by row security.")
    if _user("owner") == _user("default"):
        return wrong("DATABASE_URL and DATABASE_OWNER_URL name one role.", SETUP)
    return ok(f"{_user('default')} serves and is bound by row security; {_user('owner')} migrates.")


def version() -> Finding:
    """Check that the server is recent enough."""
    ((number, name, size),) = _rows(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " pg_size_pretty(pg_database_size(current_database()))"
    )
    if number < LEAST_VERSION:
        return wrong(f"This is PostgreSQL {name}.", "Upgrade to PostgreSQL 15 or newer.")
    return ok(f"PostgreSQL {name}; the database takes {size}.")


def line() -> Finding:
    """Check that nobody listens between this machine and the database."""
    ((address, encrypted),) = _rows(
        "SELECT host(inet_server_addr()), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    )
    if encrypted:
        return ok("The line to the database is encrypted.")
    if address is None or ipaddress.ip_address(address).is_private:
        return ok("The line to the database is open, and stays inside.")
    return warning(
        f"The line to the database at {address} is open.",
        "Add ?sslmode=verify-full to DATABASE_URL.",
    )


def durability() -> Finding:
    """Check that what was committed survives a crash."""
    off = [
        name
        for name, value in _rows(
            "SELECT name, setting FROM pg_settings"
            " WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')"
        )
        if value == "off"
    ]
    if off:
        return wrong(f"{and_more(off)} is off: a crash loses what was committed.", "Switch it on.")
    return ok("What is committed is on disk.")


def database_clock() -> Finding:
    """Check that this machine and the database agree on the time."""
    before = timezone.now()
    ((there,),) = _rows("SELECT clock_timestamp()")
    after = timezone.now()
    skew = abs((there - before - (after - before) / 2) / dt.timedelta(seconds=1))
    words = f"This machine's clock and the database's are {skew:.1f} s apart."
    if skew > SKEW_WRONG_SECONDS:
        return wrong(words, "Set both by NTP.")
    if skew > SKEW_WARNING_SECONDS:
        return warning(words, "Set both by NTP.")
    return ok(words)


def room_for_connections() -> Finding:
    """Check that there are connections left."""
    # What others do is hidden from us, but not that they are there.
    ((used, most),) = _rows(
        "SELECT (SELECT count(*) FROM pg_stat_activity"
        " WHERE datid IS NOT NULL AND usesysid IS NOT NULL),"
        " current_setting('max_connections')::int"
    )
    words = f"{used} of {most} connections are in use."
    if used > most * CONNECTIONS_WARNING:
        return warning(words, "Raise max_connections or put a pooler between.")
    return ok(words)


def migrations() -> Finding:
    """Check that the tables are those of this release."""
    if pending := measures.pending_migrations():
        return wrong(f"{len(pending)} migrations are pending: {and_more(pending)}.", MIGRATE)
    return ok("Every migration of this release is applied.")


def ownership() -> Finding:
    """Check that tables and functions belong to one role, which is not privileged."""
    owners = _rows(
        """
        SELECT DISTINCT r.rolname::text, r.rolsuper OR r.rolbypassrls FROM pg_roles r
        WHERE r.oid IN (SELECT relowner FROM pg_class
                        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S'))
           OR r.oid IN (SELECT proowner FROM pg_proc p
                        WHERE pronamespace = 'public'::regnamespace
                          AND NOT EXISTS (SELECT FROM pg_depend d
                                          WHERE d.objid = p.oid AND d.deptype = 'e'))
        """
    )
    names = [name for name, _ in owners]
    if len(names) != 1:
        return wrong(f"Tables and functions belong to {and_more(names)}.", RESTORE)
    if owners[0][1]:
        return wrong(f"Tables belong to {names[0]}, which row security does not bind.", RESTORE)
    return ok(f"Everything belongs to {names[0]}.")


def row_security() -> Finding:
    """Check that every table of organizations has its wall, for the very role that serves."""
    tables = _owned_tables()
    if off := [table.name for table in tables if not table.is_secured]:
        return wrong(f"Row security is not enabled and forced on {and_more(off)}.", RESTORE)
    if bare := [table.name for table in tables if not table.has_policy]:
        return wrong(f"There is no policy for {_user('default')} on {and_more(bare)}.", RESTORE)
    return ok(f"{len(tables)} tables have row security, enabled and forced.")


def grants() -> Finding:
    """Check that the serving role may do what it must, and no more."""
    ((unreadable, too_much, creates, forges),) = _rows(
        """
        SELECT array_agg(relname::text) FILTER (WHERE NOT has_table_privilege(oid, 'SELECT')),
               array_agg(relname::text)
                   FILTER (WHERE has_table_privilege(oid, 'TRUNCATE, TRIGGER')),
               has_schema_privilege('public', 'CREATE'),
               bool_or(relname = 'tenants_auditentry'
                       AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE'))
        FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
        """
    )
    role = _user("default")
    if unreadable:
        return wrong(f"{role} may not read {and_more(unreadable)}.", RESTORE)
    if too_much:
        return wrong(f"{role} may empty {and_more(too_much)} past the walls.", RESTORE)
    if creates:
        return wrong(f"{role} may create tables.", SETUP)
    if forges:
        return wrong(f"{role} may write the audit trail.", RESTORE)
    return ok(f"{role} may read and write rows, and nothing else.")


def functions() -> Finding:
    """Check the functions that run with the owner's rights."""
    loose = _rows(
        """
        SELECT p.proname::text FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
          AND p.prorettype <> 'trigger'::regtype
          AND (NOT has_function_privilege(p.oid, 'EXECUTE')
               OR NOT coalesce(p.proconfig::text LIKE '%search_path=%', false)
               OR EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                          WHERE a.grantee = 0))
        """
    )
    if loose:
        names = and_more(name for (name,) in loose)
        return wrong(f"The grants or the search path of {names} are not as migrated.", RESTORE)
    ((count,),) = _rows(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
    )
    if not count:
        return wrong("The functions of the migrations are missing.", RESTORE)
    return ok(f"{count} functions run with the owner's rights, for {_user('default')} alone.")


def audit_trail() -> Finding:
    """Check that the database writes down every change, and how much it has written."""
    if silent := [table.name for table in _owned_tables() if not table.is_audited]:
        return wrong(f"Changes of {and_more(silent)} are not audited.", RESTORE)
    ((size,),) = _rows("SELECT pg_size_pretty(pg_total_relation_size('tenants_auditentry'))")
    return ok(f"Every change is audited; the trail takes {size}.")


def _owned_tables() -> list[OwnedTable]:
    return [OwnedTable(*row) for row in _rows(OWNED_TABLES)]


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _user(alias: str) -> str:
    return str(connections[alias].settings_dict["USER"])
