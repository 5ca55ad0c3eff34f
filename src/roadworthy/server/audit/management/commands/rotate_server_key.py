"""`python -m roadworthy.server.manage rotate_server_key`: put a new key in the place of the server's."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.events import KEY_ROTATED
from roadworthy.server.audit.services import record
from roadworthy.server.secrets import rotate_server_key, server_signer


class Command(BaseCommand):
    """Replace the key that signs heads, decisions and bundles; what the old one signed stays trusted."""

    help = "Replace the server's signing key. Stop the server before, and start it afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the key, and record it under the new one."""
        old = server_signer().key_id
        new = rotate_server_key()
        with transaction.atomic():
            actor = server_actor(Door.COMMAND, "the command line")
            subject = Subject("server", "key", "the server's key")
            record(actor, KEY_ROTATED, subject, before={"key": old}, after={"key": new})
        self.stdout.write(f"The server signs with {new} from now on. Start its processes anew.")
