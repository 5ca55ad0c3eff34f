"""`python -m roadworthy.server.manage verify_audit`: verify the whole trail in the database."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from roadworthy.server.audit.verification import verify_trail


class Command(BaseCommand):
    """Verify the trail; exits 1 when something speaks against it."""

    help = "Verify every entry of the audit trail, its signed tip and the heads kept outside the database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and say what was found."""
        result = verify_trail()
        for fault in result.faults:
            self.stdout.write(f"FAILED entry {fault.number}: {fault.what}")
        if not result.whole:
            self.stdout.write("This trail does not hold.")
            sys.exit(1)
        self.stdout.write(f"Verified: {result.entries} entries, nothing altered and nothing cut off.")
