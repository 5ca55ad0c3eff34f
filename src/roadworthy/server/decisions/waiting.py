"""What waits for somebody: requests in which they may take a seat, exceptions that they may decide; one query each."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from roadworthy.decide.authority_rule import Action
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.scope import Scope
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import delegated_roles, roles_of
from roadworthy.server.decisions.models import (
    AuthorityRule,
    DecisionRequest,
    ExceptionRequest,
    ExceptionState,
    RequestState,
    Signature,
)
from roadworthy.server.decisions.rule_changes import TIERS


def requests_waiting_on(actor: Actor) -> QuerySet[DecisionRequest]:
    """Return open requests in which the actor may take a seat by their roles, and that are not their own."""
    rows = DecisionRequest.objects.filter(state=RequestState.OPEN, release__current=True)
    rows = rows.filter(_asked(actor, Action.RELEASE, "release__system__"))
    signed = Signature.objects.filter(request=OuterRef("pk"), round=OuterRef("round"), user=actor.user_id, void="")
    own = Q(requested_by=actor.user_id) | Q(release__system__owner=actor.user_id) | Q(release__pushed_by=actor.user_id)
    return rows.exclude(own).exclude(Exists(signed))


def exceptions_waiting_on(actor: Actor) -> QuerySet[ExceptionRequest]:
    """Return exceptions that the actor may decide by their roles, and that are not their own."""
    rows = ExceptionRequest.objects.filter(state=ExceptionState.REQUESTED)
    own = Q(requested_by=actor.user_id) | Q(system__owner=actor.user_id)
    return rows.filter(_asked(actor, Action.EXCEPTION, "system__")).exclude(own)


def _asked(actor: Actor, action: Action, to_system: str) -> Q:
    """Return the condition that some rule asks for a role that the actor holds there."""
    held, found = _held(actor), Q(pk__in=[])
    for rule in AuthorityRule.objects.filter(action=str(action)):
        for role in rule.roles:
            if role in held:
                found |= Q(tier__in=rule.tiers or TIERS) & held[role].condition(to_system)
    return found


def _held(actor: Actor) -> dict[str, Scope]:
    """Return the roles of the person, those included in which they stand in for somebody."""
    held = dict(actor.roles)
    if actor.user_id is None or actor.token_id is not None:
        return held
    for role, delegations in delegated_roles(User.objects.get(pk=actor.user_id)).items():
        for lent in delegations:
            scope = roles_of(lent.giver).get(role, Scope())
            held[role] = held.get(role, Scope()) | scope
    return held
