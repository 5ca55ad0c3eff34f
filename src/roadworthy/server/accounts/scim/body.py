"""Bodies of requests, read as the models; well-known shapes of providers are brought into that of the RFC first."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from scim2_models import Context, InvalidSyntaxException, InvalidValueException, PatchOp, SCIMException, SearchRequest

from roadworthy.server.accounts.scim.description import POLICY
from roadworthy.server.accounts.scim.kinds import USERS, Kind
from roadworthy.server.accounts.scim.user_resource import worked_out

MEDIA = ("application/scim+json", "application/json")
MOST_OPERATIONS = 1000


class UnsupportedMedia(SCIMException):
    """The body is of another type than SCIM (415)."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def whole(request: HttpRequest, kind: Kind, context: Context) -> Any:
    """Return the resource that a request sends."""
    content = _object(request)
    if kind is USERS:
        _complete(content)
    return kind.model.model_validate(content, scim_ctx=context, scim_policy=POLICY)


def patch(request: HttpRequest, kind: Kind) -> Any:
    """Return the operations that a request sends, as `PatchOp`."""
    content = _object(request)
    operations = content.get(_key(content, "Operations"))
    if isinstance(operations, list) and len(operations) > MOST_OPERATIONS:
        raise InvalidValueException(detail=f"at most {MOST_OPERATIONS} operations are taken at once")
    for operation in operations if isinstance(operations, list) else []:
        _without_null_references(operation)
    return PatchOp[kind.model].model_validate(  # type: ignore[name-defined]
        content, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY
    )


def query(request: HttpRequest, model: Any) -> Any:
    """Return what the parameters of an address ask for."""
    return SearchRequest[model].model_validate(request.GET.dict(), scim_policy=POLICY)


def search_request(request: HttpRequest, model: Any) -> Any:
    """Return what a body asks for."""
    return SearchRequest[model].model_validate(_object(request), scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY)


def _object(request: HttpRequest) -> dict[str, Any]:
    if request.content_type not in MEDIA:
        raise UnsupportedMedia(detail=f"a body is {MEDIA[0]}")
    try:
        content = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="the body is no JSON") from error
    if not isinstance(content, dict):
        raise InvalidSyntaxException(detail="the body is no JSON object")
    return content


def _key(content: dict[str, Any], name: str) -> str:
    """Return an attribute's name as it was spelled; names are compared without regard to case."""
    return next((key for key in content if key.lower() == name.lower()), name)


def _complete(content: dict[str, Any]) -> None:
    """Add what many providers leave out: people are active, and a userName that is an address is theirs."""
    active = _key(content, "active")
    if content.get(active) is None:
        content[active] = True
    name, emails = content.get(_key(content, "userName")), _key(content, "emails")
    if not content.get(emails) and isinstance(name, str):
        content[emails] = worked_out(name)


def _without_null_references(operation: Any) -> None:
    """Take `"$ref": null` out of values, which Microsoft Entra ID sends beside the ids of members."""
    value = operation.get(_key(operation, "value")) if isinstance(operation, dict) else None
    for one in value if isinstance(value, list) else []:
        if isinstance(one, dict) and one.get("$ref", "") is None:
            del one["$ref"]
