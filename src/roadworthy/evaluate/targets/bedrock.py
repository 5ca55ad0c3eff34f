"""Amazon Bedrock's Converse API.

Source: Amazon Bedrock API reference, "Converse"; the service model that Amazon publishes with botocore.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.environment import expand, variable
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.chat import (
    Body,
    Chat,
    ChatTarget,
    Endpoint,
    ToolSchema,
    expecting,
    make_reply,
    outcome,
    system_apart,
)
from roadworthy.evaluate.targets.sigv4 import Credentials, sign
from roadworthy.evaluate.targets.spec import Given
from roadworthy.evaluate.targets.sse import Event
from roadworthy.evaluate.targets.wire import credentials
from roadworthy.evaluate.tool_call import ToolCall

_NAMES = {"temperature": "temperature", "top_p": "topP", "max_tokens": "maxTokens", "stop": "stopSequences"}
_INPUT = ("inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens")
_JSON = {"Content-Type": "application/json"}
_BEARER = "AWS_BEARER_TOKEN_BEDROCK"


class BedrockTarget(ChatTarget):
    """Converse at a region of Amazon Bedrock; credentials come from the environment variables of AWS only."""

    kind: Literal["bedrock"]
    model: str
    """Id or ARN of a model, a profile or a provisioned model; may hold ${ENV}."""
    region: str
    """For example eu-central-1; may hold ${ENV}."""
    base_url: str | None = None
    """Another address than that of the region, such as a private endpoint; may hold ${ENV}."""
    extra: dict[str, Any] = {}
    """Further keys of the request body, such as `guardrailConfig` or `additionalModelRequestFields`."""

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that it can send."""
        return frozenset(_NAMES)

    @property
    def system_first(self) -> bool:
        """Tell that system messages stand apart."""
        return True

    def bind(self, given: Given) -> Chat:
        """Get ready to ask. Raises InputError when the environment holds no credentials."""
        region = expand(self.region, given.place)
        model = expand(self.model, given.place)
        regional = f"https://bedrock-runtime.{region}.amazonaws.com"
        base = expand(self.base_url or regional, given.place)
        url = f"{base.rstrip('/')}/model/{quote(model, safe='-_.~')}/converse"
        name = {"kind": "bedrock", "model": model, "region": region}
        return Chat(
            name={**name, "base_url": self.base_url} if self.base_url else name,
            dialect=Converse(),
            endpoint=_endpoint(url, region, credentials(base), given.place),
            given=given,
            extra=self.extra,
            stream=False,
        )


def _endpoint(url: str, region: str, secrets: frozenset[str], place: Place | None) -> Endpoint:
    """Let the requests in by a bearer token of Bedrock, where there is one, else by signing them."""
    if token := os.environ.get(_BEARER):
        return Endpoint(url, {**_JSON, "Authorization": f"Bearer {token}"}, secrets | {token}, _BEARER)
    who = from_environment(place)

    def signed(body: bytes) -> dict[str, str]:
        # The true time, whatever clock a report is dated by: Amazon refuses a signature that is minutes off.
        moment = datetime.now(UTC)
        return sign("POST", url, _JSON, body, who, region=region, service="bedrock", moment=moment)

    secrets |= {who.secret, who.key_id, who.token or ""}
    return Endpoint(url, _JSON, secrets, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", signed)


def from_environment(place: Place | None) -> Credentials:
    """Read the credentials that the environment holds. Raises InputError when there are none."""
    try:
        who = (variable("AWS_ACCESS_KEY_ID", place), variable("AWS_SECRET_ACCESS_KEY", place))
    except InputError as error:
        remedy = f"Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or {_BEARER}."
        raise InputError(error.problem, place=place, remedy=remedy) from error
    return Credentials(*who, os.environ.get("AWS_SESSION_TOKEN") or None)


@dataclass(frozen=True)
class Converse:
    """Bodies of `POST /model/<model>/converse` and their answers."""

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation as the body of a request."""
        system, said = system_apart(messages)
        body: Body = {"messages": [{"role": m["role"], "content": [{"text": m["content"]}]} for m in said]}
        if system:
            body["system"] = [{"text": system}]
        if settings:
            body["inferenceConfig"] = {_NAMES[name]: value for name, value in settings.items()}
        return body

    def read(self, answer: Any) -> Reply:
        """Read an answer; `finish` is its stopReason. Tokens in include those of the prompt cache."""
        with expecting("output.message"):
            content, usage = answer["output"]["message"]["content"], answer.get("usage") or {}
            calls = [_call(block["toolUse"]) for block in content if "toolUse" in block]
            return make_reply(
                text="".join(block["text"] for block in content if "text" in block),
                finish=answer.get("stopReason"),
                tokens_in=sum(usage.get(key) or 0 for key in _INPUT) if usage else None,
                tokens_out=usage.get("outputTokens"),
                steps=calls or None,
            )

    def joined(self, events: Sequence[Event]) -> Any:  # noqa: ARG002
        """Refuse: Converse is asked for whole answers only."""
        raise TargetError("bedrock targets are not asked for streams")

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the key `toolConfig`."""
        told = ({"name": t.name, "description": t.description, "inputSchema": {"json": t.parameters}} for t in tools)
        return {"toolConfig": {"tools": [{"toolSpec": spec} for spec in told]}}

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request: the message goes back whole."""
        results = [
            {
                "toolResult": {
                    "toolUseId": call.call_id,
                    "content": [{"text": outcome(call)}],
                    "status": "success" if call.error is None else "error",
                }
            }
            for call in calls
        ]
        turns = [answer["output"]["message"], {"role": "user", "content": results}]
        return {**body, "messages": [*body["messages"], *turns]}


def _call(block: Any) -> dict[str, Any]:
    return {"name": block["name"], "arguments": block["input"], "call_id": block["toolUseId"]}
