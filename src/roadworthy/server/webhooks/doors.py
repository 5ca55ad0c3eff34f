"""Doors of the app: whoever manages webhooks passes all of them."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

PAGES = ("GET list", "POST list", "GET show", "POST show", "POST renew", "POST remove", "POST try", "POST again")
OPERATIONS = (
    "GET webhooks",
    "POST webhooks",
    "GET webhook",
    "PUT webhook",
    "DELETE webhook",
    "POST webhook_secret",
    "GET webhook_deliveries",
)
opens({door.replace(" ", " webhooks:"): Permission.WEBHOOK_MANAGE for door in PAGES})
opens({door.replace(" ", " api:"): Permission.WEBHOOK_MANAGE for door in OPERATIONS})
