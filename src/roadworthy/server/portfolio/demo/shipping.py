"""Ship an approved release of the demo."""

from __future__ import annotations

from roadworthy.server.portfolio.demo.acts import Acts
from roadworthy.server.releases.models import ReleaseState


def ship(acts: Acts, slug: str) -> None:
    """Record that the newest release of a system was shipped, where it was approved."""
    release = acts.release(slug)
    if release.state != ReleaseState.APPROVED:
        return
    raise NotImplementedError
