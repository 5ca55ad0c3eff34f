"""Events about systems, and about questions at office hours."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "system.registered": EventKind("Registered a system"),
        "system.version_saved": EventKind("Saved a version of a declaration"),
        "system.tier_changed": EventKind("Changed the tier of a system"),
        "system.tier_set": EventKind("Set another tier than the rules give"),
        "system.tier_set_refused": EventKind("Was refused to set another tier than the rules give"),
        "system.tier_asked": EventKind("Asked for a lower tier than the rules give"),
        "system.tier_decided": EventKind("Decided about a lower tier than the rules give"),
        "system.tier_override_ended": EventKind("Ended a tier that a person had set"),
        "system.edited": EventKind("Changed the product line, the lifecycle or the owner of a system"),
        "system.retired": EventKind("Retired a system"),
        "system.governance_moved": EventKind("Moved a system to another state of governance"),
        "intake.started": EventKind("Started an intake", webhook=False),
        "intake.handed_over": EventKind("Handed over an intake", webhook=False),
        "intake.submitted": EventKind("Submitted an intake"),
        "intake.discarded": EventKind("Discarded an intake", webhook=False),
        "question.asked": EventKind("Asked a question at office hours"),
        "question.triaged": EventKind("Triaged a question"),
        "question.answered": EventKind("Answered a question"),
        "question.withdrawn": EventKind("Withdrew a question"),
    }
)
