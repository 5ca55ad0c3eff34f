"""The app `portfolio`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.portfolio import doors
        from roadworthy.server.portfolio.counts import keep_counts
        from roadworthy.server.portfolio.hearing import listen_for_facts
        from roadworthy.server.portfolio.snapshots import keep_moved, keep_points, keep_running
        from roadworthy.server.shell.navigation import Page, show

        del doors
        listen_for_facts()
        pin(Job("kpi-points", "Compute KPIs of past months", timedelta(hours=12), keep_points))
        pin(Job("kpi-so-far", "Compute KPIs of the month that runs", timedelta(minutes=1), keep_running))
        pin(Job("kpi-moved", "Compute KPIs anew where systems have moved", timedelta(minutes=1), keep_moved))
        pin(Job("portfolio-counts", "Count the portfolio by product line", timedelta(minutes=1), keep_counts))
        read = Permission.PORTFOLIO_READ
        show(
            [
                Page("Work", "My work", "portfolio:home", None, 10, "home"),
                Page("Systems", "Portfolio", "portfolio:readiness", read, 50, "portfolio"),
                Page("Systems", "Launches", "portfolio:launches", read, 60, "calendar"),
                Page("Systems", "Risk", "portfolio:risk", read, 70, "assessments"),
                Page("Decide", "Decisions waiting", "portfolio:waiting", read, 60, "clock"),
                Page("Record", "KPIs", "portfolio:kpis", read, 60, "kpis"),
                Page("Record", "Audit readiness", "portfolio:audit", read, 70, "check"),
            ]
        )
