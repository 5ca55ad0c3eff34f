"""One sample of an Inspect log as a row (inspect_ai.log.EvalSample, log schema 2)."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.json_file import parse_json_object
from roadworthy.evaluate.adapters.peer import peer_row

_LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_ATTACHMENT = "attachment://"
_LIMIT = "sample_limit"


class InspectSample(msgspec.Struct, frozen=True):
    """The fields that are read; events, most of a log, are passed over."""

    id: int | str
    epoch: int
    input: Any = None
    target: Any = None
    output: dict[str, Any] = {}
    scores: dict[str, dict[str, Any]] | None = None
    score: dict[str, Any] | None = None
    """Of logs before several scorers were possible."""
    metadata: dict[str, Any] = {}
    error: dict[str, Any] | None = None
    invalidation: dict[str, Any] | None = None
    limit: dict[str, Any] | None = None
    attachments: dict[str, str] = {}
    model_usage: dict[str, dict[str, Any]] = {}
    total_time: float | None = None

    @property
    def model(self) -> str:
        """Return the model that gave the answer."""
        return str(self.output.get("model") or "")


_decode = msgspec.json.Decoder(InspectSample).decode


def parse_sample(data: bytes, place: Place) -> InspectSample:
    """Read one sample. Inspect writes NaN for a score that could not be made, which only the slow way reads."""
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return convert_sample(parse_json_object(data, place, not_a_number=True), place)


def convert_sample(value: Any, place: Place) -> InspectSample:
    """Read one sample that is parsed already."""
    try:
        return msgspec.convert(value, InspectSample)
    except msgspec.ValidationError as error:
        raise InputError(
            f"this is not a sample as Inspect writes it: {error}",
            place=place,
            remedy="Convert the log with a present version of Inspect: inspect log convert.",
        ) from error


def sample_row(sample: InspectSample, model: str | None, epochs: int, place: Place) -> dict[str, Any]:
    """Make the row; the id names the epoch where there are several."""
    case = str(sample.id)
    if sample.limit and _LIMIT not in sample.metadata:
        sample.metadata[_LIMIT] = sample.limit.get("type")
    usage = sample.model_usage.values()
    try:
        return peer_row(
            id=f"{case}#{sample.epoch}" if epochs > 1 else case,
            case=case,
            epoch=sample.epoch,
            input=_resolved(sample.input, sample.attachments),
            output=_resolved(_completion(sample.output), sample.attachments),
            target=sample.target,
            error=_error(sample),
            model=model,
            scores=dict(_scores(sample)),
            metadata=_finite(_resolved(sample.metadata, sample.attachments)),
            seconds=sample.total_time,
            tokens_in=sum(int(used.get("input_tokens") or 0) for used in usage) if usage else None,
            tokens_out=sum(int(used.get("output_tokens") or 0) for used in usage) if usage else None,
        )
    except ValueError as error:
        raise InputError(str(error), place=place, remedy="Rename one of the scorers or metadata keys.") from error


def _error(sample: InspectSample) -> str | None:
    if sample.error is not None:
        return str(sample.error.get("message") or "the sample failed")
    if sample.invalidation is not None:
        return f"invalidated: {sample.invalidation.get('reason') or 'no reason given'}"
    return None


def _scores(sample: InspectSample) -> list[tuple[str, float | None]]:
    """List every score: a dictionary or a list gives one for each key or place."""
    scores = sample.scores or ({"score": sample.score} if sample.score else {})
    found: list[tuple[str, float | None]] = []
    for name, score in scores.items():
        match score.get("value"):
            case dict() as parts:
                found += [(f"{name}.{key}", as_number(value)) for key, value in parts.items()]
            case list() as values:
                found += [(f"{name}.{at}", as_number(value)) for at, value in enumerate(values)]
            case value:
                found.append((name, as_number(value)))
    return found


def as_number(value: Any) -> float | None:
    """Read a score as Inspect's `value_to_float` does; what it would take for 0 with a warning is None here.

    NaN is Inspect's mark for a score that could not be made, and None too.
    """
    if isinstance(value, str):
        if value in _LETTERS:
            return _LETTERS[value]
        if value.lower() in _WORDS:
            return _WORDS[value.lower()]
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    return None


def _completion(output: dict[str, Any]) -> str:
    """Return the text of the answer; old logs have it in the message only."""
    if isinstance(output.get("completion"), str):
        return str(output["completion"])
    choices = output.get("choices") or []
    content = choices[0].get("message", {}).get("content", "") if choices else ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def _resolved(value: Any, attachments: dict[str, str]) -> Any:
    """Put what the log holds once, as an attachment, where it belongs."""
    if isinstance(value, str) and value.startswith(_ATTACHMENT):
        return attachments.get(value.removeprefix(_ATTACHMENT), value)
    if isinstance(value, list):
        return [_resolved(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, attachments) for key, item in value.items()}
    return value


def _finite(metadata: dict[str, Any]) -> dict[str, Any]:
    """Leave numbers that are none empty: a dataset refuses them, and a score is never read from here."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in metadata.items()}
