"""How a suite says what people think of the answers that a scorer judges."""

from __future__ import annotations

from pydantic import model_validator

from roadworthy.core.model import FileModel


class CalibrationSpec(FileModel):
    """Labels by people, in a CSV file with a header.

    Of answers of this very run (`id`), drawn at random from its cases; or of another sample of answers, with what the
    scorer said of them (`score`), or with the answers, for the scorer to judge now (`response` without `id`).
    """

    file: str
    """CSV beside the suite."""
    label: str
    """Column with the label of a person, from 0 to 1; rows where it is empty are left out."""
    id: str | None = None
    """Column with the id of a case of the dataset."""
    score: str | None = None
    """Column with the score that the scorer gave."""
    response: str | None = None
    """Column with the answer that the person saw; labels of other answers to the same case do not count."""
    cluster: str | None = None
    """Column of the independent unit, for another sample."""

    @model_validator(mode="after")
    def _one_sample(self) -> CalibrationSpec:
        if self.id is not None and (self.score is not None or self.cluster is not None):
            raise ValueError("labels of this run ('id') take score and cluster from it; drop 'score' and 'cluster'")
        if self.id is None and (self.score is None) == (self.response is None):
            raise ValueError("give 'id' for answers of this run, or one of 'score' and 'response' for another sample")
        return self

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the file that are read."""
        named = (self.label, self.id, self.score, self.response, self.cluster)
        return frozenset(name for name in named if name is not None)
