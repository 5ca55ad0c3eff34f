"""`roadworthy assess`: scenarios and threats that the declaration leads to."""

from __future__ import annotations

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line


def assess(*, where: Where = HERE, top: int | None = None, json: bool = False) -> int:
    """Propose harm scenarios, gravest first, and model the threats, from the declaration and its facts.

    Scores order risks for attention and are no measurements. People accept, edit and add; see docs/assessment.md.

    Parameters
    ----------
    top
        Show the gravest scenarios only, this many.
    json
        Print JSON for programs.
    """
    import json as json_module

    from roadworthy.assess.propose import propose_scenarios
    from roadworthy.assess.threat_model import model_threats
    from roadworthy.core.errors import InputError
    from roadworthy.documents import risks

    if top is not None and top < 1:
        raise InputError(f"--top is {top}", remedy="Give a whole number from 1.")
    system = where.open().system
    proposals, model = propose_scenarios(system)[:top], model_threats(system)
    if json:
        value = {
            "scenarios": [proposal.model_dump(mode="json") for proposal in proposals],
            "threat_model": model.model_dump(mode="json"),
        }
        print_line(json_module.dumps(value, indent=2))
        return 0
    print_line(f"{system.title or system.system}: proposed scenarios, by inherent risk")
    for number, proposal in enumerate(proposals, 1):
        print_line(risks.text_of(risks.proposal_lines(number, proposal)))
    print_line()
    print_line(risks.text_of(risks.threat_model_lines(model)))
    return 0
