"""`roadworthy verify-audit`: check an export of a server's audit trail offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.screen import print_line

EXIT_VERIFIED, EXIT_ALTERED, EXIT_NOT_TRUSTED = 0, 1, 3


def verify_audit(
    export: Path,
    *,
    trust: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    heads: Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)] = (),
) -> int:
    """Check an export of a server's audit trail: that nothing in it was altered, left out or cut off.

    Needs neither network nor the server. Exits 0 when all is well, 1 when something speaks against the trail, 3 when it
    is whole but signed by no key that you trust, 2 when it cannot be read.

    Parameters
    ----------
    export
        The file that the page 'Audit trail' or GET /api/v1/audit/export gave.
    trust
        A public key of the server: 64 hex digits, or a file; may be repeated.
    heads
        Heads that you kept: an earlier export, or a copy of the server's audit-heads.jsonl. May be repeated.
    """
    from itertools import chain

    from roadworthy.evidence.audit_export import check_export, kept_heads
    from roadworthy.evidence.trust import TrustedKeys

    trusted = TrustedKeys.load(trust).keys
    result = check_export(export, trusted, chain.from_iterable(map(kept_heads, heads)))
    for fault in result.faults:
        print_line(f"FAILED entry {fault.number}: {fault.what}")
    if not result.whole or result.head is None:
        print_line("This trail does not hold.")
        return EXIT_ALTERED
    print_line(f"ok      {result.entries} entries, the last is {result.head.number} with digest {result.head.digest}")
    if not result.trusted:
        print_line(f"Whole and consistent, but signed by the key {result.head.key}, which nobody here has trusted.")
        print_line("If you know the key, run it again with --trust and the key.")
        return EXIT_NOT_TRUSTED
    print_line("Verified: nothing was altered, left out or cut off.")
    return EXIT_VERIFIED
