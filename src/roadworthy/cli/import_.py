"""`roadworthy import`: take the log of another tool as evidence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line

if TYPE_CHECKING:
    from roadworthy.evaluate.adapters.figures import Figure
    from roadworthy.project.imports import Look


def import_(
    file: Path,
    *,
    where: Where = HERE,
    format: str | None = None,
    suite: str | None = None,
    score: Annotated[tuple[str, ...], Parameter(name="--score", negative="", show_default=False)] = (),
) -> int:
    """Say what the log of another tool holds and lacks, and write the suite that measures with it.

    Read are logs of Inspect, the lm-evaluation-harness, Every Eval Ever, garak, PyRIT, promptfoo and DeepEval. Nothing
    that exists is overwritten. A log without samples is shown, and is no measurement.

    Parameters
    ----------
    file
        The log.
    format
        Its format; default: told from the file.
    suite
        Id of the suite that is written; default: the task of the log.
    score
        THEIRS=OURS: which score of the log is which of ours; 1-THEIRS=OURS inverts it; may be repeated.
    """
    from roadworthy.project.imports import chosen_scores, look_at, unknown_models, write_suite

    look = look_at(file, format)
    _say(look)
    if not look.measurable:
        print_line("No measurement can be made of it. It can be attached as a document: roadworthy attest.")
        return 0
    project = where.open()
    scores = chosen_scores(look, score)
    for path in write_suite(look, project, scores, suite):
        print_line(f"written  {path}")
        name = path.stem
    for model in unknown_models(look, project):
        print_line(f"Model    {model} is none that roadworthy.yaml declares, so that the evidence will not count.")
        print_line(f"         If it is one of them, say so in the suite, under 'target:': models: {{{model}: ID}}")
    print_line(f"Next: check the cluster in the suite, then run 'roadworthy evaluate {name}'.")
    return 0


def _say(look: Look) -> None:
    log = look.log
    print_line(f"{look.path}: {look.adapter.title}")
    print_line(f"  written by  {log.harness} {log.version or '(version not recorded)'}")
    print_line(f"  task        {log.task}")
    print_line(f"  model       {', '.join(log.models) or 'not recorded'}")
    print_line(f"  run         {log.started or 'time not recorded'}{f' to {log.finished}' if log.finished else ''}")
    repeated = f" ({log.epochs} epochs)" if log.epochs > 1 else ""
    print_line(f"  samples     {log.rows:,} of {log.planned:,} recorded{repeated}")
    for figure in look.figures:
        print_line(f"  score       {_figure(figure)}")
    for note in log.notes:
        print_line(f"  note        {note}")
    print_line(f"  lacking     {', '.join(log.lacking) or 'nothing that weighs'}")


def _figure(figure: Figure) -> str:
    score, estimate = figure.score, figure.estimate
    if estimate is not None and estimate.estimate is not None:
        low, high = estimate.interval
        unit = f" in {estimate.units:,} cases" if estimate.units != estimate.n else ""
        words = f"mean {estimate.estimate:.4f} [{low:.4f}, {high:.4f}], n = {figure.n:,}{unit}"
    elif figure.n:
        words = f"values from {figure.low:g} to {figure.high:g}, outside [0, 1]: cannot be measured, n = {figure.n:,}"
    else:
        words = "no value"
    if figure.missing:
        words += f"; {figure.missing:,} without it"
    if score.judge:
        words += f"; judged by {score.judge}"
    said = ", ".join(f"{name} {value:.4g}" for name, value in score.reported.items())
    return f"{score.name}: {words}{f' (the tool says: {said})' if said else ''}"
