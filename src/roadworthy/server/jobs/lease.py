"""Leases: one holder at a time, for a while. Taken and renewed by compare and swap, so that two can never hold one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from roadworthy.server.jobs.models import Lease


def take(name: str, holder: str, moment: datetime, lasts: timedelta) -> bool:
    """Take or renew a lease at `moment`; False while another holds it."""
    until = moment + lasts
    free = Q(holder=holder) | Q(until__lte=moment)
    if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
        return True
    try:
        with transaction.atomic():
            _, made = Lease.objects.get_or_create(name=name, defaults={"holder": holder, "until": until})
    except IntegrityError:
        return False
    return made


def give_back(name: str, holder: str) -> None:
    """End a lease that one holds."""
    Lease.objects.filter(name=name, holder=holder).delete()


def is_held(name: str, moment: datetime) -> bool:
    """Tell whether somebody holds a lease."""
    return Lease.objects.filter(name=name, until__gt=moment).exists()
