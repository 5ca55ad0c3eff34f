"""What the deliveries need now and then."""

from __future__ import annotations

from datetime import datetime, timedelta

from roadworthy.server.configuration import configuration
from roadworthy.server.webhooks.models import Delivery, DeliveryState
from roadworthy.server.webhooks.sending import CLAIM
from roadworthy.server.webhooks.tasks import deliver


def sweep(moment: datetime) -> str:
    """Queue deliveries that nobody tries any more, and remove those that finished long ago."""
    late = Delivery.objects.filter(state=DeliveryState.WAITING, next_at__lt=moment - CLAIM)
    pks = list(late.values_list("pk", flat=True)[:1000])
    for pk in pks:
        deliver.enqueue(pk)
    edge = moment - timedelta(days=configuration().retention_days)
    gone, _ = Delivery.objects.exclude(state=DeliveryState.WAITING).filter(done_at__lt=edge).delete()
    return f"{len(pks)} deliveries queued anew, {gone} removed"
