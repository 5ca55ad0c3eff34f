"""Where an approval stands: which signatures count, why the others do not, what is decided, and who is next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from roadworthy.decide.authority_rule import AuthorityRule
from roadworthy.decide.roster import Roster
from roadworthy.decide.seat import seat
from roadworthy.decide.signature import Choice, Signature, folded


class State(StrEnum):
    """Where an approval stands."""

    OPEN = "open"
    """Seats are not taken yet."""
    PAUSED = "changes requested"
    """Nothing is decided until who asked for changes signs again, or something else is shown."""
    APPROVED = "approved"
    APPROVED_WITH_CONDITIONS = "approved with conditions"
    REJECTED = "rejected"
    FORBIDDEN = "nobody may approve"
    """No rule applies, and nothing is approved by nobody."""


class Refusal(StrEnum):
    """Why a signature does not count."""

    OWN_REQUEST = "nobody decides about their own request, nor about a system that they own, nor through somebody else"
    STALE = "it is about something other than what is shown now"
    NOT_ASKED = "no rule asks for this role"
    ROLE_NOT_HELD = "the person, or who delegated to them, did not hold this role at that time"
    NOT_DELEGATED = "the role was not delegated to who signed, or no longer"
    SAME_PERSON = (
        "the same person signed again; the last signature counts (of one moment, the strictest), and takes one seat"
    )
    AFTER_DECISION = "it was decided before"
    AHEAD = "it is dated after the present"


@dataclass(frozen=True)
class Refused:
    """A signature that does not count."""

    signature: Signature
    why: Refusal


@dataclass(frozen=True)
class Missing:
    """Seats that are not taken."""

    roles: tuple[str, ...]
    """Any of these may take them."""
    seats: int
    people: tuple[str, ...]
    """Who could: holders of these roles who are neither barred nor have signed."""


@dataclass(frozen=True)
class Standing:
    """Where an approval stands at one moment."""

    state: State
    digest: str
    """SHA-256 of what is shown, and so of what was decided."""
    decided_at: datetime | None = None
    counted: tuple[Signature, ...] = ()
    """In the order in which they were made."""
    refused: tuple[Refused, ...] = ()
    missing: tuple[Missing, ...] = ()
    conditions: tuple[str, ...] = ()
    """All conditions of those who approved."""

    @property
    def decided(self) -> bool:
        """Tell whether there is a decision."""
        return self.decided_at is not None

    @property
    def approved(self) -> bool:
        """Tell whether it is approved, also with conditions."""
        return self.state in {State.APPROVED, State.APPROVED_WITH_CONDITIONS}


def standing(
    rules: Sequence[AuthorityRule],
    signatures: Iterable[Signature],
    *,
    roster: Roster,
    requester: str,
    owners: Collection[str],
    shown_digest: str,
    at: datetime,
    scope: str | None = None,
) -> Standing:
    """Go through the signatures in the order of their times, and say where the approval stands.

    `rules` are those that apply (see rules_for). Everything is decided by the first rejection, or when every seat of
    every rule is taken while nobody asks for changes; what is signed later does not count. One person takes one seat,
    whether they sign themselves or lend their role; of their signatures the last one counts, of the same moment the
    strictest.
    """
    if not rules:
        return Standing(State.FORBIDDEN, shown_digest)
    case = _Case(rules, roster, frozenset(folded(name) for name in (requester, *owners)), shown_digest, at, scope)
    result = Standing(State.OPEN, shown_digest)
    for signature in sorted(signatures, key=_order):
        why = Refusal.AFTER_DECISION if result.decided else case.doubt(signature)
        result = case.refuse(result, signature, why) if why else case.count(result, signature)
    return result if result.decided else replace(result, missing=case.missing(result.counted))


def doubt_about_signature(
    rules: Sequence[AuthorityRule],
    signature: Signature,
    *,
    roster: Roster,
    requester: str,
    owners: Collection[str],
    shown_digest: str,
    at: datetime,
    scope: str | None = None,
) -> Refusal | None:
    """Say why one signature would not count, for instance before somebody gives it; None when it would."""
    case = _Case(rules, roster, frozenset(folded(name) for name in (requester, *owners)), shown_digest, at, scope)
    return case.doubt(signature)


def _order(signature: Signature) -> tuple[object, ...]:
    """Sort by time; of the same moment the strictest choice comes first, and the rest only makes the order total."""
    strictness = list(Choice).index(signature.choice)
    who = folded(signature.person), folded(signature.principal), signature.role
    return (
        signature.at,
        -strictness,
        *who,
        signature.person,
        signature.principal,
        signature.on_behalf_of is not None,
        signature.conditions,
        signature.digest,
    )


@dataclass(frozen=True)
class _Case:
    """What signatures are held against."""

    rules: Sequence[AuthorityRule]
    roster: Roster
    barred: frozenset[str]
    digest: str
    at: datetime
    scope: str | None

    def doubt(self, signature: Signature) -> Refusal | None:
        """Say why a signature does not count by itself; None when it does."""
        if signature.at > self.at:
            return Refusal.AHEAD
        if self.barred & signature.people:
            return Refusal.OWN_REQUEST
        if signature.digest != self.digest:
            return Refusal.STALE
        if not any(signature.role in rule.roles for rule in self.rules):
            return Refusal.NOT_ASKED
        if signature.on_behalf_of is not None and not self.roster.lends(signature):
            return Refusal.NOT_DELEGATED
        if not self.roster.holds(signature.principal, signature.role, signature.at, self.scope):
            return Refusal.ROLE_NOT_HELD
        return None

    def refuse(self, result: Standing, signature: Signature, why: Refusal) -> Standing:
        return replace(result, refused=(*result.refused, Refused(signature, why)))

    def count(self, result: Standing, signature: Signature) -> Standing:
        """Count a signature in the place of earlier ones of the same people; of one moment, the strictest stays."""
        replaced = [earlier for earlier in result.counted if earlier.people & signature.people]
        if any(earlier.at == signature.at for earlier in replaced):
            return self.refuse(result, signature, Refusal.SAME_PERSON)
        kept = tuple(earlier for earlier in result.counted if earlier not in replaced)
        refused = (*result.refused, *(Refused(earlier, Refusal.SAME_PERSON) for earlier in replaced))
        return self._decide(replace(result, counted=(*kept, signature), refused=refused), signature)

    def _decide(self, result: Standing, last: Signature) -> Standing:
        conditions = tuple(dict.fromkeys(text for signature in result.counted for text in signature.conditions))
        result = replace(result, conditions=conditions)
        if last.choice is Choice.REJECT:
            return replace(result, state=State.REJECTED, decided_at=last.at)
        if any(signature.choice is Choice.REQUEST_CHANGES for signature in result.counted):
            return replace(result, state=State.PAUSED)
        if seat(self.rules, result.counted).free:
            return replace(result, state=State.OPEN)
        state = State.APPROVED_WITH_CONDITIONS if conditions else State.APPROVED
        return replace(result, state=state, decided_at=last.at)

    def missing(self, counted: Sequence[Signature]) -> tuple[Missing, ...]:
        """List free seats with who could take them."""
        away = self.barred.union(*(s.people for s in counted if s.choice.approves))
        free = seat(self.rules, counted).free
        return tuple(Missing(rule.roles, free.count(rule), self._able(rule, away)) for rule in dict.fromkeys(free))

    def _able(self, rule: AuthorityRule, away: frozenset[str]) -> tuple[str, ...]:
        holders = {name for role in rule.roles for name in self.roster.holders(role, self.at, self.scope)}
        return tuple(sorted(name for name in holders if folded(name) not in away))
