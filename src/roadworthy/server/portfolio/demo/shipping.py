"""Ship an approved release of the demo."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from roadworthy.server.audit.services import record
from roadworthy.server.portfolio.demo.acts import Acts
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.systems.models import Lifecycle
from roadworthy.server.systems.properties import set_properties


@transaction.atomic
def ship(acts: Acts, slug: str) -> None:
    """Record that the newest release of a system was shipped to production, where it was approved."""
    actor, found = acts.cast.actor("olga"), acts.release(slug)
    release = Release.objects.select_for_update(of=("self",)).select_related("system__product_line").get(pk=found.pk)
    if release.state != ReleaseState.APPROVED:
        return
    release.state, release.shipped_at, release.environments = ReleaseState.SHIPPED, timezone.now(), ["prod"]
    release.revision += 1
    release.save()
    after = {"state": release.state, "environments": release.environments}
    record(actor, "release.shipped", release.subject, after=after, row=release)
    if release.system.lifecycle != Lifecycle.LIVE:
        set_properties(actor, slug, None, lifecycle=Lifecycle.LIVE)
