"""Made-up content of the style page: charts in each of their states."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from roadworthy.server.shell.charts.graph import Edge, Node
from roadworthy.server.shell.charts.timeline import Progress, Step
from roadworthy.server.shell.charts.trend import Point, Target

MONTHS = ("Oct", "Nov", "Dec", "Jan", "Feb", "Mar")


def _points(values: tuple[float | None, ...], stale: tuple[int, ...] = ()) -> list[Point]:
    return [Point(MONTHS[at], value, at in stale, "9 of 12") for at, value in enumerate(values)]


def sample_trends() -> list[dict[str, Any]]:
    """Return trends on target, off target, unknown in between, zero, stale, empty."""
    return [
        {
            "title": "Assessment coverage, high tier",
            "points": _points((0.62, 0.7, None, 0.84, 0.9, 0.94)),
            "target": Target(0.9),
            "unit": "%",
        },
        {
            "title": "Exceptions",
            "points": _points((0.02, 0.0, 0.05, 0.09, 0.12, 0.14)),
            "target": Target(None, 0.1),
            "unit": "%",
        },
        {
            "title": "Cycle time, median",
            "points": _points((18, 16, 15, 12, 14, 13), (5,)),
            "target": Target(10, 20),
            "unit": "days",
        },
        {
            "title": "Sev-1 and Sev-2 incidents",
            "points": _points((1, 0, 0, None, None, None)),
            "target": Target(None, 1),
            "unit": "",
        },
    ]


def sample_steps() -> list[Step]:
    """Return an approval in the middle."""
    now = timezone.now()
    return [
        Step(
            "Product owner",
            Progress.SIGNED,
            SimpleNamespace(name="Amara Okafor"),
            now - timedelta(days=2),
            "The benefit outweighs what remains.",
        ),
        Step(
            "Privacy approver",
            Progress.LAPSED,
            SimpleNamespace(name="Ines Duarte"),
            now - timedelta(days=6),
            "A data source was added since.",
        ),
        Step("Security approver", Progress.NEXT, SimpleNamespace(name="Jonas Lindqvist"), now + timedelta(days=1)),
        Step("Director", Progress.LATER),
    ]


def sample_graph() -> dict[str, Any]:
    """Return a graph with a column that folds."""
    records = [
        Node(f"r{at}", f"Run {at} of the security suite", "Record", 1, "#r", "met" if at % 3 else "stale")
        for at in range(10)
    ]
    nodes = [
        Node("d1", "Injected instructions are not followed by the agent", "Requirement", 0, "#d1", "inconclusive"),
        Node("d2", "Personal data stays inside", "Requirement", 0, "#d2", "met"),
        *records,
        Node("v", "Hold, default 1", "Verdict", 2, "#v", "not met"),
        Node("x", "Approved with conditions", "Decision", 3, "#x"),
    ]
    edges = [Edge("d1" if at < 6 else "d2", record.id) for at, record in enumerate(records)]
    edges += [Edge(record.id, "v") for record in records]
    return {
        "nodes": nodes,
        "edges": [*edges, Edge("v", "x")],
        "columns": ["Requirements", "Evidence", "Verdict", "Decision"],
    }


def sample_risks() -> dict[tuple[int, int], int]:
    """Return counts by severity and likelihood."""
    return {(1, 2): 3, (2, 2): 4, (2, 4): 1, (3, 3): 6, (4, 2): 2, (4, 4): 3, (5, 1): 1, (5, 3): 2, (5, 5): 1}


def sample_charts() -> dict[str, Any]:
    """Return everything that the charts of the style page show."""
    return {
        "trends": sample_trends(),
        "counts": {"met": 61, "not met": 4, "inconclusive": 9, "not shown": 14, "stale": 3, "waived": 2},
        "series": [2, 3, 5, None, 6, 8, 9],
        "steps": sample_steps(),
        "risks": sample_risks(),
        "risk_url": _risk_url,
        "risk_chosen": (3, 3),
        **sample_graph(),
    }


def _risk_url(severity: int, likelihood: int) -> str:
    return f"#risk-{severity}-{likelihood}"


_risk_url.do_not_call_in_templates = True  # type: ignore[attr-defined]
