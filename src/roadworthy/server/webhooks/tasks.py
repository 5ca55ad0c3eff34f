"""The task that delivers."""

from __future__ import annotations

from django_tasks import task

from roadworthy.server.webhooks.sending import attempt


@task()
def deliver(pk: int) -> str:
    """Try one delivery; a failure is tried again later."""
    wait, outcome = attempt(pk)
    if wait is not None:
        deliver.using(run_after=wait).enqueue(pk)
    return outcome
