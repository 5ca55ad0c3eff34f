"""How hard a target is asked, and when a run stops by itself."""

from __future__ import annotations

from pydantic import Field

from roadworthy.core.model import FileModel


class Limits(FileModel):
    """Pace, patience and budget of a run; none of them changes what is asked."""

    concurrency: int = Field(default=64, ge=1, le=1000)
    """Calls at the same time, at most; how many there are follows from how the target keeps up."""
    requests_per_second: float | None = Field(default=None, gt=0)
    tokens_per_minute: int | None = Field(default=None, gt=0)
    """Tokens in and out together, as the answers report them."""
    timeout_seconds: float = Field(default=60.0, gt=0)
    """For one call."""
    retries: int = Field(default=4, ge=0, le=20)
    """Further calls for a sample whose call failed in a way that may pass."""
    backoff_seconds: float = Field(default=0.5, ge=0)
    """First wait; doubled each time, with jitter."""
    max_wait_seconds: float = Field(default=60.0, ge=0)
    """Longest wait between two calls; a server that asks for more (Retry-After) is given up on for this sample."""
    give_up_after: int = Field(default=25, ge=1)
    """Stop the run when so many samples in a row got no usable answer."""
    max_calls: int | None = Field(default=None, ge=1)
    max_tokens: int | None = Field(default=None, ge=1)
    """Tokens in and out together; what is in flight may exceed it."""
    max_cost: float | None = Field(default=None, gt=0)
    """In the currency of the prices; what is in flight may exceed it."""


class Prices(FileModel):
    """What the target's provider charges."""

    input_per_million: float = Field(ge=0)
    output_per_million: float = Field(ge=0)
    currency: str = "USD"

    def cost(self, tokens_in: int | None, tokens_out: int | None) -> float | None:
        """Return the price of one call; None when the tokens are unknown."""
        if tokens_in is None or tokens_out is None:
            return None
        return (tokens_in * self.input_per_million + tokens_out * self.output_per_million) / 1_000_000
