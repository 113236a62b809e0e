from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("playbooks", "0006_allows_several"),
    ]

    operations = [
        migrations.AddField(
            model_name="playbook",
            name="on_market_move",
            field=models.CharField(
                choices=[
                    ("go_on", "They go on, on the days of the new market"),
                    ("finish", "They finish on the days of the old market"),
                    ("restart", "They start anew, in the edition of the new market"),
                ],
                db_default="go_on",
                default="go_on",
                help_text="What becomes of runs that are under way then. One that cannot start anew goes on, and says why.",
                max_length=10,
                verbose_name="when an account moves to another market",
            ),
        ),
    ]
