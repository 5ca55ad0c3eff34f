"""Keep groups of KPIs, counts and places, so that pages of large portfolios count nothing; show risks of before."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def show_risks(apps: Any, schema_editor: Any) -> None:
    """Write the newest weighted risk of each system into its row."""
    facts = apps.get_model("portfolio", "RiskFact").objects.filter(system=OuterRef("pk"))
    last = facts.order_by("-accepted_at", "-pk")
    apps.get_model("systems", "System").objects.update(
        portfolio_risk_low=Subquery(last.values("low")[:1]),
        portfolio_risk_high=Subquery(last.values("high")[:1]),
        portfolio_risk_at=Subquery(last.values("accepted_at")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_scim"),
        ("portfolio", "0001_initial"),
        ("systems", "0003_portfolio_risk"),
    ]

    operations = [
        migrations.CreateModel(
            name="PortfolioCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lines",
                    models.JSONField(
                        db_comment="What was counted of the systems of each product line, and of those of none"
                    ),
                ),
                ("systems", models.PositiveIntegerField(db_comment="In all")),
                ("computed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="kpipoint",
            name="grouped",
            field=models.BooleanField(db_comment="Of all: the groups of this month are kept, too", default=False),
        ),
        migrations.CreateModel(
            name="SystemPlace",
            fields=[
                (
                    "system",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="systems.system",
                    ),
                ),
                (
                    "product_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.productline",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KpiGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kpi", models.CharField(max_length=64)),
                ("period", models.DateField(db_comment="First day of the month")),
                ("tier", models.CharField(blank=True, default="", max_length=12)),
                ("numerator", models.FloatField(default=0)),
                ("denominator", models.FloatField(default=0)),
                ("n", models.PositiveIntegerField(db_comment="Rows of the population", default=0)),
                ("unknown", models.PositiveIntegerField(db_comment="Of those, how many say nothing", default=0)),
                ("stale", models.PositiveIntegerField(db_comment="Of those, how many are too old to count", default=0)),
                ("spans", models.JSONField(db_comment="Business days -> rows, for a median", default=dict)),
                (
                    "place",
                    models.ForeignKey(
                        db_comment="That of the system when this was computed: it says who may see it",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.productline",
                    ),
                ),
                (
                    "product_line",
                    models.ForeignKey(
                        db_comment="That of the system then",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.productline",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kpi", "period", "place"], name="kpi_group_place")],
            },
        ),
        migrations.RunPython(show_risks, migrations.RunPython.noop),
    ]
