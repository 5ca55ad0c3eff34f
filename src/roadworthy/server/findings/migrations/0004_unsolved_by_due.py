"""Index what the list begins with, and the closed findings of a system, which a narrowed board counts."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evidence", "0001_initial"),
        ("findings", "0003_discussion"),
        ("releases", "0003_portfolio_indexes"),
        ("systems", "0003_portfolio_risk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "in progress"])),
                fields=["due", "id"],
                name="finding_unsolved_due",
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(("state", "closed")), fields=["system", "closed_at"], name="finding_closed_of"
            ),
        ),
    ]
