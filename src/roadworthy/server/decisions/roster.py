"""Who holds which role on a system, as the domain asks for it: grants, delegations, and what was checked when signing.

People are named by their primary key: two people may bear one name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Q

from roadworthy.decide.roster import Delegation as Lent
from roadworthy.decide.roster import Grant as Held
from roadworthy.decide.roster import Roster
from roadworthy.server.accounts.models import Delegation, Grant
from roadworthy.server.accounts.places import units_above
from roadworthy.server.decisions.models import Signature

MOMENT = timedelta(microseconds=1)


def roster_on(system: Any, roles: Iterable[str], signed: Iterable[Signature] = ()) -> Roster:
    """Return who holds these roles on a system now, and held them when they signed. Inactive people hold none.

    Grants are rows that go when a role is taken away. That who signed held the role then was checked in the
    transaction in which their signature was stored, so the signature itself bears witness to it.
    """
    wanted, signatures = list(roles), list(signed)
    return Roster(
        (*_grants(system, wanted), *(_witnessed(one) for one in signatures)),
        (*_delegations(wanted), *(_lent(one) for one in signatures if one.on_behalf_of_id)),
    )


def _grants(system: Any, roles: list[str]) -> list[Held]:
    rows = Grant.objects.filter(_reaching(system), role__slug__in=roles)
    own = rows.filter(user__is_active=True).values_list("user_id", "role__slug", "created_at")
    through = rows.filter(group__members__is_active=True).values_list("group__members", "role__slug", "created_at")
    return [Held(str(person), role, since) for person, role, since in [*own, *through]]


def _reaching(system: Any) -> Q:
    reached = Q(system_id=system.pk) | Q(system_id=None, product_line=None, unit=None)
    if system.product_line_id is not None:
        reached |= Q(system_id=None, product_line=system.product_line_id)
    if above := units_above(system.unit_id):
        reached |= Q(system_id=None, product_line=None, unit__in=above)
    return reached


def _delegations(roles: list[str]) -> list[Lent]:
    rows = Delegation.objects.filter(role__slug__in=roles, giver__is_active=True, receiver__is_active=True)
    return [
        Lent(
            str(row.giver_id),
            str(row.receiver_id),
            row.role.slug,
            row.starts,
            min(row.ends, row.revoked_at) if row.revoked_at else row.ends,
        )
        for row in rows.select_related("role")
    ]


def _witnessed(row: Signature) -> Held:
    return Held(str(row.on_behalf_of_id or row.user_id), row.role, row.at, row.at + MOMENT)


def _lent(row: Signature) -> Lent:
    return Lent(str(row.on_behalf_of_id), str(row.user_id), row.role, row.at, row.at + MOMENT)
