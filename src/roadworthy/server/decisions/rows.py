"""Rows with what their pages and operations show, in one query each."""

from __future__ import annotations

from django.db.models import QuerySet

from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest
from roadworthy.server.releases.models import Release


def releases() -> QuerySet[Release]:
    """Return releases."""
    rows = Release.objects.select_related("system__product_line", "standard")
    return rows.defer("standard__content", "standard__layer")


def requests_shown() -> QuerySet[DecisionRequest]:
    """Return requests."""
    rows = DecisionRequest.objects.select_related("release__system__product_line", "release__standard")
    people = rows.select_related("requested_by", "recommended_by")
    return people.defer("release__standard__content", "release__standard__layer")


def exceptions_shown() -> QuerySet[ExceptionRequest]:
    """Return exceptions."""
    return ExceptionRequest.objects.select_related("system__product_line", "release", "requested_by", "decided_by")
