"""What is said to the target: a system prompt, then messages with columns of the dataset in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from roadworthy.core.model import FileModel
from roadworthy.evaluate.template import Template


class MessageSpec(FileModel):
    """One message of a conversation; `{column}` is filled from the dataset."""

    role: Literal["system", "user", "assistant", "developer"]
    content: str


@dataclass(frozen=True)
class Prompt:
    """Messages that a case fills in; the system prompt is sent as it is, braces included."""

    system: str | None
    messages: tuple[tuple[str, Template], ...]

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the dataset that the messages read."""
        return frozenset[str]().union(*(template.columns for _, template in self.messages))

    def render(self, fields: Mapping[str, Any]) -> list[dict[str, str]]:
        """Fill in the messages."""
        said = [{"role": role, "content": template.render(fields)} for role, template in self.messages]
        return [{"role": "system", "content": self.system}, *said] if self.system is not None else said
