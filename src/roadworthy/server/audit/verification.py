"""Verify the whole trail: every entry, the signed tip, and the heads kept outside the database; memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roadworthy.evidence.audit_chain import AuditEntry, Fault, Head, faults
from roadworthy.server.audit.heads import heads_path, kept_heads
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.services import tip_head
from roadworthy.server.secrets import trusted_keys

BATCH = 2_000
SHOWN = 100
"""So many faults are told; one is enough."""


@dataclass(frozen=True)
class Verification:
    """What came of verifying the trail."""

    entries: int
    """As many as the signed tip covers."""
    faults: list[Fault]
    """The first ones."""

    @property
    def whole(self) -> bool:
        """Tell whether nothing speaks against the trail."""
        return not self.faults


def verify_trail() -> Verification:
    """Verify the trail as it stands when it is called, while others may go on writing."""
    path = heads_path()
    size = path.stat().st_size if path.is_file() else 0  # heads follow their entries: those known now are in the rows
    tip = tip_head()
    until = tip.number if tip else 0
    found = []
    for fault in _faults(tip, until, size):
        found.append(fault)
        if len(found) == SHOWN:
            break
    return Verification(until, found)


def entries(after: int, until: int) -> Iterator[AuditEntry]:
    """Read entries in their order, in batches."""
    while True:
        batch = list(Entry.objects.filter(number__gt=after, number__lte=until).order_by("number")[:BATCH])
        for row in batch:
            yield row.chained
        if len(batch) < BATCH:
            return
        after = batch[-1].number


def _faults(tip: Head | None, until: int, size: int) -> Iterator[Fault]:
    yield from faults(entries(0, until), tip, kept_heads(heads_path(), size), trusted_keys())
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first() or 0
    now = tip_head()
    if last > (now.number if now else 0):
        yield Fault(until + 1, f"entries up to {last} stand after the end that was signed")
