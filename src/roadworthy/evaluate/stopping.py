"""What may end the asking before its end: a rule that was fixed before the first answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from roadworthy.evaluate.case import Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.row import Row


class Stopping(Protocol):
    """A sequential rule. It sees rows in the order in which they are recorded, not in that of `order`."""

    @property
    def in_rounds(self) -> bool:
        """Tell whether it asks in two rounds; rows then say in which."""

    def order(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        """Yield every case and epoch in the order of asking, which no answer may change."""

    def row(self, row: Row) -> None:
        """Take one recorded row: first those of earlier invocations that are not asked again, then the new ones.

        A row of an earlier invocation is as the result table holds it: without request and response.
        """

    def settled(self) -> str | None:
        """Return why no further call is needed, None while one is; asked before the first and after each batch."""
