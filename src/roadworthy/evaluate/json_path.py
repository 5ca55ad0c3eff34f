"""The simple half of JSONPath (RFC 9535): names and indexes, as in $.choices[0].text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|\['([^']*)'\]")


@dataclass(frozen=True)
class JsonPath:
    """A path from the root `$`."""

    text: str

    @cached_property
    def steps(self) -> tuple[str | int, ...]:
        """Names and indexes in order. Raises ValueError when the path cannot be read."""
        if not self.text.startswith("$"):
            raise ValueError(f"the path {self.text!r} must start with $")
        steps: list[str | int] = []
        at = 1
        while at < len(self.text):
            step = _STEP.match(self.text, at)
            if step is None:
                raise ValueError(f"the path {self.text!r} cannot be read from character {at + 1} on")
            name, index, quoted = step.groups()
            steps.append(int(index) if index is not None else name if name is not None else quoted)
            at = step.end()
        return tuple(steps)

    def find(self, value: Any) -> Any:
        """Return what is at the path, None when there is nothing."""
        for step in self.steps:
            if isinstance(step, int):
                inside = isinstance(value, list) and -len(value) <= step < len(value)
                value = value[step] if inside else None
            else:
                value = value.get(step) if isinstance(value, dict) else None
        return value
