"""Index what is unsolved by system, what KPIs count of rounds, and on PostgreSQL the words of titles."""

from typing import Any

from django.db import migrations, models

from roadworthy.server.wire import trigrams


def index_words(apps: Any, schema_editor: Any) -> None:
    trigrams.add(schema_editor, "findings_finding", "title", "finding_title_words")


def leave_words(apps: Any, schema_editor: Any) -> None:
    trigrams.remove(schema_editor, "finding_title_words")


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["system", "due"],
                condition=models.Q(state__in=["open", "in progress"]),
                include=["requirement"],
                name="finding_unsolved",
            ),
        ),
        migrations.RemoveIndex(model_name="findinground", name="round_opened"),
        migrations.AddIndex(
            model_name="findinground",
            index=models.Index(
                fields=["opened_at", "id"],
                include=["system", "product_line", "tier", "source", "dimension", "severity"],
                name="round_opened",
            ),
        ),
        migrations.RemoveIndex(model_name="findinground", name="round_due"),
        migrations.AddIndex(
            model_name="findinground",
            index=models.Index(
                fields=["due", "id"],
                include=["system", "product_line", "tier", "source", "ended_at", "ending"],
                name="round_due",
            ),
        ),
        migrations.RemoveIndex(model_name="findinground", name="round_due_twice"),
        migrations.AddIndex(
            model_name="findinground",
            index=models.Index(
                fields=["due_twice", "id"],
                include=["system", "product_line", "tier", "source", "ended_at", "ending"],
                name="round_due_twice",
            ),
        ),
        migrations.RunPython(index_words, leave_words),
    ]
