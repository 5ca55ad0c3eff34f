"""Remarks of a critique as pages and the API show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.template.loader import render_to_string
from ninja import Field, Schema

from roadworthy.assess.remark import Gravity, Remark
from roadworthy.server.access.request import Request

TONES = {Gravity.MISSING: "not-met", Gravity.WEAK: "inconclusive", Gravity.SOON: "stale"}

SHOWN = 5
"""Remarks of one rule that are shown at once."""


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


@dataclass(frozen=True)
class Group:
    """The remarks of one rule, the gravest first, each with the address where it is settled."""

    rule: str
    title: str
    gravity: Gravity
    rows: Sequence[tuple[Remark, str]]

    @property
    def tone(self) -> str:
        """Colour of its gravity."""
        return TONES[self.gravity]

    @property
    def number(self) -> int:
        """Return how many there are."""
        return len(self.rows)

    @property
    def first(self) -> Sequence[tuple[Remark, str]]:
        """Return what is shown at once."""
        return self.rows[:SHOWN]

    @property
    def others(self) -> Sequence[tuple[Remark, str]]:
        """Return what is folded."""
        return self.rows[SHOWN:]


def draw_remarks(
    request: Request,
    remarks: Iterable[Remark],
    titles: Mapping[str, str],
    url: Callable[[Remark], str],
    silent: str,
) -> str:
    """Draw remarks by rule, in the order in which rules appear; `silent` is said where there is none."""
    found: dict[str, list[tuple[Remark, str]]] = {}
    for one in remarks:
        found.setdefault(one.rule, []).append((one, url(one)))
    groups = [Group(rule, titles[rule], rows[0][0].gravity, rows) for rule, rows in found.items()]
    return render_to_string("releases/remarks.html", {"groups": groups, "silent": silent}, request)
