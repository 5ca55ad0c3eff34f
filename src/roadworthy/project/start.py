"""Start a project: a declaration, a first suite, an ignore file. Nothing that exists is overwritten."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from roadworthy.core.files import read_text, write_atomically

SCAFFOLD = Path(__file__).parent / "scaffold"
IGNORE = ".roadworthy/\nout/\n"


@dataclass(frozen=True)
class Answers:
    """What `roadworthy init` asks."""

    system: str
    title: str
    kind: str
    purpose: str
    team: str
    contact: str
    region: str
    target: str
    """openai, http or python."""
    endpoint: str
    """Base URL, URL, or file.py:function."""
    model: str
    provider: str
    release: str = "0.1"


@dataclass(frozen=True)
class Written:
    """What was written and what was already there."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def start_project(directory: Path, answers: Answers) -> Written:
    """Write the first files of a project into `directory`; files that exist are kept as they are."""
    files = {
        directory / "roadworthy.yaml": _render("roadworthy.yaml.j2", answers),
        directory / "evals" / "task-quality.yaml": _render("first-suite.yaml.j2", answers),
        directory / "evals" / "data" / "task-quality.jsonl": (SCAFFOLD / "task-quality.jsonl").read_text("utf-8"),
    }
    written, kept = [], []
    for path, text in files.items():
        if path.exists():
            kept.append(path)
            continue
        write_atomically(path, text.encode("utf-8"))
        written.append(path)
    ignore = directory / ".gitignore"
    if _extend_ignore(ignore):
        written.append(ignore)
    return Written(tuple(written), tuple(kept))


def _render(template: str, answers: Answers) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # YAML is written here, not HTML: every free text goes through `tojson`, which quotes it for YAML too.
    environment = Environment(
        loader=FileSystemLoader(SCAFFOLD),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    environment.filters["tojson"] = _quoted
    environment.filters["plain"] = _plain
    return environment.get_template(template).render(**asdict(answers))


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """Write a word without quotes where YAML reads it back as that very text."""
    word = re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", text) and text.lower() not in {"true", "false", "null"}
    return text if word else _quoted(text)


def _extend_ignore(path: Path) -> bool:
    before = read_text(path) if path.exists() else ""
    missing = [line for line in IGNORE.splitlines() if line not in before.splitlines()]
    if not missing:
        return False
    joint = "" if not before or before.endswith("\n") else "\n"
    write_atomically(path, f"{before}{joint}{chr(10).join(missing)}\n".encode())
    return True
