"""The attack surface of a declared system: what is at stake, where one gets in, which boundaries are crossed."""

from __future__ import annotations

from roadworthy.assess.threat import Entry, Stake
from roadworthy.core.model import FileModel
from roadworthy.declare.system import DataPart, DataUse, Effect, Kind, System

TALKS = frozenset({Kind.ASSISTANT, Kind.RAG, Kind.AGENT})
LEARNS = frozenset({DataUse.TRAINING, DataUse.TUNING})
SELF_HOSTED = "self-hosted"


class Asset(FileModel):
    """Something that an attacker is after."""

    id: str
    kind: Stake
    title: str
    declared: str
    """The declared field that it comes from."""


class EntryPoint(FileModel):
    """A place where somebody gets something in."""

    id: str
    kind: Entry
    title: str
    trusted: bool
    """Nobody outside the company writes there."""
    declared: str


class Boundary(FileModel):
    """A line that data or orders cross from less trust to more, or out of the company."""

    id: str
    title: str
    crosses: str
    """What crosses it."""


def assets_of(system: System) -> tuple[Asset, ...]:
    """List what is at stake, from the declaration."""
    personal = [part for part in system.data if part.personal or part.special_category]
    return (
        *(_asset("prompts", part.id, Stake.INSTRUCTIONS, f"Prompt {part.id}") for part in system.prompts),
        *(_asset("models", part.id, Stake.MODEL, f"Model {part.name} of {part.provider}") for part in system.models),
        *(_asset("data", part.id, Stake.PERSONAL_DATA, _data_title(part)) for part in personal),
        *(asset for tool in system.tools for asset in _tool_assets(tool.id, tool.effect)),
        *_always(system),
    )


def _asset(section: str, part: str, kind: Stake, title: str) -> Asset:
    return Asset(id=f"{section}:{part}", kind=kind, title=title, declared=f"{section}.{part}")


def _tool_assets(tool: str, effect: Effect) -> list[Asset]:
    kind = Stake.ACTIONS if effect is Effect.EXTERNAL else Stake.RECORDS
    does = {Effect.READ: "What %s reads", Effect.WRITE: "What %s writes", Effect.EXTERNAL: "What %s does outside"}
    return [
        _asset("tools", tool, kind, does[effect] % tool),
        Asset(id=f"key:{tool}", kind=Stake.CREDENTIALS, title=f"Credentials of {tool}", declared=f"tools.{tool}"),
    ]


def _always(system: System) -> list[Asset]:
    who = ", ".join(system.users.who)
    found = [
        Asset(id="conduct", kind=Stake.CONDUCT, title="That it does what it is for", declared="purpose"),
        Asset(id="people", kind=Stake.PEOPLE, title=f"The judgement and interests of {who}", declared="users.who"),
        Asset(id="service", kind=Stake.SERVICE, title="The service and its budget", declared="system"),
    ]
    if system.tools or "code" in system.exposure.generates or system.domain == "critical-infrastructure":
        where = Asset(
            id="host", kind=Stake.INFRASTRUCTURE, title="The systems that it runs on or controls", declared="tools"
        )
        return [*found, where]
    return found


def _data_title(data: DataPart) -> str:
    kind = "Special categories of data" if data.special_category else "Personal data"
    return f"{kind} in {data.id}"


def entry_points_of(system: System) -> tuple[EntryPoint, ...]:
    """List where one gets in, from tools, data, users and vendors."""
    inside = system.users.internal_only and not system.exposure.public
    who = ", ".join(system.users.who)
    users = EntryPoint(id="users", kind=Entry.USERS, title=f"What {who} write", trusted=inside, declared="users")
    queries = EntryPoint(
        id="queries", kind=Entry.MODEL_QUERIES, title="Calls by a program", trusted=inside, declared="exposure.public"
    )
    return (
        *((users,) if system.kind in TALKS else ()),
        queries,
        *(_data_entry(d) for d in system.data),
        *(
            EntryPoint(
                id=f"tools:{t.id}",
                kind=Entry.TOOL_RESULTS,
                title=f"What {t.id} returns",
                trusted=False,
                declared=f"tools.{t.id}",
            )
            for t in system.tools
        ),
        *_vendor_entries(system),
    )


def _data_entry(data: DataPart) -> EntryPoint:
    kind = Entry.TRAINING_DATA if data.use in LEARNS else Entry.CONTENT
    return EntryPoint(
        id=f"data:{data.id}",
        kind=kind,
        title=f"{data.id}, used for {data.use}",
        trusted=not data.untrusted,
        declared=f"data.{data.id}",
    )


def _vendor_entries(system: System) -> list[EntryPoint]:
    models = [m for m in system.models if m.digest is None or m.vendor or m.provider != SELF_HOSTED]
    return [
        *(
            EntryPoint(
                id=f"models:{m.id}",
                kind=Entry.VENDORS,
                title=f"Model {m.name} of {m.provider}",
                trusted=False,
                declared=f"models.{m.id}",
            )
            for m in models
        ),
        *(
            EntryPoint(
                id=f"vendors:{v.id}",
                kind=Entry.VENDORS,
                title=f"{v.id} supplies {v.supplies}",
                trusted=False,
                declared=f"vendors.{v.id}",
            )
            for v in system.vendors
        ),
    ]


def boundaries_of(system: System) -> tuple[Boundary, ...]:
    """List the boundaries of trust that the declaration shows."""
    outside = system.exposure.public or not system.users.internal_only
    untrusted = ", ".join(d.id for d in system.data if d.untrusted)
    changing = ", ".join(t.id for t in system.tools if t.effect is not Effect.READ)
    external = ", ".join(t.id for t in system.tools if t.effect is Effect.EXTERNAL)
    vendors = ", ".join(
        dict.fromkeys(
            [*(v.id for v in system.vendors), *(m.provider for m in system.models if m.provider != SELF_HOSTED)]
        )
    )
    shown = (
        (outside, "outside-in", "From people outside into the system", "requests of " + ", ".join(system.users.who)),
        (bool(untrusted), "content-in", "From content of outsiders into the model's context", untrusted),
        (bool(system.tools), "tools-back", "From tool results into the model's context", "results of tools"),
        (bool(changing), "model-to-systems", "From the model's words to changes in systems", changing),
        (bool(external), "inside-out", "From the company to the outside world", external),
        (bool(vendors), "to-vendors", "Between the company and those who run a part of it", vendors),
    )
    return tuple(Boundary(id=i, title=title, crosses=what) for there, i, title, what in shown if there)
