"""Walls for the new tables, and what the database itself keeps as it was published."""

from django.db import migrations

from tenants.operations import ImmutableTable, SecureTable

KEEP_PUBLISHED_VERSION = """
CREATE FUNCTION keep_published_version() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    retiring text[] := '{status,retired_at,version}';
BEGIN
    IF OLD.status NOT IN ('published', 'retired') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'retired'
       AND to_jsonb(NEW) - retiring = to_jsonb(OLD) - retiring THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'check_violation';
END
$$
"""

KEEP_PUBLISHED_STEPS = """
CREATE FUNCTION keep_published_steps() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public
AS $$
DECLARE
    version_id uuid;
    found_status text;
BEGIN
    FOREACH version_id IN ARRAY array_remove(ARRAY[
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.playbook_version_id END,
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.playbook_version_id END
    ], NULL) LOOP
        -- Waits for whoever is just publishing it.
        SELECT v.status INTO found_status FROM playbooks_playbookversion v
        WHERE v.id = version_id FOR SHARE;
        IF found_status IN ('published', 'retired') THEN
            RAISE EXCEPTION 'a published version never changes' USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$
"""

TRIGGERS = """
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON playbooks_playbookversion
FOR EACH ROW EXECUTE FUNCTION keep_published_version();
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON playbooks_step
FOR EACH ROW EXECUTE FUNCTION keep_published_steps();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("playbooks", "0003_playbooks"),
        ("tenants", "0013_immutable_rows"),
    ]

    operations = [
        SecureTable("playbook"),
        SecureTable("playbookversion"),
        SecureTable("step"),
        SecureTable("localization"),
        SecureTable("localchange"),
        SecureTable("localizationrevision"),
        SecureTable("edition"),
        SecureTable("editionstep"),
        SecureTable("assumptiondecision"),
        SecureTable("contactbudget"),
        SecureTable("cadencerevision"),
        ImmutableTable("localizationrevision"),
        ImmutableTable("edition"),
        ImmutableTable("editionstep"),
        ImmutableTable("cadencerevision", deletable=True),
        migrations.RunSQL([KEEP_PUBLISHED_VERSION], "DROP FUNCTION keep_published_version()"),
        migrations.RunSQL([KEEP_PUBLISHED_STEPS], "DROP FUNCTION keep_published_steps()"),
        migrations.RunSQL(
            [TRIGGERS],
            "DROP TRIGGER keep_published ON playbooks_step;"
            "DROP TRIGGER keep_published ON playbooks_playbookversion",
        ),
    ]
