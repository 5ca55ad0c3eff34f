"""Keep the weighted risk of a system in its row, and index it, so that the list of risks need not look it up."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_scim"),
        ("systems", "0002_tiers_set_by_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="system",
            name="portfolio_risk_at",
            field=models.DateTimeField(blank=True, db_comment="When that assessment was accepted", null=True),
        ),
        migrations.AddField(
            model_name="system",
            name="portfolio_risk_high",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="system",
            name="portfolio_risk_low",
            field=models.FloatField(blank=True, db_comment="The same, weighted by tier and reach of then", null=True),
        ),
        migrations.AddIndex(
            model_name="system",
            index=models.Index(fields=["portfolio_risk_high", "id"], name="system_portfolio_risk"),
        ),
    ]
