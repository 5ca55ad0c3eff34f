"""Settings of a language model's sampling, as they are sent and recorded."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from roadworthy.core.model import FileModel


class Sampling(FileModel):
    """Only what is given is sent; the service's own defaults hold for the rest."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_tokens: int | None = Field(default=None, ge=1)
    stop: list[str] | None = None
    seed: int | None = None
    """Sent as `seed`, plus the number of the epoch, so that repetitions differ."""

    def given(self) -> dict[str, Any]:
        """Return what the suite gives."""
        return self.model_dump(exclude_none=True)

    def parameters(self, epoch: int) -> dict[str, Any]:
        """Return the settings of one epoch, under our own names; each vendor has its names for them."""
        given = self.given()
        if self.seed is not None:
            given["seed"] = self.seed + epoch
        return given
