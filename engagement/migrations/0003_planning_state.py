"""How planning stands over all organizations, for probes that belong to none."""

from django.db import migrations

from tenants.roles import app_role

PLANNING_STATE = """
CREATE FUNCTION planning_state()
RETURNS TABLE (late_seconds double precision, failed_regions bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    -- A region under a lease is late as well until it is planned.
    SELECT greatest(0, extract(epoch FROM clock_timestamp() - min(next_at)))::double precision,
           count(*) FILTER (WHERE failure <> '')
    FROM engagement_regionplanning
$$
"""


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_leases")]

    operations = [
        migrations.RunSQL([PLANNING_STATE], "DROP FUNCTION planning_state()"),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION planning_state() FROM PUBLIC;"
            f'GRANT EXECUTE ON FUNCTION planning_state() TO "{app_role()}"',
            migrations.RunSQL.noop,
        ),
    ]
