"""Authority and vendor changes over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.decisions.models import AuthorityRule, VendorChange
from roadworthy.server.decisions.reopening import vendor_changed
from roadworthy.server.decisions.rule_changes import RuleTerms, add_rule, change_rule, remove_rule
from roadworthy.server.decisions.schemas import Key, RuleIn, RuleOut, VendorChangeIn, VendorChangeOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Authority"])


@router.get(
    "/authority-rules",
    response=Page[RuleOut],
    url_name="authority_rules",
    operation_id="list_authority_rules",
    summary="List who may sign what",
)
def list_rules(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the rules of authority, oldest first. Every rule that applies must be satisfied."""
    return paged(AuthorityRule.objects.select_related("unit"), paging, newest_first=False)


@router.post(
    "/authority-rules",
    response={201: RuleOut},
    url_name="authority_rules",
    operation_id="add_authority_rule",
    summary="Add a rule of authority",
)
def add(request: Request, response: HttpResponse, given: RuleIn) -> Any:
    """Add a rule. It applies to open requests too, and undoes nothing that was decided."""
    row = add_rule(request.actor, _terms(given))
    tag(response, row)
    return Status(201, row)


@router.get(
    "/authority-rules/{rule}",
    response=RuleOut,
    url_name="authority_rule",
    operation_id="show_authority_rule",
    summary="Show a rule of authority",
)
def show_rule(request: Request, response: HttpResponse, rule: Path[Key]) -> AuthorityRule:
    """Show one rule; its ETag is what a change of it must name."""
    row = AuthorityRule.objects.select_related("unit").filter(pk=rule).first()
    if row is None:
        raise Missing("there is no such rule of authority", remedy="Check the address.")
    tag(response, row)
    return row


@router.put(
    "/authority-rules/{rule}",
    response=RuleOut,
    url_name="authority_rule",
    operation_id="change_authority_rule",
    summary="Change a rule of authority",
    openapi_extra=IF_MATCH,
)
def change(request: Request, response: HttpResponse, rule: Path[Key], given: RuleIn) -> AuthorityRule:
    """Change a rule."""
    row = change_rule(request.actor, rule, _terms(given), revision=asked_revision(request))
    tag(response, row)
    return row


@router.delete(
    "/authority-rules/{rule}",
    response={204: None},
    url_name="authority_rule",
    operation_id="remove_authority_rule",
    summary="Remove a rule of authority",
    openapi_extra=IF_MATCH,
)
def remove(request: Request, rule: Path[Key]) -> Any:
    """Remove a rule. Where none is left for an action and tier, nobody may approve it."""
    remove_rule(request.actor, rule, revision=asked_revision(request))
    return Status(204, None)


@router.get(
    "/vendor-changes",
    response=Page[VendorChangeOut],
    url_name="vendor_changes",
    operation_id="list_vendor_changes",
    summary="List changes of vendors",
)
def list_vendor_changes(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List what vendors changed, newest first."""
    return paged(VendorChange.objects.select_related("reported_by"), paging)


@router.post(
    "/vendor-changes",
    response={201: VendorChangeOut},
    url_name="vendor_changes",
    operation_id="report_vendor_change",
    summary="Report a change of a vendor",
)
def report_vendor_change(request: Request, given: VendorChangeIn) -> Any:
    """Report that a vendor changed what it supplies. Verdicts on systems that use it no longer count."""
    return Status(201, vendor_changed(request.actor, given.vendor, given.note, given.model))


def _terms(given: RuleIn) -> RuleTerms:
    return RuleTerms(str(given.action), given.roles, given.tiers, given.environments, given.quorum, given.unit)
