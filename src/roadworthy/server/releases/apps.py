"""The app `releases`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.releases"
    label = "releases"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.releases import doors, events, parts, standard_impact, tabs
        from roadworthy.server.releases.judged_under import forget_effects
        from roadworthy.server.releases.newest_outcomes import newest_outcomes
        from roadworthy.server.releases.search import offer_releases
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.standards.impact import IMPACT_SOURCES
        from roadworthy.server.systems.control_coverage import SHOWN_BY

        del doors, events
        tabs.add_parts()
        parts.add_parts()
        offer_releases()
        IMPACT_SOURCES["releases"] = standard_impact.SOURCE
        if newest_outcomes not in SHOWN_BY:
            SHOWN_BY.append(newest_outcomes)
        pin(Job("old-impact", "Remove judgements under drafts after a month", timedelta(days=1), forget_effects))
        show(
            [
                Page("Decide", "Releases", "releases:list", Permission.RELEASE_READ, 10, "releases"),
                Page("Administration", "Keys", "keys:list", Permission.RELEASE_READ, 45, "token"),
            ]
        )
