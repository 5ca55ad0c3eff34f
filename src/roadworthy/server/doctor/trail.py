"""The audit trail: its end against the heads that are kept outside the database, or all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from roadworthy.evidence.audit_chain import Fault, Head, digest_of, is_signed
from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.services import tip_head
from roadworthy.server.audit.verification import verify_trail
from roadworthy.server.secrets import trusted_keys

LAST = 200
"""Entries at the end that are looked at each time."""
_TAIL = 64 * 1024
_SHOWN = 20
"""Faults that are told; one altered entry makes no more, a forged trail would make millions."""


def end_faults() -> list[Fault]:
    """Return what speaks against the end of the trail: its last entries, the signed tip, the last heads outside.

    Heads are read before the entries and the tip after them, since all three move on while the server works.
    """
    heads = list(_last_heads(heads_path()))
    entries = list(Entry.objects.order_by("-number")[: LAST + 1])[::-1]
    end = entries[-1].number if entries else 0
    return [*_links(entries), *_tip_faults(end), *_against(heads, end)]


def _tip_faults(end: int) -> Iterator[Fault]:
    """Yield what is wrong with the tip, read now, for a trail that ended at `end` a moment ago."""
    tip = tip_head()
    if tip is None:
        if end:
            yield Fault(end, f"there are {end} entries, but no signed tip")
        return
    named = Entry.objects.filter(number=tip.number).values_list("digest", flat=True).first()
    if tip.number < end or named != tip.digest:
        yield Fault(tip.number, f"the signed tip names entry {tip.number}, the trail ends at entry {end}")
    if not is_signed(tip, trusted_keys()):
        yield Fault(tip.number, "the tip bears no true signature")


def _links(entries: list[Entry]) -> Iterator[Fault]:
    """Yield what is wrong within consecutive entries; the first one only stands before the others."""
    for before, entry in pairwise(entries):
        if entry.number != before.number + 1 or entry.previous != before.digest:
            yield Fault(entry.number, f"entry {entry.number} does not follow entry {before.number}")
    for entry in entries:
        if digest_of(entry.chained) != entry.digest:
            yield Fault(entry.number, f"entry {entry.number} was altered: its content does not give its digest")


def _against(heads: list[Head], end: int) -> Iterator[Fault]:
    rows = dict(Entry.objects.filter(number__in=[head.number for head in heads]).values_list("number", "digest"))
    for head in heads:
        if not is_signed(head, trusted_keys()):
            yield Fault(head.number, f"the head of entry {head.number} bears no true signature")
        elif head.number > end:
            yield Fault(head.number, f"the trail ends at entry {end}, but entry {head.number} was signed once: cut off")
        elif rows.get(head.number) != head.digest:
            yield Fault(head.number, f"entry {head.number} is not the one whose digest was signed")


def _last_heads(path: Path) -> Iterator[Head]:
    """Yield the heads at the end of the file; a last line that a crash cut short is left out."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TAIL))
        lines = stream.read().split(b"\n")[bool(size > _TAIL) : -1]
    yield from (msgspec.json.decode(line, type=Head) for line in lines[-LAST:])


def all_faults() -> list[Fault]:
    """Return what speaks against the trail, from its first entry to its last; the first faults only."""
    return verify_trail().faults[:_SHOWN]
