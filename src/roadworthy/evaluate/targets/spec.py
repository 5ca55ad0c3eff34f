"""What every target of a suite says of itself, whatever its kind."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.sampling import Sampling
from roadworthy.evaluate.targets.target import Asked, Recorded


@dataclass(frozen=True)
class Given:
    """What a suite gives its target beside the keys of the target itself."""

    prompt: Prompt
    sampling: Sampling
    folder: Path
    """Of the suite: where relative paths start."""
    dataset: Path
    place: Place | None = None
    """Of the key `target`."""


class TargetModel(FileModel):
    """One kind of target, as a suite writes it."""

    prompted: ClassVar[bool] = False
    """It cannot be asked without a prompt."""
    gives_scores: ClassVar[bool] = False
    """Its answers may hold scores."""

    @property
    def columns(self) -> frozenset[str] | None:
        """Columns of the dataset that it reads beside the prompt; None where functions of the team see all."""
        return frozenset()

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that it can send."""
        return frozenset()

    @property
    def needs(self) -> frozenset[str]:
        """Keys of `sampling` that it cannot do without."""
        return frozenset()

    @property
    def system_first(self) -> bool:
        """Tell whether the vendor takes system messages at the beginning only."""
        return False

    @property
    def reports_tools(self) -> bool:
        """Tell whether its answers say which tools were called."""
        return False

    def problems(self, folder: Path, place: Place) -> list[InputError]:  # noqa: ARG002
        """List what can be seen to be wrong without asking and without keys; `folder` is that of the suite."""
        return []


class AskedTarget(TargetModel):
    """A target that is called for each case."""

    @abstractmethod
    def bind(self, given: Given) -> Asked:
        """Get ready to ask. Raises InputError when an environment variable or a function is not there."""


class RecordedTarget(TargetModel):
    """A target whose answers are in the dataset already."""

    @abstractmethod
    def bind(self, given: Given) -> Recorded:
        """Get ready to read."""
