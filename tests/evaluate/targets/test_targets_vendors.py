"""Every wire format against the vendor's own client: the same server gets the same request, and both read it alike.

The servers check requests by the types that the vendors publish with their clients (openai, anthropic, google-genai;
botocore's service model for Bedrock), and their answers are checked by the same types.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import botocore.session
import pytest
import vendor_answers as answers
import vendor_sdks as sdks
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator
from google.genai import types
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import (
    CompletionCreateParamsNonStreaming,
    CompletionCreateParamsStreaming,
)
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import (
    ResponseCreateParamsNonStreaming,
    ResponseCreateParamsStreaming,
)
from pydantic import TypeAdapter
from vendor import KEY, Answer, Received, as_events, as_json, ask, serve, typed

PROFILE = "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.anthropic.claude-v1:0"
SAMPLED = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 50, "stop": ["END"], "seed": 3}


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in SAMPLED.items() if name not in names}


def completions(received: Received) -> Answer:
    streaming = received.body.get("stream", False)
    typed(CompletionCreateParamsStreaming if streaming else CompletionCreateParamsNonStreaming, received.body)
    calls = "tools" in received.body
    ChatCompletion.model_validate(answers.completion(calls), strict=True)
    for chunk in answers.completion_chunks(calls):
        ChatCompletionChunk.model_validate(chunk, strict=True)
    if streaming:
        return as_events(answers.completion_chunks(calls), end="data: [DONE]\n\n")
    return as_json(answers.completion(calls))


def responses(received: Received) -> Answer:
    streaming = received.body.get("stream", False)
    typed(ResponseCreateParamsStreaming if streaming else ResponseCreateParamsNonStreaming, received.body)
    calls = "tools" in received.body
    Response.model_validate(answers.response(calls), strict=True)
    for event in answers.response_events(calls):
        TypeAdapter(ResponseStreamEvent).validate_python(event)
    return as_events(answers.response_events(calls), named=True) if streaming else as_json(answers.response(calls))


def messages(received: Received) -> Answer:
    # Version 2026-10-21 knows no sampling parameters; the types of the client are those of that version.
    body = dict(received.body)
    if received.headers["anthropic-version"] == "2023-06-01":
        assert 0 <= body.pop("temperature", 1) <= 1
        body.pop("top_p", None)
    typed(MessageCreateParamsStreaming if body.get("stream") else MessageCreateParamsNonStreaming, body)
    calls = "tools" in body
    Message.model_validate(answers.message(calls), strict=True)
    for event in answers.message_events(calls):
        if event["type"] != "ping":
            TypeAdapter(RawMessageStreamEvent).validate_python(event)
    return (
        as_events(answers.message_events(calls), named=True) if body.get("stream") else as_json(answers.message(calls))
    )


def contents(received: Received) -> Answer:
    body = received.body
    assert set(body) <= {"contents", "systemInstruction", "generationConfig", "tools"}
    for content in [*body["contents"], body["systemInstruction"]]:
        types.Content.model_validate(content)
    types.GenerationConfig.model_validate(body.get("generationConfig", {}))
    for tool in body.get("tools", []):
        types.Tool.model_validate(tool)
    calls = "tools" in body
    for answer in (answers.contents(calls), *answers.contents_chunks(calls)):
        types.GenerateContentResponse.model_validate(answer)
    streaming = "streamGenerateContent?alt=sse" in received.url
    return as_events(answers.contents_chunks(calls)) if streaming else as_json(answers.contents(calls))


def converse(received: Received) -> Answer:
    """Check the body by botocore's service model, and the signature by botocore's own signer."""
    shape = botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("Converse").input_shape
    report = ParamValidator().validate({"modelId": "m", **received.body}, shape)
    assert not report.has_errors(), report.generate_report()
    assert signed_rightly(received)
    return as_json(answers.converse("toolConfig" in received.body))


def signed_rightly(received: Received) -> bool:
    proof = dict(part.split("=", 1) for part in received.headers["authorization"].split(" ", 1)[1].split(", "))
    names = proof["SignedHeaders"].split(";")
    request = AWSRequest(
        method=received.method,
        url=f"http://{received.headers['host']}{received.url}",
        headers={name: received.headers[name] for name in names},
        data=received.content,
    )
    request.context["timestamp"] = received.headers["x-amz-date"]
    who = Credentials(*(sdks.AWS.values()))
    signer = SigV4Auth(who, "bedrock", "eu-central-1")
    return (
        signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        == proof["Signature"]
    )


@dataclass(frozen=True)
class Format:
    """One wire format: how we are told to speak it, how the vendor's client is, and who answers."""

    name: str
    spec: dict[str, Any]
    sampling: dict[str, Any]
    server: Callable[[Received], Answer]
    client: Callable[[str], sdks.Said]
    headers: tuple[str, ...]
    """That must be equal."""
    base: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def formats() -> list[Format]:
    chat = {"kind": "openai", "model": "gpt-5.1", "api_key_env": "THE_KEY"}
    azure = {"kind": "azure-openai", "deployment": "my dep", "api_key_env": "THE_KEY"}
    dated = {**azure, "api_version": "2024-10-21"}
    claude = {"kind": "anthropic", "model": "claude-sonnet-5-5", "api_key_env": "THE_KEY"}
    google = {"kind": "gemini", "model": "gemini-3-flash", "api_key_env": "THE_KEY"}
    amazon = {"kind": "bedrock", "region": "eu-central-1"}
    no_seed, of_2026 = without("seed", "stop"), without("temperature", "top_p", "seed")
    bearer, api_key = ("authorization", "content-type"), ("api-key", "content-type")
    version = ("anthropic-version",)
    as_responses = {"temperature": 0.5, "top_p": 0.9, "max_output_tokens": 50}
    as_claude = {"max_tokens": 50, "stop_sequences": ["END"]}
    as_google = {"temperature": 0.5, "top_p": 0.9, "max_output_tokens": 50, "stop_sequences": ["END"], "seed": 3}
    as_amazon = {"inferenceConfig": {"temperature": 0.5, "topP": 0.9, "maxTokens": 50, "stopSequences": ["END"]}}
    renamed = {**without("max_tokens"), "max_completion_tokens": 50}
    found = []
    for stream in (False, True):
        end = "-stream" if stream else ""
        how = {"stream": True} if stream else {}

        def chats(make: Any, model: str, asked: Any, stream: bool = stream) -> Any:
            return lambda url: sdks.openai_chat(make(url), model, asked, stream=stream)

        def respond(make: Any, model: str, stream: bool = stream) -> Any:
            return lambda url: sdks.openai_responses(make(url), model, as_responses, stream=stream)

        found += [
            Format(f"openai{end}", {**chat, **how}, SAMPLED, completions,
                   chats(sdks.the_openai, "gpt-5.1", SAMPLED), bearer, "/v1"),
            Format(f"openai-reasoning{end}", {**chat, **how, "max_tokens_key": "max_completion_tokens"}, SAMPLED,
                   completions, chats(sdks.the_openai, "gpt-5.1", renamed), bearer, "/v1"),
            Format(f"responses{end}", {**chat, **how, "api": "responses"}, no_seed, responses,
                   respond(sdks.the_openai, "gpt-5.1"), bearer, "/v1"),
            Format(f"azure{end}", {**dated, **how}, SAMPLED, completions,
                   chats(sdks.the_azure, "my dep", SAMPLED), api_key),
            Format(f"azure-v1{end}", {**azure, **how}, SAMPLED, completions,
                   chats(sdks.the_azure_v1, "my dep", SAMPLED), api_key),
            Format(f"azure-responses{end}", {**dated, **how, "api": "responses"}, no_seed, responses,
                   respond(sdks.the_azure, "my dep"), api_key),
            Format(f"anthropic{end}", {**claude, **how}, of_2026, messages,
                   partial(sdks.anthropic_messages, asked=as_claude, stream=stream), bearer + version),
            Format(f"gemini{end}", {**google, **how}, SAMPLED, contents,
                   partial(sdks.gemini, asked=as_google, stream=stream), ("x-goog-api-key", "content-type"), "/v1"),
        ]  # fmt: skip
    older = {**claude, "version": "2023-06-01"}
    for model in ("anthropic.claude-3-haiku-20240307-v1:0", PROFILE):
        asked = partial(sdks.bedrock, asked=as_amazon, model=model)
        found.append(
            Format(
                f"bedrock-{len(model)}",
                {**amazon, "model": model},
                without("seed"),
                converse,
                asked,
                ("content-type", "x-amz-security-token"),
            )
        )
    sent = {**as_claude, "extra_body": {"temperature": 0.5, "top_p": 0.9}}
    by_2023 = partial(sdks.anthropic_messages, asked=sent, anthropic_version="2023-06-01")
    found.append(Format("anthropic-2023", older, without("seed"), messages, by_2023, version))
    return found


