"""Load what requests would load one by one, and take it out of the garbage collector's sight.

A full collection walks through all that is loaded, which takes 150 ms in the middle of somebody's request. What is
loaded by then stays for good, so that it need not be walked through.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver


def warm() -> None:
    """Load every page and template, then freeze what is there; once in each process that answers requests."""
    _load_pages(get_resolver())
    _load_templates()
    gc.collect()
    gc.freeze()


def _load_pages(resolver: Any) -> None:
    """Import the views: those of a part are imported when its addresses are first read."""
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            _load_pages(pattern)


def _load_templates() -> None:
    ours = Path(__file__).parent
    for folder in map(Path, get_app_template_dirs("templates")):
        if folder.is_relative_to(ours):
            for file in folder.rglob("*.html"):
                get_template(file.relative_to(folder).as_posix())
