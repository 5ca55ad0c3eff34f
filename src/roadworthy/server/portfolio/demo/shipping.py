"""Ship an approved release of the demo."""

from __future__ import annotations

from roadworthy.server.portfolio.demo.acts import Acts
from roadworthy.server.releases.models import ReleaseState
from roadworthy.server.releases.shipping import ship as ship_release
from roadworthy.server.systems.models import Lifecycle
from roadworthy.server.systems.properties import set_properties


def ship(acts: Acts, slug: str) -> None:
    """Record that the newest release of a system was shipped to production, where it was approved."""
    actor, release = acts.cast.actor("olga"), acts.release(slug)
    if release.state != ReleaseState.APPROVED:
        return
    ship_release(actor, release.pk, environments=["prod"], note="Rolled out to everybody.")
    if release.system.lifecycle != Lifecycle.LIVE:
        set_properties(actor, slug, None, lifecycle=Lifecycle.LIVE)
