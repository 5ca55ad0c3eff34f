"""Remove what serves for a while only: finished tasks, idempotency keys, counts of failed sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult

from roadworthy.server.accounts.models import Kept
from roadworthy.server.wire.models import IdempotencyKey

KEPT = timedelta(days=14)


def prune_keys(moment: datetime) -> str:
    """Remove idempotency keys after a week; nobody sends a request again so late."""
    gone, _ = IdempotencyKey.objects.filter(at__lt=moment - KEPT / 2).delete()
    return f"{gone} idempotency keys removed"


def prune_kept(moment: datetime) -> str:
    """Remove what processes shared for a while."""
    gone, _ = Kept.objects.filter(until__lte=moment.timestamp()).delete()
    return f"{gone} shared values removed"


def prune_tasks(moment: datetime) -> str:
    """Remove tasks that finished more than two weeks ago."""
    gone, _ = DBTaskResult.objects.finished().filter(finished_at__lt=moment - KEPT).delete()
    return f"{gone} tasks removed"
