"""Authority as data: who must sign what, at which tier, for which environment, and how many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from roadworthy.core.errors import InputError
from roadworthy.standard.model import Authority, Tier


class Action(StrEnum):
    """What people are asked to decide."""

    RELEASE = "release"
    """That a release may be deployed."""
    EXCEPTION = "exception"
    """That a requirement is waived."""
    TIER = "tier"
    """That another tier holds than the rules give."""
    STANDARD = "standard"
    """That a changed standard is published."""


@dataclass(frozen=True)
class AuthorityRule:
    """Seats that people with a role must take; every rule that applies must be satisfied."""

    action: Action
    roles: tuple[str, ...]
    """A seat is taken by somebody in any one of these."""
    tiers: frozenset[Tier] = frozenset()
    """Tiers at which it applies; empty means all but prohibited. A standard has no tier: only rules for all apply."""
    environments: frozenset[str] = frozenset()
    """Environments (`production`) for which it applies; empty means all."""
    scope: str | None = None
    """The part of the organisation to which it applies; None means all of it."""
    quorum: int = 1
    """How many different people must sign."""

    def __post_init__(self) -> None:
        if self.quorum < 1 or not self.roles:
            raise InputError(
                f"a rule for {self.action} asks for {self.quorum} people, roles: {', '.join(self.roles) or 'none'}",
                remedy="Name at least one role, and a quorum of at least 1: nothing is approved by nobody.",
            )

    def applies(self, action: Action, tier: Tier | None, environment: str | None, scope: str | None) -> bool:
        """Tell whether it applies; an environment that is not known takes the stricter side and is covered."""
        return (
            action is self.action
            and (tier in self.tiers or (not self.tiers and tier is not Tier.PROHIBITED))
            and (not self.environments or environment is None or environment in self.environments)
            and (self.scope is None or self.scope == scope)
        )


RELEASE_SEATS: dict[Tier, tuple[str, ...]] = {
    Tier.HIGH: ("responsible-ai", "director"),
    Tier.MEDIUM: ("responsible-ai",),
    Tier.LOW: ("responsible-ai",),
}
"""Who signs a release by default, each seat by somebody else; nobody at all may sign a prohibited one."""


def default_rules(authority: Authority) -> tuple[AuthorityRule, ...]:
    """Return the rules by default: releases by tier, and the rest as the standard's authority says.

    Where the standard lists nobody for an exception, another tier or a change, there is no rule, and so no approval.
    """
    releases = [
        AuthorityRule(Action.RELEASE, (role,), frozenset({tier}))
        for tier, roles in RELEASE_SEATS.items()
        for role in roles
    ]
    exceptions = [
        AuthorityRule(Action.EXCEPTION, tuple(roles), frozenset({tier}))
        for tier, roles in authority.exception_roles.items()
        if roles
    ]
    others = [(Action.TIER, authority.tier_roles), (Action.STANDARD, authority.change_roles)]
    return (*releases, *exceptions, *(AuthorityRule(action, tuple(roles)) for action, roles in others if roles))


def rules_for(
    rules: Iterable[AuthorityRule],
    action: Action,
    *,
    tier: Tier | None = None,
    environment: str | None = None,
    scope: str | None = None,
) -> tuple[AuthorityRule, ...]:
    """Return the rules that apply; none at all means that nobody may approve it."""
    return tuple(rule for rule in rules if rule.applies(action, tier, environment, scope))
