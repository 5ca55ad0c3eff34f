"""Keys that may seal bundles, over the API."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query, Router, Status

from roadworthy.server.access.request import Request
from roadworthy.server.releases.keys import keys_seen, revoke_key, trust_key
from roadworthy.server.releases.models import TrustedKey
from roadworthy.server.releases.schemas import KeyIn, KeyOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems

router = Router(tags=["Keys"])
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the key.")]


@router.get(
    "/keys", response=Page[KeyOut], url_name="keys", operation_id="list_keys", summary="List keys that may seal bundles"
)
def list_keys(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the keys of build pipelines and teams, revoked ones included, newest first."""
    return paged(keys_seen(request.actor), paging)


@router.post(
    "/keys",
    response={201: KeyOut, **problems(404, 409)},
    url_name="keys",
    operation_id="trust_key",
    summary="Enter a key that may seal bundles",
)
def enter_key(request: Request, given: KeyIn) -> Any:
    """Enter a public key, for every system or for one."""
    return Status(201, trust_key(request.actor, key=given.key, name=given.name, system=given.system))


@router.delete(
    "/keys/{key}",
    response={200: KeyOut, **problems(404)},
    url_name="key",
    operation_id="revoke_key",
    summary="Revoke a key",
)
def revoke(request: Request, key: Id) -> TrustedKey:
    """Revoke a key: what it sealed stays as it is, nothing new is received from it. It stays in the list."""
    return revoke_key(request.actor, key)
