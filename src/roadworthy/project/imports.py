"""Import the log of another tool: look at what it holds, and write the suite that measures with it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError, Place, StorageError
from roadworthy.core.files import write_atomically
from roadworthy.core.names import SLUG, did_you_mean
from roadworthy.evaluate.adapters.figures import Figure, figures
from roadworthy.evaluate.adapters.peer import METADATA, SCORES, Adapter, Lack, PeerLog, column_name
from roadworthy.evaluate.adapters.table import adapter_named, detect, peer_files, read_peer_log
from roadworthy.evaluate.imported import UNRECORDED, which_model
from roadworthy.evaluate.metrics.metric import Aggregate
from roadworthy.evaluate.metrics.table import METRICS
from roadworthy.project.project import Project
from roadworthy.project.score_names import likeliest_pair

_INVERTED = re.compile(r"1\s*-\s*(.+)")


@dataclass(frozen=True)
class Look:
    """What a log holds."""

    path: Path
    adapter: Adapter
    log: PeerLog
    figures: tuple[Figure, ...]

    @property
    def measurable(self) -> bool:
        """Tell whether it holds samples, without which nothing can be measured."""
        return Lack.SAMPLES not in self.log.lacking


def look_at(path: Path, name: str | None = None) -> Look:
    """Read a log, of the named format or of the one that it looks like. Raises InputError with file and cause."""
    adapter = adapter_named(name) if name else detect(path)
    log = read_peer_log(adapter.format, path)
    return Look(path, adapter, log, tuple(figures(log, adapter.rows(path))))


def chosen_scores(look: Look, given: tuple[str, ...]) -> dict[str, str]:
    """Read `PEER=OURS` and `1-PEER=OURS` as score id -> column, in the words of a suite.

    Without any, the scores that are called as ours are taken. What a peer calls a success may be what we call a
    failure, so that nothing is guessed. Raises InputError that lists both sides.
    """
    ours = _our_scores()
    theirs = {score.name for score in look.log.scores}
    if not given:
        given = tuple(f"{name}={name}" for name in sorted(theirs & ours))
    if not given:
        raise InputError(
            f"say which score of the log is which of ours; it has {', '.join(sorted(theirs)) or 'none'}",
            remedy=f"{_suggestion(theirs, ours)} Known: {', '.join(sorted(ours))}.",
        )
    return dict(_pair(text, theirs, ours) for text in given)


def _suggestion(theirs: set[str], ours: set[str]) -> str:
    pair = likeliest_pair(theirs, ours)
    if pair is None:
        return "Their names do not tell: write --score THEIRS=OURS, or 1-THEIRS=OURS where they count the opposite."
    return f"By the names it may be --score {shlex.quote('='.join(pair))}; see that it counts the same thing."


def _pair(text: str, theirs: set[str], ours: set[str]) -> tuple[str, str]:
    their, _, our = text.rpartition("=")
    inverted = _INVERTED.fullmatch(their)
    name = column_name(inverted[1] if inverted else their)
    if name not in theirs:
        raise InputError(f"the log has no score {their!r}", remedy=did_you_mean(name, theirs))
    if our not in ours:
        raise InputError(f"no metric reads a score {our!r}", remedy=did_you_mean(our, ours))
    return our, f"{'1 - ' if inverted else ''}{SCORES}{name}"


def _our_scores() -> set[str]:
    return set().union(*(metric.scores for metric in METRICS.values() if metric.aggregate is Aggregate.MEAN))


def unknown_models(look: Look, project: Project) -> list[str]:
    """List the models of the log that are none of the declared ones."""
    names = look.log.models or (UNRECORDED,)
    return [name for name in names if which_model(name, {}, project.system) is None]


def write_suite(look: Look, project: Project, scores: dict[str, str], suite: str | None = None) -> list[Path]:
    """Write evals/<suite>.yaml, and bring the log into the project when it lies elsewhere; overwrite nothing.

    Returns what was written. Raises InputError when the suite, or another file of the log's name, is there.
    """
    evals = project.directory / "evals"
    name = suite or _slug(look.log.task)
    if not SLUG.match(name):
        raise InputError(f"{name!r} cannot be an id", remedy="Use small letters, digits, '-', '.' and '_'.")
    target = evals / f"{name}.yaml"
    if target.exists():
        raise InputError(
            "there is a suite of this name already", place=Place(target), remedy="Give another name with --suite."
        )
    log, copied = _bring(look, project, evals)
    write_atomically(target, _suite_text(look, name, log, scores).encode())
    return [*copied, target]


def _bring(look: Look, project: Project, evals: Path) -> tuple[Path, list[Path]]:
    """Return the path of the log beside the suite, and the files that were copied there."""
    root = project.directory.resolve()
    if look.path.resolve().is_relative_to(root):
        return Path(os.path.relpath(look.path.resolve(), evals.resolve())), []
    copied = [_copy(file, evals / "logs" / file.name) for file in peer_files(look.adapter.format, look.path)]
    return Path("logs") / look.path.name, [path for path in copied if path]


def _copy(source: Path, target: Path) -> Path | None:
    if target.exists():
        if sha256_file(target) == sha256_file(source):
            return None
        raise InputError(
            "another file of this name is there already",
            place=Place(target),
            remedy=f"Rename {source.name}, then import it again.",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise StorageError(f"cannot write {target}: {error.strerror}", remedy="Mend the permissions.") from error
    return target


def _suite_text(look: Look, name: str, file: Path, scores: dict[str, str]) -> str:
    import yaml

    log = look.log
    dataset: dict[str, Any] = {"file": file.as_posix(), "format": look.adapter.format, "id": "id"}
    if log.cluster:
        dataset["cluster"] = log.cluster
    content = {
        "suite": name,
        "title": f"{log.task}, measured with {log.harness}",
        "dataset": dataset,
        "target": {"kind": "logs", "response": "output", "error": "error", "model": "model", "scores": scores},
        "metrics": _metrics(scores),
    }
    body: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    return "\n".join(["# " + line for line in _remarks(log)]) + "\n" + body


def _remarks(log: PeerLog) -> list[str]:
    lacking = ", ".join(log.lacking) or "nothing that weighs"
    lines = [
        f"From a log of {log.harness} {log.version or '(version not recorded)'}; it lacks: {lacking} (docs/peers.md).",
        "'dataset: cluster:' names what is independent: cases that share a template, a person or an attack are not.",
    ]
    columns = sorted(name for name in log.columns if name.startswith(METADATA))
    if columns:
        lines.append(f"Columns for 'cluster:' and 'slices:': {', '.join(columns)}.")
    if len(log.models) > 1:
        lines.append(f"Several models answered; take one: 'where: {{model: {log.models[0]}}}' under 'dataset:'.")
    if any(score.judge for score in log.scores):
        lines.append("A model judged some scores: state how often it errs under 'target: known_error:'.")
    return [" ".join(line.split()) for line in lines]


def _metrics(scores: dict[str, str]) -> list[str]:
    """List the metrics that read these scores, but for those that compare forms of a case, which no log has."""
    return [
        name
        for name, metric in METRICS.items()
        if metric.aggregate is Aggregate.MEAN
        and metric.scores <= set(scores)
        and not any(rate.leaves_out for rate in metric.rates)
    ]


def _slug(task: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", task.split("/")[-1].lower()).strip("-._")[:64] or "imported"
