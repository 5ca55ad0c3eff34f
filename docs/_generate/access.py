"""docs/access.md: permissions, roles and events of the server, from its tables."""

from __future__ import annotations

import os

from _generate.markdown import code, page, table

INTRODUCTION = """Who may do what on the server. A role is a set of permissions; a grant gives a role to a person or a
group, everywhere or within one unit, product line or system. The ids of roles that sign are those of the
[default standard](standard.md). An organisation makes further roles of the same permissions. Every page and every
operation of the API has an entry in one table that names the permission which opens it; what has none stays shut."""


def access_page() -> str:
    """Write the page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    os.environ.setdefault("ROADWORTHY_SECRET_KEY", "only for the documentation")
    import django

    django.setup()
    from roadworthy.server.access.events import EVENTS
    from roadworthy.server.access.permissions import PERMISSIONS
    from roadworthy.server.access.roles import ROLES

    permissions = [
        (code(name), about.title, "yes" if about.narrowable else "no") for name, about in PERMISSIONS.items()
    ]
    roles = [
        f"### {name}\n\n{role.title}. {'May sign. ' if role.signs else ''}"
        f"{', '.join(code(permission) for permission in PERMISSIONS if permission in role.permissions)}."
        for name, role in ROLES.items()
    ]
    events = [
        f"### {name}\n\n{kind.title}. {'Sent to webhooks.' if kind.webhook else 'Recorded only.'}"
        for name, kind in sorted(EVENTS.items())
    ]
    return page(
        "Roles, permissions and events",
        INTRODUCTION,
        [
            "## Permissions",
            table(("permission", "what it lets one do", "can be narrowed"), permissions),
            "## Roles",
            *roles,
            "## Events",
            "What the audit trail records, notices tell and webhooks send.",
            *events,
        ],
    )
