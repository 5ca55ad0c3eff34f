"""`roadworthy init`: start a project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from roadworthy.cli.screen import print_line


def init(
    directory: Path = Path("."),
    *,
    system: str | None = None,
    kind: str | None = None,
    purpose: str | None = None,
    team: str | None = None,
    contact: str | None = None,
    region: str | None = None,
    target: Literal["openai", "http", "python"] | None = None,
    endpoint: str | None = None,
    model: str | None = None,
    provider: str | None = None,
) -> int:
    """Write roadworthy.yaml, a first suite with its data, and an ignore file. Nothing that exists is overwritten.

    What is not given as a flag is asked for on a terminal, and takes the default elsewhere.

    Parameters
    ----------
    directory
        Where to write.
    system
        Id of the system, for example support-assistant.
    kind
        assistant, rag, agent, recommender, ranker, classifier or automated-decision.
    purpose
        What the system is for, in a sentence.
    team
        The team that owns it.
    contact
        How to reach the team.
    region
        Where it is offered: EU, or an ISO country code.
    target
        How it is asked: openai (the OpenAI chat protocol), http (your own endpoint) or python (a function).
    endpoint
        The base URL, the URL, or file.py:function.
    model
        Name of the model.
    provider
        Who provides the model.
    """
    from roadworthy.core.errors import InputError
    from roadworthy.core.names import SLUG, did_you_mean
    from roadworthy.declare.system import Kind
    from roadworthy.project.start import Answers, start_project

    fallback = directory.resolve().name.lower().replace("_", "-").replace(" ", "-")
    system = _answer("Id of the system", system, fallback if SLUG.match(fallback) else "my-system")
    if not SLUG.match(system):
        raise InputError(f"{system!r} cannot be an id", remedy="Use small letters, digits, '-', '.' and '_'.")
    kind = _answer("Kind (assistant, rag, agent, classifier, ...)", kind, "assistant")
    if kind not in {str(known) for known in Kind}:
        raise InputError(f"{kind!r} is not a kind of system", remedy=did_you_mean(kind, [str(k) for k in Kind]))
    chosen = _answer("How is it asked (openai, http, python)", target, "openai")
    endpoints = {
        "openai": "${OPENAI_BASE_URL}",
        "http": "http://127.0.0.1:8000/answer",
        "python": "target.py:answer",
    }
    if chosen not in endpoints:
        raise InputError(f"{chosen!r} is not a kind of target", remedy=did_you_mean(chosen, endpoints))
    answers = Answers(
        system=system,
        title=system.replace("-", " ").capitalize(),
        kind=kind,
        purpose=_answer("What is it for", purpose, "Say in a sentence what this system is for."),
        team=_answer("Team that owns it", team, "my-team"),
        contact=_answer("How to reach the team", contact, "team@example.org"),
        region=_answer("Region", region, "EU"),
        target=chosen,
        endpoint=_answer("Endpoint", endpoint, endpoints[chosen]),
        model=_answer("Name of the model", model, "my-model"),
        provider=_answer("Provider of the model", provider, "self-hosted"),
    )
    result = start_project(directory, answers)
    for path in result.written:
        print_line(f"written  {path}")
    for path in result.kept:
        print_line(f"kept     {path} (it was there already)")
    where = "" if directory == Path(".") else f" -C {directory}"
    print_line(
        f"Next: complete roadworthy.yaml, then run 'roadworthy check{where}' and 'roadworthy requirements{where}'."
    )
    return 0


def _answer(question: str, given: str | None, default: str) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return default
    from rich.prompt import Prompt

    return Prompt.ask(question, default=default)
