"""The vendors' own clients, asked the same question: what each sends, and what its typed objects say.

Whoever asks a client closes it. Left to the collector, client and socket are rubbish of one cycle, and Python does not
promise which is finalised first: the client, which closes the socket, or the socket, which warns that it was left open.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from typing import Any

import anthropic
import boto3
import openai
from botocore.config import Config
from google import genai
from google.genai import types
from vendor import KEY, MESSAGES, QUESTION, SYSTEM

from roadworthy.evaluate.reply import Reply

AWS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE0000000",
    "AWS_SECRET_ACCESS_KEY": "wJalr/very+secret/EXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQo/session+token==",
}
ASKED = [message for message in MESSAGES if message["role"] != "system"]


@dataclass(frozen=True)
class Said:
    """What an answer says, as a vendor's own types have it."""

    text: str
    model: str | None
    finish: str | None
    response_id: str | None
    tokens_in: int | None
    tokens_out: int | None
    calls: list[tuple[str | None, str, Any]] = field(default_factory=list)


def said_by(reply: Reply) -> Said:
    calls = [(call.call_id, call.name, call.arguments) for call in reply.steps or ()]
    return Said(reply.text, reply.model, reply.finish, reply.response_id, reply.tokens_in, reply.tokens_out, calls)


def of_completion(answer: openai.types.chat.ChatCompletion) -> Said:
    choice = answer.choices[0]
    assert answer.usage is not None
    calls = [(c.id, c.function.name, json.loads(c.function.arguments)) for c in choice.message.tool_calls or []]
    usage = answer.usage
    text = choice.message.content or choice.message.refusal or ""
    return Said(
        text, answer.model, choice.finish_reason, answer.id, usage.prompt_tokens, usage.completion_tokens, calls
    )


def of_response(answer: openai.types.responses.Response) -> Said:
    assert answer.usage is not None
    details = answer.incomplete_details
    calls = [(i.call_id, i.name, json.loads(i.arguments)) for i in answer.output if i.type == "function_call"]
    return Said(
        answer.output_text,
        answer.model,
        (details.reason if details else None) or answer.status,
        answer.id,
        answer.usage.input_tokens,
        answer.usage.output_tokens,
        calls,
    )


def of_message(answer: anthropic.types.Message) -> Said:
    usage = answer.usage
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return Said(
        "".join(block.text for block in answer.content if block.type == "text"),
        answer.model,
        answer.stop_reason,
        answer.id,
        usage.input_tokens + cached,
        usage.output_tokens,
        [(block.id, block.name, block.input) for block in answer.content if block.type == "tool_use"],
    )


def of_contents(answers: list[types.GenerateContentResponse]) -> Said:
    """Put chunks together by the SDK's own accessors; one whole answer is one chunk."""
    last = answers[-1]
    usage, ends = last.usage_metadata, [a.candidates[0].finish_reason for a in answers if a.candidates]
    assert usage is not None
    return Said(
        "".join(a.text or "" for a in answers if not a.function_calls),
        last.model_version,
        ends[-1].value if ends and ends[-1] else None,
        last.response_id,
        usage.prompt_token_count,
        (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0),
        [(call.id, call.name or "", call.args) for a in answers for call in a.function_calls or []],
    )


def of_converse(answer: dict[str, Any]) -> Said:
    content, usage = answer["output"]["message"]["content"], answer["usage"]
    calls = [block["toolUse"] for block in content if "toolUse" in block]
    return Said(
        "".join(block.get("text", "") for block in content),
        None,
        answer["stopReason"],
        None,
        usage["inputTokens"] + usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0),
        usage["outputTokens"],
        [(call["toolUseId"], call["name"], call["input"]) for call in calls],
    )


Sampled = dict[str, Any]
Client = Callable[[str, Sampled], Said]


def openai_chat(opened: Any, model: str, asked: Sampled, *, stream: bool = False) -> Said:
    with opened as client:
        if not stream:
            return of_completion(client.chat.completions.create(model=model, messages=MESSAGES, **asked))
        # The SDK's own accumulator makes the whole completion of the chunks.
        options = {"include_usage": True}
        with client.chat.completions.stream(model=model, messages=MESSAGES, stream_options=options, **asked) as chunks:
            return of_completion(chunks.get_final_completion())


def openai_responses(opened: Any, model: str, asked: Sampled, *, stream: bool = False) -> Said:
    with opened as client:
        if not stream:
            return of_response(client.responses.create(model=model, input=MESSAGES, **asked))
        events = list(client.responses.create(model=model, input=MESSAGES, stream=True, **asked))
        return of_response(events[-1].response)


def the_openai(url: str) -> openai.OpenAI:
    return openai.OpenAI(api_key=KEY, base_url=f"{url}/v1", max_retries=0)


def the_azure(url: str) -> openai.AzureOpenAI:
    return openai.AzureOpenAI(api_key=KEY, azure_endpoint=url, api_version="2024-10-21", max_retries=0)


def the_azure_v1(url: str) -> openai.OpenAI:
    # Azure's v1 API is asked with the plain client; its documentation gives the header for keys.
    return openai.OpenAI(api_key=KEY, base_url=f"{url}/openai/v1", max_retries=0, default_headers={"api-key": KEY})


def the_anthropic(url: str, **headers: str) -> anthropic.Anthropic:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return anthropic.Anthropic(api_key=KEY, base_url=url, max_retries=0, default_headers=named)


def the_gemini(url: str) -> genai.Client:
    once = types.HttpRetryOptions(attempts=1)
    return genai.Client(api_key=KEY, http_options=types.HttpOptions(base_url=url, retry_options=once))


def the_bedrock(url: str) -> AbstractContextManager[Any]:
    client = boto3.client(
        "bedrock-runtime",
        region_name="eu-central-1",
        endpoint_url=url,
        aws_access_key_id=AWS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=AWS["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=AWS["AWS_SESSION_TOKEN"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    return closing(client)


def anthropic_messages(url: str, asked: Sampled, *, stream: bool = False, **headers: str) -> Said:
    body = {"model": "claude-sonnet-5-5", "system": SYSTEM, "messages": ASKED, **asked}
    with the_anthropic(url, **headers) as client:
        if not stream:
            return of_message(client.messages.create(**body))
        with client.messages.stream(**body) as events:
            return of_message(events.get_final_message())


def gemini(url: str, asked: Sampled, *, stream: bool = False) -> Said:
    contents = [types.Content(role="user", parts=[types.Part(text=QUESTION)])]
    config = types.GenerateContentConfig(system_instruction=SYSTEM, **asked)
    call: dict[str, Any] = {"model": "gemini-3-flash", "contents": contents, "config": config}
    with the_gemini(url) as client:
        if stream:
            return of_contents(list(client.models.generate_content_stream(**call)))
        return of_contents([client.models.generate_content(**call)])


def bedrock(url: str, asked: Sampled, *, model: str) -> Said:
    messages = [{"role": "user", "content": [{"text": QUESTION}]}]
    with the_bedrock(url) as client:
        return of_converse(client.converse(modelId=model, messages=messages, system=[{"text": SYSTEM}], **asked))
