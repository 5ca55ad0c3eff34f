"""What is vendored is what VENDORED.md says, and nothing in the frame needs inline script or style."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

SHELL = Path(__file__).parents[3] / "src" / "roadworthy" / "server" / "shell"
VENDOR = SHELL / "static" / "roadworthy" / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", re.MULTILINE)
TAG = re.compile(r"{[%{].*?[%}]}")
LISTED = dict(ROW.findall((VENDOR / "VENDORED.md").read_text(encoding="utf-8")))


def test_every_vendored_file_is_listed():
    assert set(LISTED) == {path.name for path in VENDOR.iterdir()} - {"VENDORED.md"}


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_vendored_file_is_the_one_that_was_published(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == LISTED[name]


@pytest.mark.parametrize("path", sorted(SHELL.parent.glob("*/templates/**/*.html")), ids=lambda path: path.name)
def test_no_template_holds_inline_style_or_script(path):
    text = TAG.sub("", path.read_text(encoding="utf-8"))
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*\ssrc=)", text)
