"""The standard over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema, Status

from roadworthy.decide.standard_diff import compare_standards
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.standards.draft import edit_draft, find_version, set_threshold, start_draft, take_back, withdraw
from roadworthy.server.standards.impact import IMPACT_SOURCES, ask_preview, latest_preview, visible_rows
from roadworthy.server.standards.in_force import in_force, in_force_version, loaded, loaded_content
from roadworthy.server.standards.layer import load_layer, run_tests, zipped
from roadworthy.server.standards.models import ImpactPreview, StandardApproval, StandardVersion
from roadworthy.server.standards.publish import decide, propose, publish
from roadworthy.server.standards.schemas import (
    ApprovalIn,
    ApprovalOut,
    ControlOut,
    CoverageOut,
    DraftIn,
    ItemChangeOut,
    LayerIn,
    PolicyTestOut,
    PreviewOut,
    ProposalIn,
    ReasonIn,
    StandardOut,
    StandardPk,
    StandardWhole,
    ThresholdIn,
    preview_value,
)
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag
from roadworthy.standard.coverage import Covered, FrameworkCoverage, coverage_of

router = Router(tags=["Standards"])


class ItemChanges(Schema):
    """What differs from the version below."""

    items: list[ItemChangeOut]


class PolicyTests(Schema):
    """The policy tests of a version."""

    items: list[PolicyTestOut]


class Controls(Schema):
    """The controls of the standard in force."""

    items: list[ControlOut]


class Coverages(Schema):
    """The coverage of every framework."""

    items: list[CoverageOut]


@router.get("/standards", response=Page[StandardOut], url_name="standards", summary="List versions of the standard")
def list_standards(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List drafts, proposals and published versions, newest first."""
    del request
    return paged(StandardVersion.objects.select_related("created_by").defer("content", "layer"), paging)


@router.post("/standards", response={201: StandardWhole}, url_name="standards", summary="Begin a draft")
def begin_draft(request: Request, response: HttpResponse, given: DraftIn) -> Any:
    """Begin a draft of the next version from the standard in force."""
    row = start_draft(request.actor, given.note)
    tag(response, row)
    return Status(201, row)


@router.get(
    "/standards/in-force", response=StandardWhole, url_name="standard_in_force", summary="Show the standard in force"
)
def show_in_force(request: Request, response: HttpResponse) -> StandardVersion:
    """Show the version that judges now."""
    row = find_version(request.actor, in_force_version().pk)
    tag(response, row)
    return row


@router.get("/standards/{pk}", response=StandardWhole, url_name="standard", summary="Show a version")
def show_standard(request: Request, response: HttpResponse, pk: StandardPk) -> StandardVersion:
    """Show a version with its content."""
    row = find_version(request.actor, pk)
    tag(response, row)
    return row


@router.put("/standards/{pk}", response=StandardWhole, url_name="standard", summary="Change a draft")
def change_draft(request: Request, response: HttpResponse, pk: StandardPk, given: LayerIn) -> StandardVersion:
    """Replace the files of a draft; what cannot be loaded is answered with file, line and cause, and is not kept."""
    row = edit_draft(request.actor, pk, asked_revision(request), given.layer, given.note)
    tag(response, row)
    return row


@router.post(
    "/standards/{pk}/threshold", response=StandardWhole, url_name="standard_threshold", summary="Set a threshold"
)
def change_threshold(request: Request, response: HttpResponse, pk: StandardPk, given: ThresholdIn) -> StandardVersion:
    """Set the threshold and the confidence of a requirement at a tier, in a draft."""
    row = set_threshold(request.actor, pk, asked_revision(request), **given.dict())
    tag(response, row)
    return row


@router.get("/standards/{pk}/layer.zip", url_name="standard_layer", summary="Download the layer")
def layer(request: Request, pk: StandardPk) -> HttpResponse:
    """Return the organisation's layer as a directory in a zip, which a project names under `standard:`."""
    row = find_version(request.actor, pk)
    if not row.layer:
        raise Missing(f"{row} is the one that ships with Roadworthy", remedy="Projects use it without a layer.")
    return HttpResponse(zipped(row.layer, f"{row.standard}-{row.version}"), content_type="application/zip")


@router.get("/standards/{pk}/changes", response=ItemChanges, url_name="standard_changes", summary="Compare with base")
def show_changes(request: Request, pk: StandardPk) -> dict[str, Any]:
    """Say what differs from the version that it changes."""
    row = find_version(request.actor, pk)
    if row.base is None:
        return {"items": []}
    old, new = loaded(row.base), loaded_content(row.content, row.digest)
    return {"items": compare_standards(old, new)}


@router.get("/standards/{pk}/tests", response=PolicyTests, url_name="standard_tests", summary="Run the policy tests")
def show_tests(request: Request, pk: StandardPk) -> dict[str, Any]:
    """Run the policy tests of the default standard and of the layer under this version."""
    row = find_version(request.actor, pk)
    standard = load_layer(row.layer) if row.layer else loaded_content(row.content, row.digest)
    results = run_tests(standard, row.layer)
    told = [{"test": r.test, "file": str(r.file), "passed": r.passed, "failures": list(r.failures)} for r in results]
    return {"items": told}


