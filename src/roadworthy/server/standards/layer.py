"""The organisation's own layer as files: read by the loader of projects, so that both say the same."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.core.yaml_file import parse_yaml
from roadworthy.decide.policy_test import PolicyResult, run_policy_tests
from roadworthy.decide.standard_check import check_metrics
from roadworthy.standard.load import DEFAULT, LoadedStandard, load_standard
from roadworthy.standard.model import Requirement

HEADER = "standard.yaml"
CHANGES = "changes.yaml"
THRESHOLDS = "thresholds.yaml"
"""Written by the forms; people edit the other files."""
_NAME = re.compile(r"(?:tests/)?[a-z0-9][a-z0-9_.-]{0,60}\.yaml")
FILES = 60
LARGEST = 1_000_000
"""Characters of all files together."""
TEXT = "# What this layer adds to the standard below it, replaces or removes: docs/standards-on-the-server.md.\n"


def first_layer(lower: str) -> dict[str, str]:
    """Return the files of a layer that changes nothing yet."""
    header = {
        "standard": "organisation",
        "version": "1",
        "title": "Standard of the organisation",
        "extends": lower,
    }
    return {HEADER: yaml.safe_dump(header, sort_keys=False), CHANGES: f"{TEXT}requirements: []\n"}


def next_layer(files: Mapping[str, str]) -> dict[str, str]:
    """Return the files of a layer with the next version in its header."""
    header = parse_yaml(files[HEADER], HEADER)
    version = str(header.value["version"])
    found = re.fullmatch(r"(.*?)(\d{1,9})", version)
    following = f"{found[1]}{int(found[2]) + 1}" if found else f"{version}.1"
    value = {**header.value, "version": following}
    value.pop("published", None)
    return {**files, HEADER: yaml.safe_dump(value, sort_keys=False, allow_unicode=True)}


def load_layer(files: Mapping[str, str]) -> LoadedStandard:
    """Load the default standard with a layer over it.

    Raises InputErrors that name file, line, cause and remedy, for predicates, metrics and references too.
    """
    _check_names(files)
    with _written(files) as directory:
        try:
            loaded = load_standard([directory])
            check_metrics(loaded)
        except InputError as error:
            raise _placed(error, directory) from error
    return loaded


def run_tests(loaded: LoadedStandard, files: Mapping[str, str]) -> list[PolicyResult]:
    """Run the policy tests of the default standard, and those of the layer, which replace one of the same name."""
    tests = {
        f"tests/{path.name}": path.read_text(encoding="utf-8") for path in sorted((DEFAULT / "tests").glob("*.yaml"))
    }
    tests |= {name: text for name, text in files.items() if name.startswith("tests/")}
    with _written(tests) as directory:
        try:
            results = run_policy_tests(loaded, directory)
        except InputError as error:
            raise _placed(error, directory) from error
        return [PolicyResult(one.test, one.file.relative_to(directory), one.failures) for one in results]


def with_requirement(files: Mapping[str, str], requirement: Requirement) -> dict[str, str]:
    """Return the files with a requirement as the forms changed it, in the file that the forms write.

    Raises InputError when people changed the same requirement in a file of theirs: it is edited there.
    """
    for name, text in files.items():
        if name == THRESHOLDS or name.startswith("tests/"):
            continue
        source = parse_yaml(text, name)
        for place, item in enumerate((source.value or {}).get("requirements") or []):
            if isinstance(item, dict) and item.get("id") == requirement.id:
                raise InputError(
                    f"{requirement.id} is changed in {name} already",
                    place=source.place(("requirements", place)),
                    remedy=f"Edit it there, or take it out of {name}.",
                )
    kept: list[dict[str, Any]] = (parse_yaml(files.get(THRESHOLDS, ""), THRESHOLDS).value or {}).get("requirements", [])
    value = requirement.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    others = [item for item in kept if item.get("id") != requirement.id]
    text = yaml.safe_dump({"requirements": [*others, value]}, sort_keys=False, allow_unicode=True, width=110)
    return {**files, THRESHOLDS: f"# Written by the forms of the server.\n{text}"}


def zipped(files: Mapping[str, str], name: str) -> bytes:
    """Return the layer as a zip archive with one directory, which a project can name as its standard."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}"), text)
    return body.getvalue()


def _check_names(files: Mapping[str, str]) -> None:
    if HEADER not in files:
        raise InputError(f"the layer needs the file {HEADER}", remedy="Write standard, version, title and extends.")
    if len(files) > FILES or sum(map(len, files.values())) > LARGEST:
        raise InputError("the layer is too large", remedy=f"Keep it to {FILES} files and 1 MB.")
    for name, text in files.items():
        if not _NAME.fullmatch(name) or ".." in name:
            raise InputError(
                f"{name[:80]!r} is no name of a file of a layer",
                remedy="Name files as agents.yaml, and tests as tests/agents.yaml.",
            )
        if "\x00" in text:
            raise InputError("the file holds a NUL character", place=Place(name), remedy="Remove it.")


@contextmanager
def _written(files: Mapping[str, str]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="roadworthy-layer-") as name:
        directory = Path(name)
        (directory / "tests").mkdir()
        for path, text in files.items():
            try:
                (directory / path).write_text(text, encoding="utf-8")
            except UnicodeEncodeError as error:
                raise InputError(
                    "this is not UTF-8 text", place=Place(path), remedy="Remove broken characters."
                ) from error
        yield directory


def _placed(error: InputError, directory: Path) -> InputErrors:
    """Name files as the layer names them, not by where they were written for a moment."""
    errors = error.errors if isinstance(error, InputErrors) else [error]
    return InputErrors(
        [InputError(one.problem, place=_shown(one.place, directory), remedy=one.remedy) for one in errors]
    )


def _shown(place: Place | None, directory: Path) -> Place | None:
    if place is None:
        return None
    file = Path(place.file)
    return Place(str(file.relative_to(directory)) if file.is_relative_to(directory) else file.name, place.line)
