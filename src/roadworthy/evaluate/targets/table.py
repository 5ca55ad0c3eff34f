"""The table of targets: every kind that a suite may name."""

from __future__ import annotations

import typing
from typing import Annotated

from pydantic import Field

from roadworthy.evaluate.targets.agent import AgentTarget
from roadworthy.evaluate.targets.anthropic import AnthropicTarget
from roadworthy.evaluate.targets.azure import AzureOpenAITarget
from roadworthy.evaluate.targets.bedrock import BedrockTarget
from roadworthy.evaluate.targets.command import CommandTarget
from roadworthy.evaluate.targets.gemini import GeminiTarget
from roadworthy.evaluate.targets.http import HttpTarget
from roadworthy.evaluate.targets.logs import LogsTarget
from roadworthy.evaluate.targets.openai import OpenAITarget
from roadworthy.evaluate.targets.predictions import PredictionsTarget
from roadworthy.evaluate.targets.python import PythonTarget
from roadworthy.evaluate.targets.spec import TargetModel

_Any = (
    OpenAITarget
    | AzureOpenAITarget
    | AnthropicTarget
    | GeminiTarget
    | BedrockTarget
    | AgentTarget
    | HttpTarget
    | CommandTarget
    | PythonTarget
    | LogsTarget
    | PredictionsTarget
)
TargetSpec = Annotated[_Any, Field(discriminator="kind")]
KINDS: dict[str, type[TargetModel]] = {
    typing.get_args(spec.model_fields["kind"].annotation)[0]: spec for spec in typing.get_args(_Any)
}
