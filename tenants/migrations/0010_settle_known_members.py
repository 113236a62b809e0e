from django.db import migrations
from django.db.models.functions import Now


def settle_known_members(apps, schema_editor):
    """Spare those the welcome who have joined before there was one."""
    members = apps.get_model("tenants", "Membership").objects
    alias = schema_editor.connection.alias
    members.using(alias).filter(user__isnull=False).update(settled_in_at=Now())


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_member_settled_in")]

    operations = [migrations.RunPython(settle_known_members, migrations.RunPython.noop)]
