"""What can be done with systems. Each function is one transaction: it checks, changes, records."""

from __future__ import annotations
