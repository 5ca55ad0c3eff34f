"""`roadworthy verify`: check a bundle offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.screen import print_line, show

EXIT_VERIFIED, EXIT_ALTERED, EXIT_NOT_TRUSTED = 0, 1, 3


def verify(
    bundle: Path,
    *,
    trust: Annotated[tuple[str, ...], Parameter(negative="", show_default=False)] = (),
    standard: Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)] = (),
) -> int:
    """Check signatures, digests and ledger of a bundle, and recompute its verdict from the sealed evidence.

    Needs neither network nor the project. Exits 0 when all is well, 1 when something was altered or the verdict
    differs, 3 when the bundle is whole but signed by nobody that you trust, 2 when it cannot be read.

    Parameters
    ----------
    bundle
        The file that 'roadworthy gate' wrote.
    trust
        A public key to trust: 64 hex digits, or a file; may be repeated.
    standard
        Layer directories of the standard that you expect; the default standard is always the lowest. May be repeated.
    """
    from roadworthy.decide.replay import replay
    from roadworthy.documents.terminal import verdict_panel
    from roadworthy.evidence.trust import TrustedKeys
    from roadworthy.standard.load import load_standard

    expected = load_standard(standard) if standard else None
    result = replay(bundle, TrustedKeys.load(trust), expected)
    for check in result.checks:
        print_line(f"{'ok     ' if check.passed else 'FAILED '} {check.name}: {check.detail}")
    if result.intact and result.verdict is not None:
        show(verdict_panel(result.verdict))
    if not result.intact:
        print_line("This bundle does not hold. Do not rely on its verdict.")
        return EXIT_ALTERED
    if not result.trusted:
        print_line(f"Whole and consistent, but {result.trust_words}")
        print_line("If you know the key, run it again with --trust and the key.")
        return EXIT_NOT_TRUSTED
    print_line("Verified: the sealed evidence gives this verdict.")
    return EXIT_VERIFIED
