"""A request as the domain sees it: rules that apply, who holds which role, who is barred, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from roadworthy.decide.approval import Standing, State, standing
from roadworthy.decide.authority_rule import Action
from roadworthy.decide.authority_rule import AuthorityRule as Rule
from roadworthy.decide.roster import Roster
from roadworthy.decide.signature import Choice
from roadworthy.decide.signature import Signature as Signed
from roadworthy.server.accounts.models import User
from roadworthy.server.decisions.authority import roles_of, rules_on
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.roster import roster_on

STATES = {
    State.OPEN: RequestState.OPEN,
    State.PAUSED: RequestState.CHANGES_REQUESTED,
    State.APPROVED: RequestState.APPROVED,
    State.APPROVED_WITH_CONDITIONS: RequestState.CONDITIONALLY_APPROVED,
    State.REJECTED: RequestState.REJECTED,
    State.FORBIDDEN: RequestState.OPEN,
}
APPROVED = (RequestState.APPROVED, RequestState.CONDITIONALLY_APPROVED)
UNDECIDED = (RequestState.OPEN, RequestState.CHANGES_REQUESTED, RequestState.REOPENED)


@dataclass(frozen=True)
class Case:
    """A request with what its signatures are held against."""

    request: DecisionRequest
    rules: tuple[Rule, ...]
    roster: Roster
    barred: frozenset[int]
    """Primary keys of those whose own request it is."""
    signatures: Sequence[Signature]
    """Of this round, none of them void."""

    def standing(self, *further: Signed, at: datetime | None = None) -> Standing:
        """Say where it stands, with `further` signatures as if they were there."""
        return standing(
            self.rules,
            [*(signed(row) for row in self.signatures), *further],
            roster=self.roster,
            requester=str(self.request.requested_by_id),
            owners=[str(pk) for pk in self.barred],
            shown_digest=self.request.shown_digest,
            at=at or timezone.now(),
        )

    @property
    def roles(self) -> frozenset[str]:
        """Return every role that some rule asks for."""
        return roles_of(self.rules)


def case_of(request: DecisionRequest) -> Case:
    """Gather a request; eight queries, however many requests there are."""
    release = request.release
    rules = rules_on(release.system, Action.RELEASE, request.tier, request.environments)
    rows = list(request.signatures.filter(round=request.round, void="").select_related("user", "on_behalf_of"))
    return Case(
        request,
        rules,
        roster_on(release.system, roles_of(rules), rows),
        owners_of(release) | {request.requested_by_id},
        rows,
    )


def signed(row: Signature) -> Signed:
    """Return a stored signature as the domain knows it."""
    behalf = str(row.on_behalf_of_id) if row.on_behalf_of_id else None
    return Signed(
        str(row.user_id), row.role, Choice(row.choice), row.shown_digest, row.at, behalf, tuple(row.conditions)
    )


def decision_of(request: DecisionRequest) -> Standing:
    """Return what was decided, as it was stored: rules that changed since do not undo it. Open ones are computed."""
    if request.state in APPROVED:
        state = State(request.state)
        return Standing(state, request.shown_digest, request.decided_at, conditions=tuple(request.conditions))
    if request.state == RequestState.REJECTED:
        return Standing(State.REJECTED, request.shown_digest, request.decided_at)
    if request.state == RequestState.CHANGES_REQUESTED:
        return Standing(State.PAUSED, request.shown_digest)
    if request.state == RequestState.OPEN:
        return case_of(request).standing()
    return Standing(State.OPEN, request.shown_digest)


def names_of(keys: Sequence[str]) -> Mapping[str, str]:
    """Return the names of people by the keys that the domain knows them by."""
    found = User.objects.filter(pk__in=[int(key) for key in keys if key.isdigit()])
    return {str(pk): name for pk, name in found.values_list("pk", "name")}
