"""The app `systems`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class SystemsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.systems"
    label = "systems"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.actor import server_actor
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.shell.search import SearchSource, offer, offer_action
        from roadworthy.server.standards.impact import IMPACT_SOURCES, ImpactSource
        from roadworthy.server.systems import control_scope, doors, events, finding, standard_impact
        from roadworthy.server.systems.override import end_overdue
        from roadworthy.server.systems.retier import on_standard_in_force

        del doors, events
        listen("standard.in_force", on_standard_in_force)
        IMPACT_SOURCES["systems"] = ImpactSource(
            "Systems",
            Permission.SYSTEM_READ,
            standard_impact.count,
            standard_impact.changes,
            about="Every system that is not retired, by the rules: tiers that people set are not looked at.",
            none="No system is registered yet.",
        )
        read, ask = Permission.SYSTEM_READ, Permission.QUESTION_ASK
        show(
            [
                Page("Systems", "Systems", "systems:list", read, 10, "systems"),
                Page("Systems", "Intakes", "systems:intakes", Permission.SYSTEM_CREATE, 20, "intake"),
                Page("Systems", "Office hours", "systems:questions", ask, 30, "comment"),
            ]
        )
        offer(SearchSource("system", "Systems", read, finding.systems, 10))
        offer(SearchSource("question", "Questions", ask, finding.questions, 50))
        offer(SearchSource("interpretation", "How the standard is read", ask, finding.interpretations, 51))
        offer_action("Register a system", "systems:new", Permission.SYSTEM_CREATE)
        offer_action("Ask at office hours", "systems:question_new", ask)
        control_scope.add_parts()
        pin(
            Job(
                "systems-set-tiers",
                "End set tiers on their last day",
                timedelta(minutes=15),
                lambda moment: f"{end_overdue(server_actor())} ended",
            )
        )
