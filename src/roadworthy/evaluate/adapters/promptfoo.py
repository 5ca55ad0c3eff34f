"""Results of promptfoo as JSON (`promptfoo eval -o results.json`, `promptfoo export eval`), version 3.

Format: https://www.promptfoo.dev/docs/configuration/outputs and the types EvaluateSummaryV3 and EvaluateResult of the
package. A row is one test with one prompt and one provider; `repeat` makes several of the same test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.clock import format_time, parse_time
from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.json_file import read_json_object
from roadworthy.evaluate.adapters.peer import Adapter, Glimpse, Lack, PeerLog, not_a_log, peer_row, take_census
from roadworthy.evaluate.adapters.promptfoo_result import ERRORED, PromptfooFile, PromptfooResult
from roadworthy.evaluate.adapters.promptfoo_score import peer_scores, result_scores
from roadworthy.evaluate.readers.row import Row

VERSION = 3
"""The version of promptfoo's summary that is read."""
_TOOL = "promptfoo"


def detect(glimpse: Glimpse) -> bool:
    """Tell by the first keys of the file."""
    start = glimpse.start[:4096]
    return start.lstrip().startswith(b"{") and b'"evalId"' in start and b'"results"' in start


def read_log(path: Path) -> PeerLog:
    """Read the file and go through every result once."""
    file = _read(path)
    census = take_census(_rows(file, path))
    planned = _planned(file)
    started, finished = _times(file)
    version = file.metadata.get("promptfooVersion")
    scores, unknown_judge = peer_scores(file, census.scores)
    lacks = {
        Lack.SAMPLES: not census.rows,
        Lack.MODEL: not census.models,
        Lack.JUDGE: unknown_judge,
        Lack.PLAN: planned is None,
        Lack.TIME: finished is None,
        Lack.VERSION: not version,
        Lack.CLUSTERS: not census.repeated,
    }
    return PeerLog(
        harness=_TOOL,
        version=version,
        task=str(file.config.get("description") or file.eval_id or "evaluation"),
        models=census.models,
        scores=scores,
        columns=census.columns,
        rows=census.rows,
        planned=max(planned or 0, file.results.stats.total, census.rows),
        started=started,
        finished=finished,
        cluster="case" if census.repeated else None,
        epochs=_repeat(file),
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
        notes=_notes(file, census.models),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the results in the order of the file."""
    yield from _rows(_read(path), path)


def _read(path: Path) -> PromptfooFile:
    value = read_json_object(path)
    version = (value.get("results") or {}).get("version") if isinstance(value.get("results"), dict) else None
    if version is None:
        raise not_a_log(path, _TOOL, "it has no 'results' with a 'version'")
    if version != VERSION:
        raise InputError(
            f"the results are written in version {version} of promptfoo's format; {VERSION} is read",
            place=Place(path),
            remedy="Export them again with a version of promptfoo that writes it: promptfoo export eval.",
        )
    try:
        return msgspec.convert(value, PromptfooFile)
    except msgspec.ValidationError as error:
        raise not_a_log(path, _TOOL, str(error)) from error


def _rows(file: PromptfooFile, path: Path) -> Iterator[Row]:
    """Yield the rows in the order of tests and prompts: results are written as they finish."""
    first: dict[str, int] = {}
    asked: dict[tuple[int, int], int] = {}
    for number, result in sorted(enumerate(file.results.results, start=1), key=_place_in_plan):
        case = first.setdefault(sha256_json(result.test_case), result.test_idx)
        epoch = asked[case, result.prompt_idx] = asked.get((case, result.prompt_idx), 0) + 1
        try:
            yield number, _row(result, f"test-{case}", epoch)
        except ValueError as error:
            remedy = "Rename one of the variables, metrics or keys of the test."
            raise InputError(str(error), place=Place(f"{path}#results[{number - 1}]"), remedy=remedy) from error


def _place_in_plan(numbered: tuple[int, PromptfooResult]) -> tuple[int, int]:
    return numbered[1].test_idx, numbered[1].prompt_idx


def _row(result: PromptfooResult, case: str, epoch: int) -> dict[str, Any]:
    response = result.response or {}
    failed = result.failure_reason == ERRORED
    tokens = result.token_usage or {}
    return peer_row(
        id=f"test-{result.test_idx}/prompt-{result.prompt_idx}",
        case=case,
        epoch=epoch,
        input=result.prompt.get("raw"),
        output=response.get("output"),
        error=(result.error or "promptfoo counts an error and does not say which") if failed else None,
        model=result.model,
        scores=result_scores(result),
        metadata={
            "prompt": result.prompt.get("label"),
            "provider": result.provider.get("label") or result.model,
            "description": result.test_case.get("description"),
            "cached": bool(response.get("cached")),
            **_plain("vars", result.vars.items()),
            **_plain("test", (result.test_case.get("metadata") or {}).items()),
        },
        seconds=None if response.get("cached") else result.latency_ms / 1000,
        tokens_in=tokens.get("prompt"),
        tokens_out=tokens.get("completion"),
        cost=result.cost,
    )


def _plain(prefix: str, items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {f"{prefix}.{name}": value for name, value in items if isinstance(value, str | int | float | bool)}


def _repeat(file: PromptfooFile) -> int:
    said = file.runtime_options.get("repeat") or (file.config.get("evaluateOptions") or {}).get("repeat") or 1
    return int(said)


def _planned(file: PromptfooFile) -> int | None:
    """Return tests x prompts and providers x repeat; None where the file does not hold the tests one by one."""
    tests = file.config.get("tests")
    narrowed = any(key.startswith("filter") and value for key, value in file.runtime_options.items())
    if not isinstance(tests, list) or not tests or narrowed or file.config.get("scenarios"):
        return None
    if not all(_single(test) for test in [*tests, file.config.get("defaultTest") or {}]):
        return None
    return len(tests) * len(file.results.prompts) * _repeat(file)


def _single(test: Any) -> bool:
    """Tell whether a test stands for one result with each prompt: no lists of values, no prompts of its own."""
    if not isinstance(test, dict) or any(key in test for key in ("prompts", "providers", "prompt", "provider")):
        return False
    given = test.get("vars") or {}
    return isinstance(given, dict) and not any(isinstance(value, list) or _is_file(value) for value in given.values())


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("file://")


def _times(file: PromptfooFile) -> tuple[str | None, str | None]:
    """Return start and end; the end is told by the duration."""
    try:
        start = parse_time(str(file.results.timestamp))
    except InputError:
        return None, None
    return format_time(start), format_time(start + timedelta(milliseconds=file.results.stats.duration_ms or 0))


def _notes(file: PromptfooFile, models: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    unasserted = sum(not result.components and result.failure_reason != ERRORED for result in file.results.results)
    if unasserted:
        notes.append(f"{unasserted:,} of the results have no assertion: passed for promptfoo, unscored here.")
    unjudged = sum(any(part.unjudged for part in result.components) for result in file.results.results)
    if unjudged:
        notes.append(f"{unjudged:,} of the results have a judge that failed: failed for promptfoo, unscored here.")
    if len(models) > 1:
        notes.append("Several providers answered; take one of them with 'where: {model: ...}'.")
    if len({result.prompt_idx for result in file.results.results}) > len(models) > 0:
        notes.append("There are several prompts; take one of them with 'where: {metadata.prompt: ...}'.")
    return tuple(notes)


ADAPTER = Adapter(
    format="promptfoo",
    title="promptfoo results (.json)",
    detect=detect,
    log=read_log,
    rows=read_rows,
)
