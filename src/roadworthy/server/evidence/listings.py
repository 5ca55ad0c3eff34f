"""The list of evidence."""

from __future__ import annotations

from roadworthy.server.shell.components.chip import state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Filter, Listing

KINDS = [
    ("measured", "Measured"),
    ("attested", "Attested"),
    ("documented", "Documented"),
    ("exception", "Exception"),
]
EVIDENCE = Listing(
    name="evidence",
    columns=[
        Column("kind", "Kind", lambda row: state_chip(row.kind, tone="neutral"), plain=lambda row: row.kind),
        Column("title", "Evidence", lambda row: row.title, main=True),
        Column("system", "System", lambda row: row.system.title),
        Column("release", "Release", lambda row: row.release),
        Column("samples", "Samples", lambda row: "" if row.samples is None else f"{row.samples:,}", number=True),
        Column("signer", "By", lambda row: row.signer),
        Column("made_at", "Made", lambda row: when(row.made_at), sort="made_at", plain=lambda row: row.made_at),
    ],
    filters=[Filter.on("kind", "Kind", KINDS)],
    search=["title__icontains", "system__title__icontains", "digest__startswith"],
    sort="-made_at",
    url=lambda row: f"/evidence/{row.digest}/",
    empty="No evidence has arrived yet. Push a bundle from CI, or sign a requirement on the page of a release.",
)
