"""An attempt of garak: one prompt, its answers, and what the detectors made of each (garak.attempt.Attempt.as_dict)."""

from __future__ import annotations

from typing import Any

import msgspec


class Attempt(msgspec.Struct, frozen=True):
    """One prompt and what was answered to it, once for each generation."""

    uuid: str
    probe_classname: str
    status: int
    seq: int | None = None
    prompt: Any = None
    outputs: list[Any] = []
    detector_results: dict[str, list[float | None]] = {}
    goal: str | None = None
    intent: str | None = None
    notes: dict[str, Any] | None = None

    @property
    def generations(self) -> int:
        """Return how many answers there should be a score for."""
        return max([len(self.outputs), *map(len, self.detector_results.values())])

    @property
    def case(self) -> str:
        """Return the probe and the number of the prompt, or of the prompt that a buff changed."""
        source = (self.notes or {}).get("buff_source_seq", self.seq)
        return f"{self.probe_classname}/{self.uuid if source in (None, -1) else source}"

    @property
    def question(self) -> str | None:
        """Return what was asked: the last turn of a conversation, or plain text before garak 0.13."""
        turns = self.prompt.get("turns") if isinstance(self.prompt, dict) else None
        last = turns[-1] if isinstance(turns, list) and turns else None
        return _text(last.get("content") if isinstance(last, dict) else self.prompt)

    def answer(self, at: int) -> str | None:
        """Return the text of one answer; None where the model gave none."""
        return _text(self.outputs[at]) if at < len(self.outputs) else None

    def score(self, detector: str, at: int) -> float | None:
        """Return what a detector made of one answer; None where it could not tell."""
        found = self.detector_results[detector]
        return found[at] if at < len(found) else None


def _text(message: Any) -> str | None:
    text = message.get("text") if isinstance(message, dict) else message
    return text if isinstance(text, str) else None
