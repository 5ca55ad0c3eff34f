"""Which event leaves which fact."""

from __future__ import annotations

from roadworthy.server.access.events import Listener, listen
from roadworthy.server.portfolio import facts

LEAVES: dict[str, Listener] = {
    "release.judged": facts.hear_judged,
    "release.shipped": facts.hear_shipped,
    "decision.approved": facts.hear_decided,
    "decision.rejected": facts.hear_decided,
    "system.version_saved": facts.hear_version,
    "system.retired": facts.hear_retired,
    "assessment.accepted": facts.hear_accepted,
}


def listen_for_facts() -> None:
    """Let facts be left by what happens."""
    for name, listener in LEAVES.items():
        listen(name, listener)
