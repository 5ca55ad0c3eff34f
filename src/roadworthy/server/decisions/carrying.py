"""What people signed for a system before is brought to a release that was pushed since."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import Event
from roadworthy.server.decisions.governance import refresh_governance
from roadworthy.server.decisions.judging import judge_again
from roadworthy.server.decisions.locks import lock_release
from roadworthy.server.decisions.records import records_for
from roadworthy.server.decisions.tiers import carry_tier
from roadworthy.server.releases.models import Release


def received(event: Event) -> None:
    """Hear of a new release: what people signed for its system before is added, once it is there for good."""
    release: Release = event.row
    transaction.on_commit(partial(carry, release.pk, release.system_id), robust=True)


@transaction.atomic
def carry(release_pk: int, system_pk: int) -> bool:
    """Judge a new release with what people signed here before, if there is anything; tell whether there was."""
    release = lock_release(release_pk, system_pk)
    refresh_governance(release.system)
    if not release.current or release.resealed_id:
        return False
    carry_tier(server_actor(), release)
    release = lock_release(release_pk, system_pk)
    if release.resealed_id or not records_for(release):
        return False
    judge_again(server_actor(), release, "What people signed here before was added.")
    return True
