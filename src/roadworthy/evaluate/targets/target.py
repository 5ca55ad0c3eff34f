"""What a target must do."""

from __future__ import annotations

from typing import Any, Protocol

from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply


class Asked(Protocol):
    """A target that is called for each case, such as a model behind an API."""

    @property
    def identity(self) -> dict[str, Any]:
        """Say who is asked, without secrets; part of the key of a run and of each cached answer."""

    @property
    def service(self) -> str:
        """Name what limits are shared by, such as address and key; kept in memory only."""

    def request(self, case: Case, epoch: int) -> dict[str, Any]:
        """Build what is sent, as JSON without secrets."""

    async def open(self, concurrency: int) -> None:
        """Get ready for calls."""

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Send one request. Raises TargetError when there is no usable answer."""

    async def close(self) -> None:
        """Let go of connections."""

    def redact(self, text: str) -> str:
        """Take secrets out of a text that is going to be kept."""


class Recorded(Protocol):
    """A target whose answers are in the dataset already."""

    @property
    def identity(self) -> dict[str, Any]:
        """Say where the answers come from."""

    def read(self, case: Case) -> Reply:
        """Take the answer from the case. Raises TargetError when the record holds an error."""
