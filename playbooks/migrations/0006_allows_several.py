from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playbooks", "0005_version_of_decisions"),
    ]

    operations = [
        migrations.AddField(
            model_name="playbook",
            name="allows_several",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether it may run more than once for an account at the same time, such as a training for each new team; each run then begins on a day of its own.",
                verbose_name="several at a time",
            ),
        ),
    ]
