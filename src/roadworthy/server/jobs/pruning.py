"""Remove finished tasks after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult

KEPT = timedelta(days=14)


def prune_tasks(moment: datetime) -> str:
    """Remove tasks that finished more than two weeks ago."""
    gone, _ = DBTaskResult.objects.finished().filter(finished_at__lt=moment - KEPT).delete()
    return f"{gone} tasks removed"
