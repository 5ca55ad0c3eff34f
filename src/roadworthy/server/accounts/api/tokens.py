"""Tokens over the API."""

from __future__ import annotations

from typing import Any

from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import tokens
from roadworthy.server.accounts.models import ApiToken
from roadworthy.server.accounts.places import name_systems, system_key
from roadworthy.server.accounts.schemas import Key, MadeTokenOut, TokenIn, TokenOut
from roadworthy.server.wire.paging import Page, Paging, paged

router = Router(tags=["Tokens"])


@router.get("/tokens", response=Page[TokenOut], url_name="tokens", operation_id="list_tokens", summary="List tokens")
def list_tokens(request: Request, paging: Query[Paging], everybody: bool = False) -> dict[str, Any]:
    """List your tokens, newest first; a token sees itself only, and who manages accounts may see everybody's."""
    actor = request.actor
    rows = ApiToken.objects.all()
    if everybody:
        actor.need(Permission.ACCOUNT_MANAGE)
    elif actor.token_id is not None:
        rows = rows.filter(pk=actor.token_id)
    else:
        rows = rows.filter(user=actor.person)
    page = paged(rows, paging)
    return {**page, "items": name_systems(page["items"])}


@router.post(
    "/tokens", response={201: MadeTokenOut}, url_name="tokens", operation_id="make_token", summary="Make a token"
)
def make_token(request: Request, given: TokenIn) -> Status[Any]:
    """Make a token with some of your own permissions, until a day within a year; a token makes none."""
    system = system_key(given.system) if given.system else None
    row, secret = tokens.make_token(request.actor, given.name, set(given.permissions), given.expires_at, system)
    return Status(201, {"token": name_systems([row])[0], "secret": secret})


@router.delete(
    "/tokens/{token}", response={204: None}, url_name="token", operation_id="revoke_token", summary="Revoke a token"
)
def revoke_token(request: Request, token: Path[Key]) -> Status[None]:
    """End a token now: your own, or anybody's for who manages accounts. A token can end itself."""
    tokens.revoke_token(request.actor, token)
    return Status(204, None)
