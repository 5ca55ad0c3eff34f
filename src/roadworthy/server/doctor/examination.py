"""Ask the checks, one after the other; one that breaks has failed, and does not keep the others from being asked."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable

from roadworthy.server.doctor.check import Answer, Check, Cost, Level, Result, failed
from roadworthy.server.doctor.table import CHECKS

log = logging.getLogger("roadworthy.doctor")
LITTLE = frozenset({Cost.LITTLE})
USUAL = LITTLE | {Cost.OUTSIDE}
EVERYTHING = frozenset(Cost)


def examine(costs: Collection[Cost], checks: Iterable[Check] = CHECKS) -> list[Result]:
    """Ask every check of these costs; the others are listed as not asked."""
    results: dict[str, Result] = {}
    for check in checks:
        results[check.name] = Result(check, _answer(check, costs, results))
    return list(results.values())


def _answer(check: Check, costs: Collection[Cost], before: dict[str, Result]) -> Answer:
    if check.cost not in costs:
        return Answer(Level.NOT_ASKED, "", "Run 'roadworthy doctor --deep' where the server runs.")
    if check.rests_on and before[check.rests_on].answer.level in {Level.FAILED, Level.NOT_ASKED}:
        return Answer(Level.NOT_ASKED, f"it rests on: {before[check.rests_on].check.title}", "Mend that first.")
    try:
        return check.ask()
    except Exception as error:
        log.exception("the check %s broke", check.name)
        return failed(
            f"the check broke: {type(error).__name__}: {error}"[:300], "The log has more; report it if it stays."
        )


def worst(results: list[Result]) -> Level:
    """Return the worst that was found."""
    found = {result.answer.level for result in results}
    return next((level for level in (Level.FAILED, Level.WARNING) if level in found), Level.OK)
