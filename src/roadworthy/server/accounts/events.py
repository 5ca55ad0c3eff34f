"""Events about people and what they may do. None goes to webhooks: who may do what is nobody else's business."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "token.made": EventKind("Made an API token", webhook=False),
        "token.revoked": EventKind("Revoked an API token", webhook=False),
        "user.first_administrator": EventKind("Became the first administrator", webhook=False),
        "user.added": EventKind("Added a person", webhook=False),
        "user.changed": EventKind("Changed a person", webhook=False),
        "user.deactivated": EventKind("Deactivated a person", webhook=False),
        "user.reactivated": EventKind("Reactivated a person", webhook=False),
        "user.link_made": EventKind("Made a setup link", webhook=False),
        "user.sessions_ended": EventKind("Ended all sessions of a person", webhook=False),
        "user.second_factor_added": EventKind("Added a second factor", webhook=False),
        "user.second_factor_removed": EventKind("Removed a second factor", webhook=False),
        "user.key_made": EventKind("Got a signing key", webhook=False),
        "user.password_set": EventKind("Set a password", webhook=False),
        "user.signed_in": EventKind("Signed in", webhook=False),
        "user.removed": EventKind("Removed a person from provisioning", webhook=False),
        "user.lockout_refused": EventKind("Tried to remove the last administrator", webhook=False),
        "group.made": EventKind("Made a group", webhook=False),
        "group.changed": EventKind("Changed a group", webhook=False),
        "group.deleted": EventKind("Deleted a group", webhook=False),
        "group.member_added": EventKind("Put somebody into a group", webhook=False),
        "group.member_removed": EventKind("Took somebody out of a group", webhook=False),
        "role.made": EventKind("Made a role", webhook=False),
        "role.changed": EventKind("Changed a role", webhook=False),
        "role.deleted": EventKind("Deleted a role", webhook=False),
        "grant.made": EventKind("Granted a role", webhook=False),
        "grant.deleted": EventKind("Took a role back", webhook=False),
        "unit.made": EventKind("Added a unit", webhook=False),
        "unit.changed": EventKind("Changed a unit", webhook=False),
        "unit.deleted": EventKind("Deleted a unit", webhook=False),
        "product_line.made": EventKind("Added a product line", webhook=False),
        "product_line.changed": EventKind("Changed a product line", webhook=False),
        "product_line.deleted": EventKind("Deleted a product line", webhook=False),
        "delegation.made": EventKind("Delegated a role", webhook=False),
        "delegation.revoked": EventKind("Ended a delegation", webhook=False),
        "delegation.make_refused": EventKind("Tried to delegate a role not held", webhook=False),
        "access.refused": EventKind("Tried what is not allowed", webhook=False),
    }
)
