"""A trigger function for tables whose rows never change."""

from django.db import migrations

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % never change', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0012_password_requests")]

    operations = [migrations.RunSQL([REFUSE_CHANGE], "DROP FUNCTION refuse_change()")]
