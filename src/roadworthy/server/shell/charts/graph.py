"""The graph of provenance, left to right, at most seven nodes in a column before it folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.documents.sign import SIGNS
from roadworthy.server.shell.components.chip import status_of

MOST = 7
WIDTH, HEIGHT, GAP_X, GAP_Y, HEAD = 172, 46, 46, 12, 28
LETTERS = 21
"""Characters of a title that fit into a node; the whole is in its tooltip and in the table."""


@dataclass(frozen=True)
class Node:
    """A thing in the graph."""

    id: str
    title: str
    kind: str
    """For example `Requirement`; stands above the title."""
    column: int
    url: str = ""
    status: str = ""
    """Outcome whose colour the node wears, where it has one."""


@dataclass(frozen=True)
class Edge:
    """What rests on what: `to` rests on `source`."""

    source: str
    to: str


def provenance_graph(
    title: str, nodes: Sequence[Node], edges: Sequence[Edge], columns: Sequence[str] = (), more_url: str = ""
) -> SafeString:
    """Draw nodes in their columns and who rests on whom, with a table that says the same."""
    folded = _folded(nodes, more_url)
    drawn_ids = {node.id for node in folded}
    stands_for = {node.id: node.id if node.id in drawn_ids else f"more-{node.column}" for node in nodes}
    places = _places(folded, edges)
    lines = sorted(
        {(stands_for[e.source], stands_for[e.to]) for e in edges if e.source in stands_for and e.to in stands_for}
    )
    number = max((node.column for node in folded), default=0) + 1
    height = HEAD + max((y for _x, y in places.values()), default=0) + HEIGHT + 4
    width = number * WIDTH + (number - 1) * GAP_X + 2
    drawing = format_html(
        '<svg class="graph" width="{0}" height="{1}" role="group" aria-label="{2}">{3}{4}{5}</svg>',
        width,
        height,
        title,
        _heads(columns),
        _lines(lines, places),
        format_html_join("", "{}", ((_node(node, *places[node.id]),) for node in folded)),
    )
    return format_html(
        '<div class="scroll graph-box" tabindex="0" role="region" aria-label="{}">{}</div>{}',
        title,
        drawing,
        _table(nodes, edges),
    )


def _folded(nodes: Sequence[Node], more_url: str) -> list[Node]:
    shown: list[Node] = []
    for column in sorted({node.column for node in nodes}):
        here = [node for node in nodes if node.column == column]
        if len(here) <= MOST:
            shown += here
            continue
        rest = len(here) - MOST + 1
        shown += here[: MOST - 1]
        shown.append(Node(f"more-{column}", _("and %(number)d more") % {"number": rest}, "", column, more_url))
    return shown


def _places(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, tuple[int, int]]:
    """Place each node near those it rests on, so that lines cross little."""
    rows: dict[str, float] = {}
    places: dict[str, tuple[int, int]] = {}
    for column in sorted({node.column for node in nodes}):
        here = [node for node in nodes if node.column == column]
        pull = {node.id: [rows[e.source] for e in edges if e.to == node.id and e.source in rows] for node in here}
        order = sorted(
            here,
            key=lambda node: (
                node.id.startswith("more-"),
                sum(pull[node.id]) / len(pull[node.id]) if pull[node.id] else 0,
            ),
        )
        for row, node in enumerate(order):
            rows[node.id] = row
            places[node.id] = (column * (WIDTH + GAP_X) + 1, row * (HEIGHT + GAP_Y))
    return places


def _heads(columns: Sequence[str]) -> SafeString:
    return format_html_join(
        "",
        '<text class="column" x="{}" y="16">{}</text>',
        ((place * (WIDTH + GAP_X) + 1, word) for place, word in enumerate(columns)),
    )


def _lines(lines: Sequence[tuple[str, str]], places: dict[str, tuple[int, int]]) -> SafeString:
    paths = []
    for source, to in lines:
        (x1, y1), (x2, y2) = places[source], places[to]
        a, b, middle = x1 + WIDTH, x2, (x1 + WIDTH + x2) / 2
        start, end = HEAD + y1 + HEIGHT / 2, HEAD + y2 + HEIGHT / 2
        paths.append((f"M{a} {start}C{middle} {start} {middle} {end} {b} {end}",))
    return format_html_join("", '<path class="edge" d="{}"/>', paths)


def _node(node: Node, x: int, y: int) -> SafeString:
    css = SIGNS[status_of(node.status)].css if node.status else "neutral"
    told = f"{node.kind}: {node.title}" if node.kind else node.title
    if node.status:
        told = f"{told}, {SIGNS[status_of(node.status)].word.lower()}"
    body = format_html(
        '<g class="node s-{}"><title>{}</title><rect x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        '<rect class="mark" x="{}" y="{}" width="4" height="{}"/>'
        '<text class="kind" x="{}" y="{}">{}</text><text x="{}" y="{}">{}</text></g>',
        css,
        told,
        x,
        HEAD + y,
        WIDTH,
        HEIGHT,
        x,
        HEAD + y + 6,
        HEIGHT - 12,
        x + 14,
        HEAD + y + 18,
        node.kind,
        x + 14,
        HEAD + y + (35 if node.kind else 28),
        node.title if len(node.title) <= LETTERS else f"{node.title[: LETTERS - 1].rstrip()}…",
    )
    return format_html('<a href="{}" aria-label="{}">{}</a>', node.url, told, body) if node.url else body


def _table(nodes: Sequence[Node], edges: Sequence[Edge]) -> SafeString:
    titles = {node.id: node for node in nodes}
    rows = format_html_join(
        "",
        "<tr><td>{}: {}</td><td>{}: {}</td></tr>",
        (
            (titles[e.to].kind, titles[e.to].title, titles[e.source].kind, titles[e.source].title)
            for e in edges
            if e.source in titles and e.to in titles
        ),
    )
    return format_html(
        '<details><summary>{}</summary><table><thead><tr><th scope="col">{}</th><th scope="col">{}</th></tr></thead>'
        "<tbody>{}</tbody></table></details>",
        _("Show as a table"),
        _("What"),
        _("Rests on"),
        rows,
    )
