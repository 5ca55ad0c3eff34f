"""Ask for a decision on a release: what is shown is fixed, people are asked, the promise of an answer begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.authority_rule import Action
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.authority import rules_on
from roadworthy.server.decisions.case import UNDECIDED
from roadworthy.server.decisions.concerned import concerned
from roadworthy.server.decisions.due import due_of
from roadworthy.server.decisions.governance import settle
from roadworthy.server.decisions.locks import seen_release, seen_request
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.refusals import Stale
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.wire.revision import same_revision
from roadworthy.standard.model import Tier

REFUSED = "decision.request_refused"
RECOMMENDING = ("responsible-ai", "responsible-ai-lead")
"""Roles that recommend; they are not those who decide alone at high tier."""
ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST = 20


@transaction.atomic
def request_decision(
    actor: Actor, release_pk: int, *, environments: Sequence[str], note: str = "", shown: str
) -> DecisionRequest:
    """Ask for a decision on what is shown of a release now, for some environments.

    Raises Stale when something else is shown by now, Conflict when it was asked for already or nobody may approve.
    """
    release = seen_release(actor, release_pk)
    actor.need_on(Permission.DECISION_REQUEST, release.system)
    _need_shown(release, shown)
    _need_open(release)
    wanted = _environments(environments)
    if DecisionRequest.objects.filter(release=release, state__in=UNDECIDED).exists():
        raise Conflict("a decision on this release is asked for already", remedy="Open that request.")
    if release.tier == Tier.PROHIBITED:
        raise Conflict(
            "the standard prohibits this system, and nobody may approve it", remedy="Declare another system."
        )
    if not rules_on(release.system, Action.RELEASE, release.tier, wanted):
        raise Conflict(
            f"no rule of authority says who approves a release at tier {release.tier}",
            remedy="Ask an administrator to add a rule under Authority.",
        )
    request = DecisionRequest.objects.create(
        release=release,
        requested_by_id=_person(actor),
        note=note.strip(),
        environments=wanted,
        shown_digest=release.shown_digest,
        tier=release.tier,
        due=due_of(release),
    )
    settle(request)
    _told(actor, "decision.requested", request)
    return request


@transaction.atomic
def ask_again(actor: Actor, pk: int, *, shown: str, note: str = "") -> DecisionRequest:
    """Begin a new round after changes were asked for or the decision was reopened; nothing signed before counts."""
    request = seen_request(actor, pk)
    actor.need_on(Permission.DECISION_REQUEST, request.release.system)
    if request.state not in {RequestState.CHANGES_REQUESTED, RequestState.REOPENED}:
        raise Conflict(f"the decision is {request.state}; there is nothing to ask again", remedy="Load it again.")
    _need_shown(request.release, shown)
    _need_open(request.release)
    renew(request)
    if note.strip():
        request.note = note.strip()
        request.save(update_fields=["note"])
    settle(request)
    _told(actor, "decision.renewed", request)
    return request


def renew(request: DecisionRequest) -> None:
    """Begin a round about what is shown now; the caller records it."""
    request.round += 1
    request.state = RequestState.OPEN
    request.shown_digest = request.release.shown_digest
    request.tier = request.release.tier
    request.conditions, request.decided_at, request.reopened_reason, request.blocked = [], None, "", False
    request.due = due_of(request.release)
    request.revision += 1
    request.save()


@transaction.atomic
def withdraw_request(actor: Actor, pk: int, *, reason: str, revision: int | None = None) -> DecisionRequest:
    """Take a request back before it is decided."""
    request = seen_request(actor, pk)
    actor.need_on(Permission.DECISION_REQUEST, request.release.system)
    if revision is not None:
        same_revision(request, revision)
    if request.state not in UNDECIDED:
        raise Conflict(f"the decision is {request.state} and cannot be withdrawn", remedy="Load it again.")
    before = request.state
    request.state = RequestState.WITHDRAWN
    request.revision += 1
    request.save(update_fields=["state", "revision"])
    settle(request)
    _told(actor, "decision.withdrawn", request, before={"state": before}, reason=need_words(reason, "reason"))
    return request


@transaction.atomic
def recommend(actor: Actor, pk: int, *, text: str, revision: int | None = None) -> DecisionRequest:
    """Recommend what to decide, as responsible AI; it decides nothing. Nobody recommends their own request."""
    request = seen_request(actor, pk)
    system = request.release.system
    actor.need_on(Permission.DECISION_SIGN, system)
    if actor.token_id is not None or not any(actor.holds_role(role, system) for role in RECOMMENDING):
        raise Refused(
            f"a recommendation is given by a person as {' or '.join(RECOMMENDING)}",
            remedy="Ask somebody who holds the role.",
            action="decision.recommend_refused",
            system=system.slug,
        )
    if actor.user_id in owners_of(request.release) | {request.requested_by_id}:
        raise Refused(
            "nobody recommends their own request",
            remedy="Ask a colleague of responsible AI.",
            action="decision.recommend_refused",
            system=system.slug,
        )
    if revision is not None:
        same_revision(request, revision)
    if request.state not in UNDECIDED:
        raise Conflict(f"the decision is {request.state}; a recommendation comes before it", remedy="Load it again.")
    request.recommendation = need_words(text, "recommendation")
    request.recommended_by_id, request.recommended_at = actor.user_id, timezone.now()
    request.revision += 1
    request.save(update_fields=["recommendation", "recommended_by", "recommended_at", "revision"])
    _told(actor, "decision.recommended", request, after={"recommendation": request.recommendation})
    return request


def need_words(text: str, what: str) -> str:
    """Return a text without white space around it; raises InputError when nothing is left."""
    if not text.strip():
        raise InputError(f"the {what} is missing", remedy="Write at least a sentence; others rely on it later.")
    return text.strip()


def _need_shown(release: Release, shown: str) -> None:
    if shown != release.shown_digest:
        raise Stale(
            f"you were shown {shown[:12]}; what is shown of the release now is {release.shown_digest[:12]}",
            remedy="Load the page again, and look at what changed.",
            action=REFUSED,
            system=release.system.slug,
        )


def _need_open(release: Release) -> None:
    if release.stale:
        raise Conflict(f"the verdict no longer counts: {release.stale}", remedy="Push a new bundle.")
    if not release.current or release.state in {ReleaseState.SUPERSEDED, ReleaseState.WITHDRAWN}:
        raise Conflict("a newer release has taken its place", remedy="Ask for a decision on the newest one.")


def _environments(given: Sequence[str]) -> list[str]:
    wanted = sorted({one.strip() for one in given if one.strip()})
    bad = [one for one in wanted if not ENVIRONMENT.fullmatch(one)]
    if not wanted or bad or len(wanted) > _MOST:
        raise InputError(
            f"{bad[0][:40]!r} is no environment" if bad else f"name between 1 and {_MOST} environments",
            remedy="Write, for example, prod: letters, digits, dots, dashes and underlines.",
        )
    return wanted


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise Refused("a request is made by a person, or by their token", remedy="Sign in.", action=REFUSED)
    return actor.user_id


def _told(actor: Actor, event: str, request: DecisionRequest, **said: object) -> None:
    detail = {"round": request.round, "shown": request.shown_digest, "environments": request.environments}
    record(actor, event, request.subject, row=request, people=concerned(request), **detail, **said)  # type: ignore[arg-type]
