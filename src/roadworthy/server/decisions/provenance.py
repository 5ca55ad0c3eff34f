"""What followed a verdict, in the graph of provenance: requests, and what people signed."""

from __future__ import annotations

from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.provenance import AFTER, VERDICT_NODE
from roadworthy.server.shell.charts.graph import Edge, Node

MOST = 5
"""Newest requests that are drawn."""


def what_was_decided(release: Release) -> tuple[list[Node], list[Edge]]:
    """Return the decisions on a release as nodes that rest on its verdict."""
    rows = list(DecisionRequest.objects.filter(release=release).order_by("-requested_at", "-pk")[:MOST])
    nodes = [
        Node(
            f"request:{row.pk}",
            f"{str(row.get_state_display()).capitalize()} for {', '.join(row.environments)}",
            "Decision",
            AFTER,
            f"/decisions/{row.pk}/",
        )
        for row in rows
    ]
    return nodes, [Edge(VERDICT_NODE, node.id) for node in nodes]
