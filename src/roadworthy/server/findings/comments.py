"""The discussion of a finding: what people say stays as it was said; retracting it leaves a mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.documents.plain import one_line
from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.services import record
from roadworthy.server.findings.models import Comment
from roadworthy.server.findings.services import find, locked
from roadworthy.server.systems.models import System

LONGEST = 10_000
"""Characters of a comment."""
MOST_MENTIONS = 20
_TOLD = 300
"""Characters of a comment that its notice and its entry of the audit trail quote."""
_REFUSED = "finding.comment_retract_refused"
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
"""`@` and a mail address: `@ada@example.org`."""


@transaction.atomic
def comment(actor: Actor, pk: int, text: str) -> Comment:
    """Say something about a finding; its owner and whoever is mentioned are told.

    Raises InputError for no text, too long a one, and a mention of somebody who may not see the finding.
    """
    finding = locked(actor, pk, None)
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise InputError(f"a comment has from 1 to {LONGEST:,} characters", remedy="Write a shorter one.")
    mentioned = _mentioned(said, finding.system)
    row = Comment.objects.create(finding=finding, author_id=actor.person, text=said)
    row.mentions.set(mentioned)
    people = sorted({user.pk for user in mentioned} | ({finding.owner_id} if finding.owner_id else set()))
    told = {"comment": row.pk, "mentioned": [user.name for user in mentioned]}
    record(
        actor, "finding.commented", finding.subject, after=told, row=row, people=people, reason=one_line(said, _TOLD)
    )
    return row


@transaction.atomic
def retract(actor: Actor, pk: int, number: int) -> Comment:
    """Mark a comment of one's own as retracted; its text stays, since others may have answered it."""
    finding = locked(actor, pk, None)
    row = Comment.objects.filter(finding=finding, pk=number).select_for_update().first()
    if row is None:
        raise Missing("the finding has no such comment", remedy="Load it again.")
    if row.author_id != actor.user_id:
        raise Refused("only who wrote a comment retracts it", remedy="Answer it instead.", action=_REFUSED)
    if row.retracted_at is not None:
        raise Conflict("the comment is retracted", remedy="Load the finding again.")
    row.retracted_at = timezone.now()
    row.save(update_fields=["retracted_at"])
    record(actor, "finding.comment_retracted", finding.subject, after={"comment": row.pk}, row=row)
    return row


def comments_of(actor: Actor, pk: int) -> QuerySet[Comment]:
    """Return the comments on a finding that the actor may see, the first one first."""
    return Comment.objects.filter(finding=find(actor, pk)).select_related("author")


def _mentioned(text: str, system: System) -> Sequence[User]:
    """Return whom a text mentions; raises InputError for somebody who is not here or may not see the finding."""
    named = list(dict.fromkeys(found.lower() for found in _MENTION.findall(text)))
    if len(named) > MOST_MENTIONS:
        raise InputError(f"a comment mentions at most {MOST_MENTIONS} people", remedy="Mention those who can help.")
    known = {user.email.lower(): user for user in User.objects.filter(email__in=named, is_active=True)}
    for address in named:
        if address not in known or not _sees(known[address], system):
            remedy = "Mention somebody who may, or write the address without the @ before it."
            raise InputError(f"nobody with the address {address} may see this finding", remedy=remedy)
    return [known[address] for address in named]


def _sees(user: User, system: System) -> bool:
    reach = actor_of(user, Door.NONE).scope(Permission.FINDING_READ)
    return reach.reaches(system.pk, system.product_line_id, system.unit_id)
