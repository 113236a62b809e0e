"""The database itself keeps a published text as it is."""

from django.db import migrations

from tenants.operations import ImmutableTable


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial"), ("tenants", "0013_immutable_rows")]

    operations = [ImmutableTable("philosophy")]
