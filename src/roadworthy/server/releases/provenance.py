"""Provenance of a verdict as a graph: what was tested, the records of it, requirements, verdict, and what followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from roadworthy.decide.outcome import Verdict
from roadworthy.documents.view import anchor
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import open_record
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release, ReleaseEvidence, TrustedKey
from roadworthy.server.shell.charts.graph import Edge, Node

MOST = 200
"""Records that are drawn; the tab of evidence lists all."""
TESTED, RECORD, REQUIREMENT, VERDICT, AFTER = range(5)
VERDICT_NODE = "verdict"


@dataclass
class Graph:
    """Nodes in columns, left to right, and what rests on what."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)
    """Name and id of each key that sealed one of the records."""

    @property
    def columns(self) -> list[str]:
        """Return what stands above each column."""
        return [_("Tested"), _("Evidence"), _("Requirement"), _("Verdict"), _("What followed")]

    def add(self, node: Node) -> None:
        """Add a node once."""
        if all(known.id != node.id for known in self.nodes):
            self.nodes.append(node)


Further = Callable[[Release], tuple[list[Node], list[Edge]]]
"""Takes a release; returns what followed its verdict, resting on VERDICT_NODE."""
_FURTHER: list[Further] = []


def add_further(further: Further) -> None:
    """Let an app above add what followed the verdict: decisions, findings."""
    if further not in _FURTHER:
        _FURTHER.append(further)


def graph_of(release: Release) -> Graph:
    """Gather the graph of a release; a bounded number of queries."""
    graph, verdict = Graph(), verdict_of(release)
    links = ReleaseEvidence.objects.filter(release=release).select_related("record").order_by("record_id")
    _add_records(graph, list(links[:MOST]))
    _add_requirements(graph, release, verdict)
    graph.add(Node(VERDICT_NODE, str(verdict.verdict), verdict.standard, VERDICT, release.subject.url))
    for further in _FURTHER:
        nodes, edges = further(release)
        graph.nodes += nodes
        graph.edges += edges
    return graph


def _add_records(graph: Graph, links: list[ReleaseEvidence]) -> None:
    keys: set[str] = set()
    for link in links:
        row = link.record
        if all(node.id != row.digest for node in graph.nodes):
            graph.add(Node(row.digest, row.title, row.kind, RECORD, row.subject.url))
            record = open_record(row.envelope.encode(), TrustedKeys.none())
            keys.update(record.signers)
            if isinstance(record.predicate, Measured):
                _add_tested(graph, row.digest, record.predicate)
        graph.edges.append(Edge(row.digest, f"requirement:{link.requirement}"))
    names = dict(TrustedKey.objects.filter(key_id__in=keys).values_list("key_id", "name"))
    graph.keys = sorted((names.get(key, _("Person, by the standard")), key) for key in keys)


def _add_tested(graph: Graph, digest: str, measured: Measured) -> None:
    target = str(measured.target.get("model") or measured.target.get("kind") or measured.system)
    for node in (
        Node(f"target:{target}", target, _("Target"), TESTED),
        Node(f"dataset:{measured.dataset.digest}", measured.dataset.name, _("Dataset"), TESTED),
        Node(f"suite:{measured.suite.digest}", measured.suite.id, _("Suite"), TESTED),
    ):
        graph.add(node)
        graph.edges.append(Edge(node.id, digest))


def _add_requirements(graph: Graph, release: Release, verdict: Verdict) -> None:
    resting = {edge.to for edge in graph.edges}
    for outcome in verdict.outcomes:
        ident = f"requirement:{outcome.requirement[:64]}"
        if ident in resting or outcome.holds:
            url = f"{release.subject.url}#{anchor(outcome.requirement)}"
            graph.add(Node(ident, outcome.title, _("Requirement"), REQUIREMENT, url, str(outcome.status)))
            graph.edges.append(Edge(ident, VERDICT_NODE))
