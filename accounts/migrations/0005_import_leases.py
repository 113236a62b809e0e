"""What workers must know of imports before any organization is in force."""

from django.db import migrations

from tenants.roles import app_role

LEASE_WAITING_IMPORTS = """
CREATE FUNCTION lease_waiting_imports(seconds integer, most integer)
RETURNS TABLE (organization_id uuid, import_id uuid, token bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    -- A worker that is at it holds the row, so that SKIP LOCKED passes it over, however long
    -- it takes. The token fences off one whose lease ran out before it began.
    UPDATE accounts_accountimport waiting
    SET lease_token = waiting.lease_token + 1,
        leased_until = clock_timestamp() + make_interval(secs => seconds)
    FROM (
        SELECT id FROM accounts_accountimport
        WHERE status IN ('checking', 'importing')
          AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY leased_until NULLS FIRST, id
        LIMIT most
        FOR UPDATE SKIP LOCKED
    ) free
    WHERE waiting.id = free.id
    RETURNING waiting.organization_id, waiting.id, waiting.lease_token
$$
"""

ORGANIZATIONS_WITH_OLD_IMPORTS = """
CREATE FUNCTION organizations_with_old_imports(before timestamptz)
RETURNS TABLE (organization_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT DISTINCT old.organization_id FROM accounts_accountimport old
    WHERE old.created_at < before AND old.content IS NOT NULL
$$
"""

SIGNATURES = {
    "lease_waiting_imports(integer, integer)": LEASE_WAITING_IMPORTS,
    "organizations_with_old_imports(timestamptz)": ORGANIZATIONS_WITH_OLD_IMPORTS,
}


def for_app_only(signature: str) -> str:
    """Return the grants of a function that runs with the owner's rights."""
    return (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;"
        f'GRANT EXECUTE ON FUNCTION {signature} TO "{app_role()}"'
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_imports")]

    operations = [
        operation
        for signature, definition in SIGNATURES.items()
        for operation in (
            migrations.RunSQL([definition], f"DROP FUNCTION {signature}"),
            migrations.RunSQL(for_app_only(signature), migrations.RunSQL.noop),
        )
    ]
