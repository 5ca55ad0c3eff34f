"""What the server says of itself: its configuration, types of resources, schemas; and how much it tolerates."""

from __future__ import annotations

from functools import cache
from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    Meta,
    Pagination,
    Patch,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)

from roadworthy.server.accounts.scim.schemas import EnterpriseUser, Group, Person, User
from roadworthy.server.configuration import configuration

MOST = 200
"""Resources on a page."""
USUAL = 100
"""Resources on a page when the client does not say."""
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Attributes that are not kept pass by; the operations of PATCH are read as Microsoft Entra ID means them."""
RESOURCE_TYPES = (ResourceType.from_resource(Person), ResourceType.from_resource(Group))
PROVIDER = ScimProvider([User, EnterpriseUser, Group], RESOURCE_TYPES, policy=POLICY)


def base() -> str:
    """Return the address that is entered at the identity provider."""
    return f"{configuration().base_url.rstrip('/')}/scim/v2"


def location(*parts: str) -> str:
    """Return the address of a resource."""
    return "/".join((base(), *parts))


@cache
def _config() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        pagination=Pagination(cursor=False, index=True, default_page_size=USUAL, max_page_size=MOST),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="API token",
                description="A token of this server with the permission scim.manage",
                primary=True,
            )
        ],
    )


def service_provider_config() -> dict[str, Any]:
    """Return what the server can do."""
    return _shown(_config(), "ServiceProviderConfig")


def resource_types() -> dict[str, dict[str, Any]]:
    """Return the types of resources, by id."""
    return {str(one.name): _shown(one, "ResourceTypes", str(one.name)) for one in RESOURCE_TYPES}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas, by id."""
    return {str(one.id): _shown(one, "Schemas", str(one.id)) for one in PROVIDER.schemas}


def _shown(resource: Resource[Any], *parts: str) -> dict[str, Any]:
    kinds = {Schema: "Schema", ResourceType: "ResourceType", ServiceProviderConfig: "ServiceProviderConfig"}
    meta = Meta(resource_type=kinds[type(resource)], location=location(*parts))
    return resource.model_copy(update={"meta": meta}).model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
