"""A language model with tools: asked, its calls run, the results told, until it gives a final answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from pydantic import Field, model_validator

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.callables import load_function, source_digest
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.anthropic import AnthropicTarget
from roadworthy.evaluate.targets.azure import AzureOpenAITarget
from roadworthy.evaluate.targets.bedrock import BedrockTarget
from roadworthy.evaluate.targets.chat import Body, Chat
from roadworthy.evaluate.targets.gemini import GeminiTarget
from roadworthy.evaluate.targets.openai import OpenAITarget
from roadworthy.evaluate.targets.python import missing
from roadworthy.evaluate.targets.spec import AskedTarget, Given
from roadworthy.evaluate.targets.tool import Tool, ToolSpec, load_tool
from roadworthy.evaluate.tool_call import ToolCall, cleaned

ChatSpec = Annotated[
    OpenAITarget | AzureOpenAITarget | AnthropicTarget | GeminiTarget | BedrockTarget, Field(discriminator="kind")
]
_SHOWN = 400


class AgentTarget(AskedTarget):
    """A model with tools that are Python functions of the team; an agent of your own is a `python` target."""

    kind: Literal["agent"]
    model: ChatSpec
    """The model: a target of kind openai, azure-openai, anthropic, gemini or bedrock."""
    tools: list[ToolSpec] = Field(min_length=1)
    """What it may call."""
    environment: str | None = None
    """Function of the case's fields, called at the start of each conversation; what it returns is the first argument
    of every tool, so that each case has a state of its own."""
    max_steps: int = Field(default=10, ge=1, le=200)
    """Turns of the model, at most; a conversation that has no final answer by then is errored."""
    prompted: ClassVar[bool] = True

    @model_validator(mode="after")
    def _names(self) -> AgentTarget:
        names = [tool.called for tool in self.tools]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two tools are called {twice[0]!r}")
        return self

    @property
    def columns(self) -> frozenset[str] | None:
        """Read all where the environment of a conversation is made from the case."""
        return None if self.environment else frozenset()

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that its model can send."""
        return self.model.takes

    @property
    def needs(self) -> frozenset[str]:
        """Keys of `sampling` that its model cannot do without."""
        return self.model.needs

    @property
    def system_first(self) -> bool:
        """Tell what holds for its model."""
        return self.model.system_first

    @property
    def reports_tools(self) -> bool:
        """Tell that every call is recorded."""
        return True

    def problems(self, folder: Path, place: Place) -> list[InputError]:
        """Name every function that is not there, or whose signature says too little."""
        errors = missing(self.environment, folder, place) if self.environment else []
        for spec in self.tools:
            try:
                load_tool(spec, folder, place, given_first=bool(self.environment))
            except InputError as error:
                errors.append(error)
        return errors

    def bind(self, given: Given) -> Agent:
        """Get ready to ask."""
        return Agent(self, self.model.bind(given), given)


@dataclass
class Agent:
    """The target, ready to be asked."""

    spec: AgentTarget
    chat: Chat
    given: Given
    _tools: dict[str, Tool] = field(init=False)
    _offer: Body = field(init=False)
    _environment: Callable[[Any], Any] | None = field(init=False)

    def __post_init__(self) -> None:
        folder, place, made = self.given.folder, self.given.place, self.spec.environment
        loaded = [load_tool(tool, folder, place, given_first=bool(made)) for tool in self.spec.tools]
        self._tools = {tool.schema.name: tool for tool in loaded}
        self._offer = self.chat.dialect.offer([tool.schema for tool in loaded])
        self._environment = load_function(made, folder, place) if made else None

    @property
    def identity(self) -> dict[str, Any]:
        """Return the model, the tools with the digests of their files, and the most steps."""
        functions = [tool.function for tool in self.spec.tools] + ([self.spec.environment] * bool(self._environment))
        return {
            "kind": "agent",
            "model": self.chat.identity,
            "tools": sorted(self._tools),
            "offered": sha256_json(self._offer),
            "sources": {name: source_digest(name, self.given.folder) for name in functions if name},
            "max_steps": self.spec.max_steps,
        }

    @property
    def service(self) -> str:
        """Name the address of the model with the key."""
        return self.chat.service

    def request(self, case: Case, epoch: int) -> Body:
        """Build the first request; with an environment the fields of the case are part of it."""
        request: Body = {"first": {**self.chat.request(case, epoch), **self._offer}}
        return {**request, "fields": case.fields} if self._environment else request

    async def open(self, concurrency: int) -> None:
        """Get ready for calls."""
        await self.chat.open(concurrency)

    async def close(self) -> None:
        """Let go of connections."""
        await self.chat.close()

    def redact(self, text: str) -> str:
        """Take the key out of a text."""
        return self.chat.redact(text)

    async def ask(self, request: Body) -> Reply:
        """Hold the conversation. Raises TargetError when it fails, or has no final answer after `max_steps` turns."""
        body, steps = request["first"], list[ToolCall]()
        before = self._made(request)
        tokens_in, tokens_out = 0, 0
        for step in range(1, self.spec.max_steps + 1):
            answer, reply = await self.chat.exchange(body)
            tokens_in, tokens_out = tokens_in + (reply.tokens_in or 0), tokens_out + (reply.tokens_out or 0)
            if not reply.steps:
                used = {"tokens_in": tokens_in or None, "tokens_out": tokens_out or None}
                return msgspec.structs.replace(reply, steps=tuple(steps), **used)
            calls = [await self._run(call, step, before) for call in reply.steps]
            steps += calls
            body = self.chat.dialect.follow(body, answer, calls)
        called = ", ".join(call.name for call in steps)
        raise TargetError(f"the agent gave no final answer in {self.spec.max_steps} steps; it called {called}"[:_SHOWN])

    def _made(self, request: Body) -> tuple[Any, ...]:
        """Make the state of one conversation; a tool gets it first."""
        if self._environment is None:
            return ()
        try:
            return (self._environment(request["fields"]),)
        except Exception as error:
            problem = f"{self.spec.environment} raised {type(error).__name__}: {error}"
            raise TargetError(problem[:_SHOWN]) from error

    async def _run(self, call: ToolCall, step: int, before: tuple[Any, ...]) -> ToolCall:
        """Run one call; what goes wrong in it is told to the model and recorded, and ends nothing."""
        try:
            if call.name not in self._tools:
                raise ValueError(f"there is no tool {call.name!r}")
            result, error = await self._tools[call.name].call(call.arguments, before), None
        except Exception as problem:
            what = str(problem) if isinstance(problem, ValueError) else f"{type(problem).__name__}: {problem}"
            result, error = None, what[:_SHOWN]
        return cleaned(msgspec.structs.replace(call, result=result, error=error, step=step), self.redact)
