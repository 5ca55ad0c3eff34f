"""Finding resources: filter, order and page, with a number of queries that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from scim2_models import Context, SearchRequest

from roadworthy.server.accounts.scim.condition import EXTENSION, condition, named
from roadworthy.server.accounts.scim.description import MOST, USUAL
from roadworthy.server.accounts.scim.kinds import Kind

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def search(asked: SearchRequest[Any], kinds: Sequence[Kind]) -> dict[str, Any]:
    """Return a page of the resources that a request asks for, those of the first kind first."""
    start, count = asked.start_index or 1, USUAL if asked.count is None else max(0, min(asked.count, MOST))
    resources: list[dict[str, Any]] = []
    total, skip = 0, start - 1
    for kind in kinds:
        rows = _found(asked, kind)
        here = rows.count()
        total += here
        if (wanted := count - len(resources)) > 0 and skip < here:
            resources += [shown(kind, row, asked) for row in _ordered(rows, asked, kind)[skip : skip + wanted]]
        skip = max(0, skip - here)
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def shown(kind: Kind, row: Any, asked: Any) -> dict[str, Any]:
    """Return a row with the attributes that were asked for."""
    content: dict[str, Any] = kind.resource(row).model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked
    )
    return content


def wants_long(asked: Any, kind: Kind) -> bool:
    """Tell whether a request asks for the attribute of a kind that may be long."""
    if not kind.long:
        return True
    if asked.attributes:
        return any(_heads(path, kind.long) for path in asked.attributes)
    return kind.long not in {_last(path) for path in asked.excluded_attributes or []}


def _heads(path: Any, name: str) -> bool:
    return _last(path).split(".")[0] == name


def _last(path: Any) -> str:
    return str(path).rsplit(":", 1)[-1].lower()


def _found(asked: SearchRequest[Any], kind: Kind) -> QuerySet[Any]:
    return kind.rows(wants_long(asked, kind)).filter(condition(asked.filter, kind.model, kind.attributes))


def _ordered(rows: QuerySet[Any], asked: SearchRequest[Any], kind: Kind) -> QuerySet[Any]:
    """Order rows; what cannot be sorted by is passed over, as RFC 7644, section 3.4.2.3 allows."""
    binding = asked.sort_binding(kind.model) if asked.sort_by else None
    if binding is None:
        return rows.order_by("pk")
    attribute = kind.attributes.get(("" if binding.model is kind.model else EXTENSION) + named(binding))
    if attribute is None or not attribute.column:
        return rows.order_by("pk")
    if asked.sort_order == SearchRequest.SortOrder.descending:
        return rows.order_by(F(attribute.column).desc(nulls_first=True), "-pk")
    return rows.order_by(F(attribute.column).asc(nulls_last=True), "pk")
