"""Models with tools, against the vendors' own clients: the whole loop, request by request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import vendor_answers as answers
import vendor_sdks as sdks
from evaluate_project import Project, fast
from google.genai import types
from test_targets_vendors import completions, contents, converse, messages, responses
from vendor import KEY, MESSAGES, QUESTION, SYSTEM, Answer, Received, as_events, as_json, ask, serve

from roadworthy.core.errors import InputError
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.suite import Suite

TOOLS = '''
sent = []

async def find_order(order: str, deep: bool = False) -> dict:
    """Look an order up."""
    return {"order": order, "state": "shipped"}

def send_email(to: str, text: str) -> str:
    """Send an email."""
    raise PermissionError("no email for you")

def basket(fields):
    return {"of": fields["id"], "count": 0}

def put(basket, what: str) -> str:
    """Put a thing into the basket."""
    basket["count"] += 1
    return f"{basket['of']}: {basket['count']}"

def whisper(what: str) -> str:
    """Tell a secret."""
    return "the key is KEY"

def untyped(what):
    return what
'''
SCHEMAS = {
    "find_order": {
        "type": "object",
        "properties": {"order": {"type": "string"}, "deep": {"type": "boolean", "default": False}},
        "required": ["order"],
        "additionalProperties": False,
    },
    "send_email": {
        "type": "object",
        "properties": {"to": {"type": "string"}, "text": {"type": "string"}},
        "required": ["to", "text"],
        "additionalProperties": False,
    },
}
ABOUT = {"find_order": "Look an order up.", "send_email": "Send an email."}
RESULTS = ['{"order":"17","state":"shipped"}', "error: PermissionError: no email for you"]
MODELS: dict[str, dict[str, Any]] = {
    "openai": {"kind": "openai", "model": "gpt-5.1", "api_key_env": "THE_KEY"},
    "openai-stream": {"kind": "openai", "model": "gpt-5.1", "api_key_env": "THE_KEY", "stream": True},
    "responses": {"kind": "openai", "model": "gpt-5.1", "api_key_env": "THE_KEY", "api": "responses"},
    "anthropic": {"kind": "anthropic", "model": "claude-sonnet-5-5", "api_key_env": "THE_KEY"},
    "anthropic-stream": {
        "kind": "anthropic",
        "model": "claude-sonnet-5-5",
        "api_key_env": "THE_KEY",
        "stream": True,
    },
    "gemini": {"kind": "gemini", "model": "gemini-3-flash", "api_key_env": "THE_KEY"},
    "gemini-stream": {"kind": "gemini", "model": "gemini-3-flash", "api_key_env": "THE_KEY", "stream": True},
    "bedrock": {"kind": "bedrock", "model": "amazon.nova-pro-v1:0", "region": "eu-central-1"},
}
SERVERS = {
    "openai": completions,
    "responses": responses,
    "anthropic": messages,
    "gemini": contents,
    "bedrock": converse,
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    for name, value in sdks.AWS.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "tools.py").write_text(TOOLS.replace("KEY", KEY))
    return tmp_path


def agent(model: dict[str, Any], url: str, *names: str, **more: Any) -> dict[str, Any]:
    base = {"base_url": url + ("/v1" if model["kind"] in ("openai", "gemini") else "")}
    tools = [{"function": f"tools.py:{name}"} for name in names or ABOUT]
    return {"kind": "agent", "model": {**model, **base}, "tools": tools, **more}


def sampling(model: dict[str, Any]) -> dict[str, Any]:
    return {"max_tokens": 50} if model["kind"] == "anthropic" else {}


TEXTS: dict[Any, Callable[[Received], Answer]] = {
    completions: lambda r: _streamed(r, answers.completion(), answers.completion_chunks(), end="data: [DONE]\n\n"),
    responses: lambda r: _streamed(r, answers.response(), answers.response_events()),
    messages: lambda r: _streamed(r, answers.message(), answers.message_events()),
    contents: lambda r: _streamed(r, answers.contents(), answers.contents_chunks()),
    converse: lambda r: as_json(answers.converse()),
}


def in_two_turns(server: Callable[[Received], Answer]) -> Callable[[Received], Answer]:
    """Answer with calls first, and with the text once the results of the tools are there; check both requests."""

    def answer(received: Received) -> Answer:
        calls = server(received)
        done = b"shipped" in received.content and calls.status == 200
        return TEXTS[server](received) if done else calls

    return answer


def _streamed(received: Received, whole: Any, events: list[Any], end: str = "") -> Answer:
    streaming = received.body.get("stream") or "streamGenerateContent" in received.url
    return as_events(events, end=end) if streaming else as_json(whole)


@pytest.mark.parametrize("name", MODELS)
def test_the_loop_sends_what_the_vendors_own_client_sends(name: str, folder: Path) -> None:
    model = MODELS[name]
    with serve(in_two_turns(SERVERS[name.removesuffix("-stream")])) as vendor:
        LOOPS[name.removesuffix("-stream")](vendor.url)
        reply = ask(agent(model, vendor.url), sampling(model), folder=folder)
    theirs, ours = vendor.received[:2], vendor.received[2:]
    assert len(ours) == 2
    for their_request, our_request in zip(theirs, ours, strict=True):
        assert normal(our_request.body) == normal(their_request.body)
    assert reply.text == answers.TEXT
    assert (reply.tokens_in, reply.tokens_out) == (2 * answers.TOKENS_IN, 2 * answers.TOKENS_OUT)
    steps = reply.steps or ()
    assert [(c.step, c.name, c.arguments, c.result, c.error) for c in steps] == [
        (1, "find_order", {"order": "17"}, RESULTS[0], None),
        (1, "send_email", answers.CALLS[1][2], None, "PermissionError: no email for you"),
    ]
    assert [call.call_id for call in steps] == ["c1", "c2"]


def normal(value: Any) -> Any:
    """Leave out what says nothing: null, empty settings, streaming, the role of a system instruction."""
    if isinstance(value, list):
        return [normal(inside) for inside in value]
    if not isinstance(value, dict):
        return value
    said = {k: normal(v) for k, v in value.items() if v is not None and k not in ("stream", "stream_options")}
    if said.get("generationConfig") == {}:
        del said["generationConfig"]
    if "systemInstruction" in said:
        said["systemInstruction"].pop("role", None)
    if "parameters_json_schema" in said:
        # Google's client writes this name of a field as protobuf does; its JSON takes both.
        said["parametersJsonSchema"] = said.pop("parameters_json_schema")
    return said


def openai_loop(url: str) -> None:
    told = [{"name": n, "description": ABOUT[n], "parameters": SCHEMAS[n]} for n in ABOUT]
    tools: Any = [{"type": "function", "function": function} for function in told]
    with sdks.the_openai(url) as client:
        first = client.chat.completions.create(model="gpt-5.1", messages=MESSAGES, tools=tools)
        said = first.choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": result}
            for call, result in zip(said.tool_calls, RESULTS, strict=True)
        ]
        client.chat.completions.create(model="gpt-5.1", messages=[*MESSAGES, said, *results], tools=tools)


def responses_loop(url: str) -> None:
    tools: Any = [
        {"type": "function", "name": n, "description": ABOUT[n], "parameters": SCHEMAS[n], "strict": False}
        for n in ABOUT
    ]
    with sdks.the_openai(url) as client:
        first = client.responses.create(model="gpt-5.1", input=MESSAGES, tools=tools)
        calls = [item for item in first.output if item.type == "function_call"]
        results = [
            {"type": "function_call_output", "call_id": call.call_id, "output": result}
            for call, result in zip(calls, RESULTS, strict=True)
        ]
        client.responses.create(model="gpt-5.1", input=[*MESSAGES, *first.output, *results], tools=tools)


def anthropic_loop(url: str) -> None:
    tools = [{"name": n, "description": ABOUT[n], "input_schema": SCHEMAS[n]} for n in ABOUT]
    fixed: Any = {"model": "claude-sonnet-5-5", "max_tokens": 50, "system": SYSTEM, "tools": tools}
    with sdks.the_anthropic(url) as client:
        first = client.messages.create(messages=sdks.ASKED, **fixed)
        uses = [block for block in first.content if block.type == "tool_use"]
        results: list[dict[str, Any]] = [
            {"type": "tool_result", "tool_use_id": use.id, "content": result}
            for use, result in zip(uses, RESULTS, strict=True)
        ]
        results[1]["is_error"] = True
        turns = [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
        client.messages.create(messages=[*sdks.ASKED, *turns], **fixed)


def gemini_loop(url: str) -> None:
    told = [types.FunctionDeclaration(name=n, description=ABOUT[n], parameters_json_schema=SCHEMAS[n]) for n in ABOUT]
    config = types.GenerateContentConfig(system_instruction=SYSTEM, tools=[types.Tool(function_declarations=told)])
    asked = types.Content(role="user", parts=[types.Part(text=QUESTION)])
    said = [{"result": RESULTS[0]}, {"error": RESULTS[1].removeprefix("error: ")}]
    with sdks.the_gemini(url) as client:
        first = client.models.generate_content(model="gemini-3-flash", contents=[asked], config=config)
        parts = [
            types.Part(function_response=types.FunctionResponse(id=call.id, name=call.name, response=result))
            for call, result in zip(first.function_calls, said, strict=True)
        ]
        told_back = types.Content(role="user", parts=parts)
        client.models.generate_content(
            model="gemini-3-flash", contents=[asked, first.candidates[0].content, told_back], config=config
        )


def bedrock_loop(url: str) -> None:
    told = [{"name": n, "description": ABOUT[n], "inputSchema": {"json": SCHEMAS[n]}} for n in ABOUT]
    tools = {"tools": [{"toolSpec": spec} for spec in told]}
    asked = [{"role": "user", "content": [{"text": QUESTION}]}]
    fixed = {"modelId": "amazon.nova-pro-v1:0", "system": [{"text": SYSTEM}], "toolConfig": tools}
    with sdks.the_bedrock(url) as client:
        first = client.converse(messages=asked, **fixed)["output"]["message"]
        uses = [block["toolUse"] for block in first["content"]]
        results = [
            {"toolResult": {"toolUseId": use["toolUseId"], "content": [{"text": result}], "status": status}}
            for use, result, status in zip(uses, RESULTS, ("success", "error"), strict=True)
        ]
        client.converse(messages=[*asked, first, {"role": "user", "content": results}], **fixed)


LOOPS = {
    "openai": openai_loop,
    "responses": responses_loop,
    "anthropic": anthropic_loop,
    "gemini": gemini_loop,
    "bedrock": bedrock_loop,
}


def calling(*turns: list[tuple[str, str]]) -> Callable[[Received], Answer]:
    """A chat model that asks for these tools, turn by turn, and then answers with the last thing that it was told."""

    def answer(received: Received) -> Answer:
        said = received.body["messages"]
        turn = sum(m["role"] == "assistant" for m in said)
        message: dict[str, Any] = {"role": "assistant", "content": said[-1]["content"]}
        if turn < len(turns):
            message = {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": f"c{turn}.{at}", "type": "function", "function": {"name": n, "arguments": a}}
                    for at, (n, a) in enumerate(turns[turn])
                ],
            }
        return as_json({"choices": [{"message": message, "finish_reason": "stop"}]})

    return answer


def hold(turns: list[list[tuple[str, str]]], folder: Path, *names: str, **more: Any) -> Reply:
    with serve(calling(*turns)) as vendor:
        return ask(agent(MODELS["openai"], vendor.url, *names, **more), {}, folder=folder)


def test_what_goes_wrong_in_a_call_is_told_to_the_model_and_recorded(folder: Path) -> None:
    turn = [("no_such", "{}"), ("find_order", "{not json"), ("find_order", '{"order": 5, "x": 1}')]
    reply = hold([turn], folder)
    errors = [call.error or "" for call in reply.steps or ()]
    assert errors[0] == "there is no tool 'no_such'"
    assert errors[1] == "the arguments are not a JSON object"
    assert "order: Input should be a valid string" in errors[2]
    assert "x: Extra inputs are not permitted" in errors[2]
    assert reply.text == f"error: {errors[2]}"
    assert (reply.steps or ())[1].arguments == "{not json"


def test_an_agent_that_never_ends_is_an_error(folder: Path) -> None:
    with pytest.raises(TargetError, match="no final answer in 2 steps; it called find_order, find_order"):
        hold([[("find_order", '{"order": "1"}')]] * 3, folder, max_steps=2)


def test_each_conversation_has_an_environment_of_its_own(project: Project) -> None:
    project.dataset(2)
    (project.root / "evals" / "tools.py").write_text(TOOLS)
    twice = [[("put", '{"what": "a"}'), ("put", '{"what": "b"}')]]
    with serve(calling(*twice)) as vendor:
        target = agent(MODELS["openai"], vendor.url, "put", environment="tools.py:basket")
        scorers = [
            {"id": "correct", "use": "exact_match", "expected": "{id}: 2"},
            {"id": "attack_success", "use": "tool_called", "values": ["put"]},
        ]
        suite = project.suite(target=target, scorers=scorers, limits=fast())
        run = project.run(suite)
        schema = vendor.received[0].body["tools"][0]["function"]["parameters"]
    assert schema["required"] == ["what"]
    rows = pyarrow.parquet.read_table(run.table).to_pylist()
    assert [(row["status"], row["score.correct"], row["score.attack_success"]) for row in rows] == [
        ("scored", 1, 1)
    ] * 2
    (transcript,) = run.directory.glob("transcripts-*.parquet")
    steps = [json.loads(text) for text in pyarrow.parquet.read_table(transcript)["steps"].to_pylist()]
    assert sorted(made[-1]["result"] for made in steps) == ["c0000: 2", "c0001: 2"]
    assert steps[0][0]["arguments"] == {"what": "a"}


def test_a_key_that_a_tool_lets_out_is_kept_nowhere(project: Project) -> None:
    project.dataset(1)
    (project.root / "evals" / "tools.py").write_text(TOOLS.replace("KEY", KEY))
    with serve(calling([("whisper", '{"what": "x"}')])) as vendor:
        suite = project.suite(target=agent(MODELS["openai"], vendor.url, "whisper"), limits=fast())
        project.run(suite)
        assert KEY in vendor.received[-1].body["messages"][-1]["content"] or "[redacted]" in str(
            vendor.received[-1].body
        )
    kept = [path for path in project.store.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert kept == []


def test_tools_that_say_too_little_are_named(project: Project) -> None:
    (project.root / "evals" / "tools.py").write_text(TOOLS)
    suite = project.suite(target=agent(MODELS["openai"], "http://127.0.0.1:9", "untyped", "absent"))
    wrong = suite.target.problems(suite.folder, suite.place("target"))
    assert "the argument 'what' has no type" in wrong[0].problem
    assert "has no function 'absent'" in wrong[1].problem
    told = agent(MODELS["openai"], "http://127.0.0.1:9")
    told["tools"] = [{"function": "tools.py:untyped", "parameters": {"type": "object"}} for _ in range(2)]
    with pytest.raises(InputError, match="two tools are called 'untyped'"):
        project.suite(target=told)


def test_a_target_that_reports_no_calls_cannot_be_scored_by_them(project: Project) -> None:
    scorers = [{"id": "correct", "use": "tool_not_called", "values": ["send_email"]}]
    plain = {**MODELS["openai"], "base_url": "http://127.0.0.1:9/v1"}
    with pytest.raises(
        InputError, match="'tool_not_called' reads tool calls, which a target like this does not report"
    ):
        project.suite(target=plain, scorers=scorers)
    offered = {**plain, "extra": {"tools": [{"type": "function", "function": {"name": "send_email"}}]}}
    assert isinstance(project.suite(target=offered, scorers=scorers), Suite)


@pytest.mark.parametrize(
    ("returned", "called", "not_called"),
    [
        ("'tool_calls': [{'name': 'send_email', 'arguments': {'to': 'a'}, 'result': 'sent', 'step': 2}]", 1, 0),
        ("'tool_calls': []", 0, 1),
        (
            "'messages': [{'role': 'assistant', 'tool_calls': [{'id': 'c', 'type': 'function',"
            " 'function': {'name': 'send_email', 'arguments': '{}'}}]},"
            " {'role': 'tool', 'tool_call_id': 'c', 'content': 'sent'}]",
            1,
            0,
        ),
        ("'model': 'm'", None, None),
    ],
)
def test_an_agent_of_the_team_reports_its_calls(
    project: Project, returned: str, called: int | None, not_called: int | None
) -> None:
    project.dataset(1)
    (project.root / "evals" / "mine.py").write_text(f"def run(request):\n    return {{'text': 'ok', {returned}}}\n")
    scorers = [
        {"id": "correct", "use": "tool_called", "values": ["send_email", "other"]},
        {"id": "utility", "use": "tool_not_called", "values": "send_email"},
    ]
    suite = project.suite(target={"kind": "python", "function": "mine.py:run"}, prompt=None, scorers=scorers)
    (row,) = pyarrow.parquet.read_table(project.run(suite).table).to_pylist()
    assert (row["score.correct"], row["score.utility"]) == (called, not_called)
    assert row["status"] == ("unscored" if called is None else "scored")
