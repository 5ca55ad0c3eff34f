"""Events about the standard."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "standard.drafted": EventKind("Began a draft of the standard"),
        "standard.edited": EventKind("Changed a draft of the standard", webhook=False),
        "standard.proposed": EventKind("Proposed a change of the standard"),
        "standard.taken_back": EventKind("Took a proposed change back to edit it"),
        "standard.withdrawn": EventKind("Withdrew a change of the standard"),
        "standard.approved": EventKind("Decided about a proposed change of the standard"),
        "standard.approve_refused": EventKind("Was refused to approve a change of the standard"),
        "standard.published": EventKind("Published a version of the standard"),
        "standard.publish_refused": EventKind("Was refused to publish a version of the standard"),
        "standard.in_force": EventKind("Put a version of the standard in force"),
        "standard.acceptance_ended": EventKind("Ended the acceptance of an earlier version of the standard"),
        "standard.previewed": EventKind("Asked what a draft of the standard would change", webhook=False),
    }
)
