from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_invitations")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="settled_in_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When she first acted on a task, or put the welcome away.",
                null=True,
                verbose_name="settled in",
            ),
        ),
    ]
