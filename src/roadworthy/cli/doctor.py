"""`roadworthy doctor`: say what is wrong with an installation."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from typing import TYPE_CHECKING

from roadworthy.cli.screen import print_line
from roadworthy.core.errors import MissingExtra

if TYPE_CHECKING:
    from roadworthy.server.doctor.check import Result

_MARKS = {"ok": "ok       ", "warning": "WARNING  ", "failed": "FAILED   ", "not asked": "not asked"}


def doctor(*, deep: bool = False, as_json: bool = False) -> int:
    """Say what is wrong with the server of this machine, and what to do: settings, database, record, jobs, services.

    Exits 0 when nothing failed, also with warnings; 1 when something failed; 2 when the settings cannot be read. It
    changes nothing, and may run while the server does.

    Parameters
    ----------
    deep
        Also read the whole audit trail and every file of evidence; takes as long as reading them does.
    as_json
        Print JSON.
    """
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
    from roadworthy.server.preparation import load

    load()
    from roadworthy.server.doctor.check import Level
    from roadworthy.server.doctor.examination import EVERYTHING, USUAL, examine, worst

    results = examine(EVERYTHING if deep else USUAL)
    level = worst(results)
    if as_json:
        rows = [{"name": one.check.name, "title": one.check.title, **asdict(one.answer)} for one in results]
        print_line(json.dumps({"level": level, "checks": rows}, indent=2, ensure_ascii=False))
    else:
        for result in results:
            _show(result)
        print_line(_closing(results))
    return int(level is Level.FAILED)


def _show(result: Result) -> None:
    answer = result.answer
    asked = answer.detail or answer.level != "not asked"
    print_line(f"{_MARKS[answer.level]}  {result.check.title}: {answer.detail if asked else 'only with --deep'}")
    if answer.remedy and answer.level in {"warning", "failed"}:
        print_line(f"             {answer.remedy}")


def _closing(results: list[Result]) -> str:
    levels = [result.answer.level for result in results]
    counts = {name: levels.count(name) for name in ("ok", "warning", "failed", "not asked")}  # type: ignore[arg-type]
    return (
        f"\n{counts['ok']} fine, {counts['warning']} to look at, {counts['failed']} failed, "
        f"{counts['not asked']} not asked"
    )
