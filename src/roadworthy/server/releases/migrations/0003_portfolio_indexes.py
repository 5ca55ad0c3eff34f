"""Index what a portfolio counts of releases: the newest of each system, and those that shipped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_judged_under")]

    operations = [
        migrations.AddIndex(
            model_name="release",
            index=models.Index(
                condition=models.Q(("current", True)),
                fields=["system"],
                include=("id", "name", "holding", "stale", "valid_until"),
                name="release_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="release",
            index=models.Index(
                condition=models.Q(("shipped_at__isnull", False)),
                fields=["system"],
                include=("id",),
                name="release_shipped",
            ),
        ),
    ]
