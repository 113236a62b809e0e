from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_isolation")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="version"),
        ),
        migrations.AddField(
            model_name="membership",
            name="email",
            field=models.EmailField(default="", max_length=254, verbose_name="e-mail"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="membership",
            name="name",
            field=models.CharField(
                default="",
                help_text="As the person writes it.",
                max_length=200,
                verbose_name="name",
            ),
            preserve_default=False,
        ),
    ]