@router.get("/standards/{pk}/impact", response=PreviewOut, url_name="standard_impact", summary="Show the preview")
def show_impact(request: Request, pk: StandardPk) -> dict[str, Any]:
    """Show what the draft would change for systems and releases, as far as it was computed."""
    row = find_version(request.actor, pk)
    preview = latest_preview(row)
    if preview is None:
        raise Missing("no preview of this content was asked for", remedy="POST to this address.")
    return _preview(request, preview)


@router.post(
    "/standards/{pk}/impact", response={201: PreviewOut}, url_name="standard_impact", summary="Ask for a preview"
)
def ask_impact(request: Request, pk: StandardPk) -> Any:
    """Compute what the draft would change; with much to look at, in the background."""
    return Status(201, _preview(request, ask_preview(request.actor, pk)))


@router.post("/standards/{pk}/propose", response=StandardWhole, url_name="standard_propose", summary="Propose a draft")
def propose_draft(request: Request, response: HttpResponse, pk: StandardPk, given: ProposalIn) -> StandardVersion:
    """Ask those whom the standard in force names for approval."""
    row = propose(request.actor, pk, asked_revision(request), **given.dict())
    tag(response, row)
    return row


@router.post("/standards/{pk}/take-back", response=StandardWhole, url_name="standard_take_back", summary="Take it back")
def take_back_proposal(request: Request, response: HttpResponse, pk: StandardPk) -> StandardVersion:
    """Make a proposal a draft again."""
    row = take_back(request.actor, pk, asked_revision(request))
    tag(response, row)
    return row


@router.post("/standards/{pk}/withdraw", response=StandardWhole, url_name="standard_withdraw", summary="Withdraw it")
def withdraw_draft(request: Request, response: HttpResponse, pk: StandardPk, given: ReasonIn) -> StandardVersion:
    """Give up a draft or a proposal."""
    row = withdraw(request.actor, pk, asked_revision(request), given.reason)
    tag(response, row)
    return row


@router.get(
    "/standards/{pk}/approvals", response=Page[ApprovalOut], url_name="standard_approvals", summary="List decisions"
)
def list_approvals(request: Request, pk: StandardPk, paging: Query[Paging]) -> dict[str, Any]:
    """List what people decided about a proposal, newest first."""
    return paged(find_version(request.actor, pk).approvals.select_related("user"), paging)


@router.post(
    "/standards/{pk}/approvals", response={201: ApprovalOut}, url_name="standard_approvals", summary="Decide about it"
)
def decide_about(request: Request, pk: StandardPk, given: ApprovalIn) -> Any:
    """Approve, reject or ask for changes, in a role that the standard in force names; tokens cannot."""
    row: StandardApproval = decide(request.actor, pk, **given.dict())
    return Status(201, row)


@router.post("/standards/{pk}/publish", response=StandardWhole, url_name="standard_publish", summary="Publish it")
def publish_version(request: Request, response: HttpResponse, pk: StandardPk) -> StandardVersion:
    """Publish what was approved; it never changes from then on."""
    row = publish(request.actor, pk, asked_revision(request))
    tag(response, row)
    return row


@router.get("/controls", response=Controls, url_name="controls", summary="List controls")
def list_controls(request: Request) -> dict[str, Any]:
    """List the controls of the standard in force, with the requirements that show each."""
    del request
    standard = in_force().standard
    told = [
        {
            **control.model_dump(mode="json"),
            "requirements": [item.id for item in standard.requirements if item.control == control.id],
        }
        for control in standard.controls
    ]
    return {"items": told}


@router.get("/coverage", response=Coverages, url_name="coverage", summary="Show the coverage of frameworks")
def show_coverage(request: Request) -> dict[str, Any]:
    """Show which items of each framework something is mapped to, and which are gaps."""
    del request
    return {"items": [_coverage(found) for found in coverage_of(in_force().standard)]}


def _coverage(found: FrameworkCoverage) -> dict[str, Any]:
    return {
        "framework": found.framework.id,
        "version": found.framework.version,
        "name": found.framework.name,
        "items": len(found.items),
        "covered": [_covered(item) for item in found.covered],
        "gaps": [_covered(item) for item in found.gaps],
    }


def _covered(found: Covered) -> dict[str, Any]:
    return {"id": found.item.id, "title": found.item.title, "owners": [f"{o.kind} {o.id}" for o in found.owners]}


def _preview(request: Request, preview: ImpactPreview) -> dict[str, Any]:
    sources = {
        name: {**found, "rows": visible_rows(request.actor, preview, name)}
        for name, found in preview.result.items()
        if name in IMPACT_SOURCES
    }
    return preview_value(preview, sources)
