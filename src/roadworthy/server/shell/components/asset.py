"""Addresses of style sheets and scripts: they carry a digest, so that an update never meets what a browser kept."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.templatetags.static import static

ROOT = Path(__file__).parent.parent / "static" / "roadworthy"


def _digest(name: str) -> str:
    return hashlib.sha256(Path(f"{ROOT}/{name}").read_bytes()).hexdigest()[:12]


@cache
def asset(name: str) -> str:
    """Return the address of an asset of the shell: `asset("base.css")`."""
    return f"{static(f'roadworthy/{name}')}?v={_digest(name)}"
