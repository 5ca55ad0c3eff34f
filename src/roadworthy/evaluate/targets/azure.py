"""Azure OpenAI: the protocols of OpenAI at a deployment, by its own addresses, keys and content filter.

Source: Azure OpenAI REST API reference (data plane, inference; and the v1 API), "Content filtering".
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from pydantic import model_validator

from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.targets.chat import Chat, Endpoint, key_of
from roadworthy.evaluate.targets.openai import PATHS, OpenAIProtocol
from roadworthy.evaluate.targets.refusals import nested, parsed
from roadworthy.evaluate.targets.spec import Given
from roadworthy.evaluate.targets.wire import Refused, credentials

FILTERED = "content_filter"


class AzureOpenAITarget(OpenAIProtocol):
    """A deployment of Azure OpenAI. A prompt that its content filter blocks is an empty answer that says so."""

    kind: Literal["azure-openai"]
    endpoint: str
    """For example https://NAME.openai.azure.com; may hold ${ENV}."""
    deployment: str
    """Name of the deployment; may hold ${ENV}."""
    api_version: str | None = None
    """For example 2024-10-21. Without it the v1 API is asked, which has no dated versions."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key."""
    token_env: str | None = None
    """Name of the environment variable that holds a token of Entra ID, instead of a key."""

    @model_validator(mode="after")
    def _one_way_in(self) -> AzureOpenAITarget:
        if (self.api_key_env is None) == (self.token_env is None):
            raise ValueError("give either 'api_key_env' or 'token_env'")
        return self

    def bind(self, given: Given) -> Chat:
        """Get ready to ask."""
        deployment = expand(self.deployment, given.place)
        key = key_of(self.api_key_env, given.place)
        token = key_of(self.token_env, given.place)
        let_in = {"api-key": key} if key else {"Authorization": f"Bearer {token}"}
        url = self._url(expand(self.endpoint, given.place).rstrip("/"), deployment)
        where = {"endpoint": self.endpoint, "deployment": deployment, "api_version": self.api_version}
        return Chat(
            name={"kind": "azure-openai", **where, **self.how()},
            dialect=self.dialect(deployment),
            endpoint=Endpoint(
                url,
                {"Content-Type": "application/json", **let_in},
                frozenset([key, token]) | credentials(url),
                self.api_key_env or self.token_env or "",
                filtered=blocked,
            ),
            given=given,
            extra=self.extra,
            stream=self.stream,
        )

    def _url(self, endpoint: str, deployment: str) -> str:
        path = PATHS[self.api]
        if self.api_version is None:
            return f"{endpoint}/openai/v1{path}"
        inside = f"/deployments/{quote(deployment, safe='')}" if self.api == "chat" else ""
        return f"{endpoint}/openai{inside}{path}?api-version={quote(self.api_version, safe='')}"


def blocked(refused: Refused) -> Reply | None:
    """Read the refusal of a prompt by the content filter: an answer without text. None for other refusals."""
    code = nested(parsed(refused.content), "error", "code")
    return Reply(text="", finish=FILTERED) if refused.status == 400 and code == FILTERED else None