FORMATS = formats()


def address(spec: dict[str, Any], url: str) -> dict[str, Any]:
    return {"endpoint": url} if spec["kind"] == "azure-openai" else {"base_url": url}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    for name, value in sdks.AWS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
def test_we_send_and_read_what_the_vendors_own_client_does(form: Format) -> None:
    with serve(form.server) as vendor:
        theirs = form.client(vendor.url)
        ours = sdks.said_by(ask({**form.spec, **address(form.spec, vendor.url + form.base)}, form.sampling))
    their_request, our_request = vendor.received
    assert our_request.method == their_request.method == "POST"
    assert our_request.url == their_request.url
    assert normal(our_request.body) == normal(their_request.body)
    for name in form.headers:
        assert our_request.headers[name] == their_request.headers[name], name
    assert ours == theirs
    assert ours.text == answers.TEXT
    assert (ours.tokens_in, ours.tokens_out) == (answers.TOKENS_IN, answers.TOKENS_OUT)
    assert KEY not in our_request.url


def normal(body: dict[str, Any]) -> dict[str, Any]:
    """Take away what one spelling adds and means the same: Google's client names a role for the system."""
    body = dict(body)
    if "systemInstruction" in body:
        body["systemInstruction"] = {k: v for k, v in body["systemInstruction"].items() if k != "role"}
    return body
