"""Remarks of a critique as pages and the API show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from django.template.loader import render_to_string
from ninja import Field, Schema

from roadworthy.assess.remark import Gravity, Remark
from roadworthy.server.access.request import Request

TONES = {Gravity.MISSING: "not-met", Gravity.WEAK: "inconclusive", Gravity.SOON: "stale"}


class RemarkOut(Schema):
    """Something that is missing or weak, and what would settle it; the gravest come first."""

    rule: str = Field(description="Id of the rule that found it; docs/critique.md lists them.")
    gravity: Gravity = Field(description="missing: it does not hold without it; weak; soon: it will not for long.")
    says: str
    settles: str
    scenario: str = Field(description="Id of the scenario that it is about; else empty.")
    mitigation: str = Field(description="Id of the mitigation that it is about; else empty.")
    requirement: str = Field(description="Id of the requirement that it is about; else empty.")
    band: Literal["low", "moderate", "high", "critical"] | None = Field(description="Of the risk that it is about.")


def draw_remarks(request: Request, remarks: Iterable[Remark], url: Callable[[Remark], str], silent: str) -> str:
    """Draw remarks, each with the address where it is settled; `silent` is said where there is none."""
    rows = [(one, TONES[one.gravity], url(one)) for one in remarks]
    return render_to_string("releases/remarks.html", {"rows": rows, "silent": silent}, request)
