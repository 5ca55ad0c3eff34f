"""Events about decisions, exceptions and authority."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "authority.added": EventKind("Added a rule of authority"),
        "authority.changed": EventKind("Changed a rule of authority"),
        "authority.removed": EventKind("Removed a rule of authority"),
        "statement.signed": EventKind("Signed for a requirement"),
        "statement.sign_refused": EventKind("Was refused to sign for a requirement"),
        "release.gone_stale": EventKind("The verdict on a release no longer counts"),
        "decision.requested": EventKind("Asked for a decision"),
        "decision.request_refused": EventKind("Was refused to ask for a decision"),
        "decision.renewed": EventKind("Began a new round of a decision"),
        "decision.recommended": EventKind("Gave a recommendation"),
        "decision.recommend_refused": EventKind("Was refused to give a recommendation"),
        "decision.signed": EventKind("Signed a decision"),
        "decision.sign_refused": EventKind("Was refused to sign a decision"),
        "decision.stale_refused": EventKind("Signed something that is no longer shown, and was refused"),
        "decision.replay_refused": EventKind("Sent a signature once more, and was refused"),
        "decision.approved": EventKind("A release was approved"),
        "decision.changes_requested": EventKind("Changes of a release were asked for"),
        "decision.rejected": EventKind("A release was rejected"),
        "decision.reopened": EventKind("A decision was reopened"),
        "decision.withdrawn": EventKind("Withdrew a request for a decision"),
        "decision.blocked": EventKind("Nobody is left who may take a seat of a decision"),
        "exception.requested": EventKind("Asked for an exception"),
        "exception.request_refused": EventKind("Was refused to ask for an exception"),
        "exception.approved": EventKind("Approved an exception"),
        "exception.rejected": EventKind("Rejected an exception"),
        "exception.decide_refused": EventKind("Was refused to decide an exception"),
        "exception.expired": EventKind("An exception expired"),
        "exception.withdrawn": EventKind("Withdrew an exception"),
        "vendor.changed": EventKind("Reported a change of a vendor"),
    }
)
