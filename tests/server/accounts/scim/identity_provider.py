"""An identity provider for tests: sends requests of SCIM with a token, and says what it got."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
MEDIA = "application/scim+json"


class Answer:
    """An answer, with its JSON."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.content.decode()
        self.json = json.loads(self.text) if self.text else None

    def __repr__(self) -> str:
        return f"{self.status} {self.text}"


class IdentityProvider:
    """Sends requests as a provider does."""

    def __init__(self, secret: str) -> None:
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._client = Client(raise_request_exception=False)

    def ask(self, method: str, path: str, content: Any = None, /, *, media: str = MEDIA, **headers: str) -> Answer:
        sent: dict[str, Any] = {}
        if content is not None:
            data = content if isinstance(content, str | bytes) else json.dumps(content)
            sent = {"data": data, "content_type": media}
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Answer(self._client.generic(method, f"/scim/v2/{path}", headers={**self._headers, **named}, **sent))

    def find(self, kind: str, filter_: str = "", **parameters: Any) -> Answer:
        from urllib.parse import urlencode

        asked = {**({"filter": filter_} if filter_ else {}), **parameters}
        return self.ask("GET", f"{kind}?{urlencode(asked)}")

    def person(self, user_name: str = "", **said: Any) -> dict[str, Any]:
        """Provision somebody and return them."""
        name = user_name or f"{uuid4().hex[:12]}@example.com"
        answer = self.ask("POST", "Users", {"schemas": [CORE], "userName": name, **said})
        assert answer.status == 201, answer
        return answer.json

    def group(self, name: str = "", *people: dict[str, Any]) -> dict[str, Any]:
        """Provision a group and return it."""
        members = [{"value": one["id"]} for one in people]
        content = {"schemas": [CORE_GROUP], "displayName": name or uuid4().hex[:12], "members": members}
        answer = self.ask("POST", "Groups", content)
        assert answer.status == 201, answer
        return answer.json

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Answer:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)
