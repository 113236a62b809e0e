from django.db import migrations
from django.db.models import OuterRef, Subquery


def copy_names(apps, schema_editor):
    """Give every member the name and address of her user."""
    User = apps.get_model("tenants", "User")
    Membership = apps.get_model("tenants", "Membership")
    user = User.objects.filter(pk=OuterRef("user"))
    Membership.objects.using(schema_editor.connection.alias).update(
        name=Subquery(user.values("name")), email=Subquery(user.values("email"))
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_member_name")]

    operations = [migrations.RunPython(copy_names, migrations.RunPython.noop)]
