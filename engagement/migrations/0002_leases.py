"""Leasing due regions before any organization is known."""

from django.db import migrations

from tenants.roles import app_role

LEASE_DUE_REGIONS = """
CREATE FUNCTION lease_due_regions(seconds integer, most integer)
RETURNS TABLE (organization_id uuid, region_id uuid, token bigint, late_seconds double precision)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    -- The token fences off a worker whose lease ran out while it was asleep.
    UPDATE engagement_regionplanning planning
    SET lease_token = planning.lease_token + 1,
        leased_until = clock_timestamp() + make_interval(secs => seconds)
    FROM (
        SELECT id FROM engagement_regionplanning
        WHERE next_at <= clock_timestamp()
          AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY next_at
        LIMIT most
        FOR UPDATE SKIP LOCKED
    ) due
    WHERE planning.id = due.id
    RETURNING planning.organization_id, planning.region_id, planning.lease_token,
              extract(epoch FROM clock_timestamp() - planning.next_at)::double precision
$$
"""


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial")]

    operations = [
        migrations.RunSQL([LEASE_DUE_REGIONS], "DROP FUNCTION lease_due_regions(integer, integer)"),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION lease_due_regions(integer, integer) FROM PUBLIC;"
            f'GRANT EXECUTE ON FUNCTION lease_due_regions(integer, integer) TO "{app_role()}"',
            migrations.RunSQL.noop,
        ),
        # Every planning pass rewrites enrolments: room on the page keeps the updates cheap (HOT).
        migrations.RunSQL(
            "ALTER TABLE engagement_enrolment SET (fillfactor = 80)",
            "ALTER TABLE engagement_enrolment RESET (fillfactor)",
        ),
    ]
