"""The connection to a Ray cluster that is there already."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError, MissingExtra, RoadworthyError

LEFT_OUT = [".roadworthy", ".git", ".venv", "out", "__pycache__"]
"""What workers do not need of a project; datasets stay with the driver, too."""
_PATIENCE = 5.0
"""Seconds to wait for a cluster to answer."""


def load_ray() -> Any:
    """Return the module `ray`. Raises MissingExtra without it."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("Ray", "ray", "'--on ray'") from error
    return ray


@contextmanager
def connected(project: Path, datasets: list[Path]) -> Iterator[Any]:
    """Connect to the cluster of RAY_ADDRESS, or the one of this machine, and give the project's files to its workers.

    Yields the module `ray`. Raises MissingExtra without Ray, InputError when no cluster answers.
    """
    ray = load_ray()
    address = os.environ.get("RAY_ADDRESS", "auto")
    inside = [str(path.resolve().relative_to(project.resolve())) for path in datasets if _inside(path, project)]
    try:
        _knock(address)
        ray.init(
            address=address,
            runtime_env={"working_dir": str(project.resolve()), "excludes": [*LEFT_OUT, *inside]},
            log_to_driver=False,
            configure_logging=False,
        )
    except (OSError, RuntimeError, ValueError) as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(
            f"no Ray cluster answers at {address!r}: {said}",
            remedy="Start one ('ray start --head'), or name it in RAY_ADDRESS.",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """See that somebody listens: Ray itself would wait for minutes. Raises OSError when nobody does."""
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.removeprefix("ray://"), int(port)), timeout=_PATIENCE).close()


def width_of(ray: Any, most: int) -> int:
    """Return how many shards run at the same time: one for each processor, at most `most`."""
    processors = int(ray.cluster_resources().get("CPU", 0))
    if processors < 1:
        raise RoadworthyError("the Ray cluster has no processor", remedy="Add a node with at least one.")
    return max(1, min(processors, most))


def _inside(path: Path, project: Path) -> bool:
    return path.resolve().is_relative_to(project.resolve())
