"""Options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.core.errors import InputError
from roadworthy.project.project import Project


@Parameter(name="*")
@dataclass(frozen=True)
class Where:
    """Which project, under which standard."""

    project: Annotated[Path, Parameter(name=["--project", "-C"])] = Path(".")
    """Directory that holds roadworthy.yaml."""
    standard: Annotated[tuple[Path, ...], Parameter(name="--standard", negative="", show_default=False)] = ()
    """Directory of a further layer of the standard; may be repeated."""
    trust: Annotated[tuple[str, ...], Parameter(name="--trust", negative="", show_default=False)] = field(default=())
    """A public key to trust: 64 hex digits, or a file; may be repeated."""

    def open(self) -> Project:
        """Open the project."""
        return Project.open(self.project, layers=self.standard, trust=self.trust)


HERE = Where()


def check_confidence(confidence: float) -> None:
    """Raise InputError unless `confidence` lies between 0.5 and 1."""
    if not 0.5 < confidence < 1.0:
        raise InputError(f"--confidence is {confidence:g}, not between 0.5 and 1", remedy="Write 0.95 for 95 %.")
