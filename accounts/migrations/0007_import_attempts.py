from django.db import migrations, models

from tenants.operations import SecureTable


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_help_texts")]

    operations = [
        migrations.AddField(
            model_name="accountimport",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        SecureTable("accountimport", hidden=("content", "lease_token", "leased_until", "attempts")),
    ]
