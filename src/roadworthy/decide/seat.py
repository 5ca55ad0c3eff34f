"""Seats of an approval: each is taken by one signature, and each signature takes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roadworthy.decide.authority_rule import AuthorityRule
from roadworthy.decide.signature import Signature


@dataclass(frozen=True)
class Seating:
    """Who sits where."""

    taken: tuple[tuple[AuthorityRule, Signature], ...]
    free: tuple[AuthorityRule, ...]
    """One entry for each free seat."""


def seat(rules: Sequence[AuthorityRule], signatures: Sequence[Signature]) -> Seating:
    """Seat as many approving signatures as can be: a maximum matching, by augmenting paths (Kuhn 1955)."""
    seats = [rule for rule in rules for _ in range(rule.quorum)]
    sitting: dict[int, Signature] = {}
    for signature in signatures:
        if signature.choice.approves:
            _find_seat(signature, seats, sitting, set())
    taken = tuple((seats[place], sitting[place]) for place in sorted(sitting))
    return Seating(taken, tuple(rule for place, rule in enumerate(seats) if place not in sitting))


def _find_seat(
    signature: Signature, seats: Sequence[AuthorityRule], sitting: dict[int, Signature], tried: set[int]
) -> bool:
    """Take a seat, if need be after who sits there has found another one."""
    for place, rule in enumerate(seats):
        if place in tried or signature.role not in rule.roles:
            continue
        tried.add(place)
        if place not in sitting or _find_seat(sitting[place], seats, sitting, tried):
            sitting[place] = signature
            return True
    return False
