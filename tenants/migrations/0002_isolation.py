"""What the database does by itself: identifiers, audit, and the look-ups before an organization."""

from django.db import migrations

from tenants.operations import SecureTable
from tenants.roles import app_role

UUID7 = """
CREATE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
SET search_path = pg_catalog
AS $$
    -- RFC 9562 section 5.7: Unix milliseconds over random bits, then version and variant.
    SELECT encode(
        set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
            PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                              FROM 3)
            FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$
"""

AUDIT_CHANGES = """
CREATE FUNCTION audit_changes() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    hidden text[] := string_to_array(TG_ARGV[1], ',');
    in_force uuid := nullif(current_setting('app.organization', true), '')::uuid;
    actor uuid := nullif(current_setting('app.actor', true), '')::uuid;
    door text := coalesce(nullif(current_setting('app.door', true), ''), 'sql');
    request text := coalesce(current_setting('app.request', true), '');
BEGIN
    IF coalesce(current_setting('app.audit_cover', true), '') <> '' THEN
        RETURN NULL;  -- The rows carry the id of a record that is audited itself.
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tenants_auditentry
            (organization_id, actor_id, door, request_id, "table", row_id, action, before, after)
        SELECT CASE WHEN TG_ARGV[0] = '' THEN in_force
                    ELSE (to_jsonb(n) ->> TG_ARGV[0])::uuid END,
               actor, door, request, TG_TABLE_NAME, n.id, 'insert', NULL, to_jsonb(n) - hidden
        FROM new_rows n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO tenants_auditentry
            (organization_id, actor_id, door, request_id, "table", row_id, action, before, after)
        SELECT CASE WHEN TG_ARGV[0] = '' THEN in_force
                    ELSE (to_jsonb(o) ->> TG_ARGV[0])::uuid END,
               actor, door, request, TG_TABLE_NAME, o.id, 'delete', to_jsonb(o) - hidden, NULL
        FROM old_rows o;
    ELSE
        INSERT INTO tenants_auditentry
            (organization_id, actor_id, door, request_id, "table", row_id, action, before, after)
        SELECT CASE WHEN TG_ARGV[0] = '' THEN in_force
                    ELSE (to_jsonb(n) ->> TG_ARGV[0])::uuid END,
               actor, door, request, TG_TABLE_NAME, n.id, 'update', changed.before, changed.after
        FROM old_rows o JOIN new_rows n USING (id)
        CROSS JOIN LATERAL (
            SELECT jsonb_object_agg(key, to_jsonb(o) -> key) AS before,
                   jsonb_object_agg(key, value) AS after
            FROM jsonb_each(to_jsonb(n) - hidden)
            WHERE value IS DISTINCT FROM to_jsonb(o) -> key
        ) changed
        WHERE changed.after IS NOT NULL;
    END IF;
    RETURN NULL;
END
$$
"""

MEMBERSHIPS_OF_USER = """
CREATE FUNCTION memberships_of_user(wanted uuid)
RETURNS TABLE (membership_id uuid, organization_id uuid, organization_name text,
               organization_slug text, user_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT m.id, o.id, o.name, o.slug, m.user_id, m.role
    FROM tenants_membership m
    JOIN tenants_organization o ON o.id = m.organization_id
    JOIN tenants_user u ON u.id = m.user_id
    WHERE m.user_id = wanted AND m.is_active AND u.is_active
    ORDER BY o.name, o.id
$$
"""

MEMBERSHIP_OF_API_KEY = """
CREATE FUNCTION membership_of_api_key(wanted text)
RETURNS TABLE (membership_id uuid, organization_id uuid, organization_name text,
               organization_slug text, user_id uuid, role text, scope text, api_key_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT m.id, o.id, o.name, o.slug, m.user_id, m.role, k.scope, k.id
    FROM tenants_apikey k
    JOIN tenants_membership m ON m.id = k.membership_id AND m.organization_id = k.organization_id
    JOIN tenants_organization o ON o.id = k.organization_id
    JOIN tenants_user u ON u.id = m.user_id
    WHERE k.hash = wanted AND k.revoked_at IS NULL
      AND (k.expires_at IS NULL OR k.expires_at > now())
      AND m.is_active AND u.is_active
$$
"""


def for_app_only(signature: str) -> str:
    """Return the grants of a function that runs with the owner's rights."""
    return (
        f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC;"
        f'GRANT EXECUTE ON FUNCTION {signature} TO "{app_role()}"'
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.RunSQL([UUID7], "DROP FUNCTION uuid7()"),
        migrations.RunSQL([AUDIT_CHANGES], "DROP FUNCTION audit_changes() CASCADE"),
        SecureTable("auditentry", audited=False),
        SecureTable("organization", organization_column="id"),
        SecureTable("user", organization_column=None, hidden=("password", "last_login")),
        SecureTable("membership"),
        SecureTable("apikey", hidden=("hash", "last_used_at")),
        migrations.RunSQL([MEMBERSHIPS_OF_USER], "DROP FUNCTION memberships_of_user(uuid)"),
        migrations.RunSQL([MEMBERSHIP_OF_API_KEY], "DROP FUNCTION membership_of_api_key(text)"),
        migrations.RunSQL(for_app_only("memberships_of_user(uuid)"), migrations.RunSQL.noop),
        migrations.RunSQL(for_app_only("membership_of_api_key(text)"), migrations.RunSQL.noop),
    ]
