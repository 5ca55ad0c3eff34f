"""How the API documents its errors: problem+json (RFC 9457) by status."""

from __future__ import annotations

from ninja import Field, Schema


class Problem(Schema):
    """What went wrong, and what to do next."""

    type: str = Field(description="Address that names the kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What happened, in a sentence.")
    remedy: str = Field(description="What to do next.")
    instance: str = Field(description="Id of the request, as in the server's log.")


def problems(*statuses: int) -> dict[int, type[Problem]]:
    """Return the errors that an operation may answer, beside 401 and 403, which every one may."""
    return dict.fromkeys((401, 403, *statuses), Problem)
