"""A specialist may set another tier than the rules give: signed, with a reason, for this release only."""

from __future__ import annotations

from roadworthy.assess.tier import TierFinding, Tiering
from roadworthy.decide.authority import doubt_about_signer, voucher
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.freshness import doubt_about_fingerprint, doubt_about_time
from roadworthy.evidence.predicate import Attested, Documented
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Expiry, Part, Tier

PREFIX = "tier:"
"""What a statement about the tier is attested for: `tier:medium`."""


def settle_tier(dossier: Dossier) -> Tiering:
    """Return the tier by the rules, or the one that somebody with the authority has signed.

    Every statement about the tier is shown among the reasons, also one that does not count. A prohibited system stays
    prohibited.
    """
    by_rules = dossier.tiering
    findings: list[TierFinding] = []
    for tier in Tier:
        for record, predicate in dossier.attested(f"{PREFIX}{tier}"):
            doubt = _doubt(record, predicate, by_rules, dossier)
            findings.append(_finding(tier, predicate, doubt, voucher(record, dossier)))
            if doubt is None:
                return Tiering(tier, (findings[-1], *by_rules.because), by_rules.regulatory)
    return Tiering(by_rules.tier, (*by_rules.because, *findings), by_rules.regulatory)


def _doubt(record: Record, predicate: Attested | Documented, by_rules: Tiering, dossier: Dossier) -> str | None:
    if by_rules.tier is Tier.PROHIBITED:
        return "What the standard prohibits cannot be set to another tier."
    roles = dossier.loaded.standard.authority.tier_roles
    unsigned = doubt_about_signer(record, predicate, dossier, roles=roles, not_owner=True)
    if unsigned:
        return unsigned
    if predicate.release != dossier.system.release:
        return f"It was signed for release {predicate.release}."
    late = doubt_about_time(predicate.at, dossier.as_of, Expiry(), predicate.until)
    changed = late or doubt_about_fingerprint(predicate.fingerprint, dossier.fingerprint, list(Part))
    return changed.reason if changed else None


def _finding(tier: Tier, predicate: Attested | Documented, doubt: str | None, vouched: str) -> TierFinding:
    said = f"{predicate.signer} ({predicate.role}) set the tier to {tier}: {predicate.statement}{vouched}"
    return TierFinding(
        rule="override",
        result=str(tier) if doubt is None else "not counted",
        regime=None,
        because=said if doubt is None else f"{said} It does not count: {doubt}",
        facts={},
    )
