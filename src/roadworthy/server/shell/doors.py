"""Doors of the frame: whether the server lives, its search, its theme."""

from __future__ import annotations

from roadworthy.server.access.doors import PUBLIC, SIGNED_IN, opens

opens(
    {
        "GET shell:healthz": PUBLIC,
        "GET shell:readyz": PUBLIC,
        "GET shell:search": SIGNED_IN,
        "GET shell:styleguide": SIGNED_IN,
        "POST shell:save_view": SIGNED_IN,
        "POST shell:remove_view": SIGNED_IN,
        "POST shell:theme": SIGNED_IN,
    }
)
