"""A function that a suite names: module:function, or file.py:function beside the suite."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError, Place


def load_function(reference: str, folder: Path, place: Place | None = None) -> Callable[..., Any]:
    """Import the function that `reference` names. Raises InputError when there is none."""
    source, _, name = reference.rpartition(":")
    if not source or not name:
        raise InputError(
            f"{reference!r} names no function",
            place=place,
            remedy="Write module:function, or file.py:function beside the suite.",
        )
    try:
        module = _from_file(folder / source) if source.endswith(".py") else importlib.import_module(source)
    except Exception as error:
        raise InputError(
            f"{source} cannot be imported: {type(error).__name__}: {error}",
            place=place,
            remedy="Check that the file is there and can be imported on its own.",
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        raise InputError(f"{source} has no function {name!r}", place=place, remedy="Correct the name.")
    return function  # type: ignore[no-any-return]


def source_digest(reference: str, folder: Path) -> str | None:
    """Return the digest of the file that holds the function; None when it cannot be told."""
    source = reference.rpartition(":")[0]
    if source.endswith(".py"):
        path = folder / source
        return sha256_file(path) if path.is_file() else None
    spec = importlib.util.find_spec(source)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return None
    return sha256_file(Path(spec.origin))


def _from_file(path: Path) -> Any:
    # The digest is part of the name: the evidence states it, and a changed file must not run as it was.
    name = f"roadworthy_user_{path.stem}_{abs(hash(str(path.resolve())))}_{sha256_file(path)[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not Python source")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
