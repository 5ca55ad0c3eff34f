"""The model that suggests from briefs, where one is configured; a person sends it each one."""

from __future__ import annotations

from roadworthy.assess.drafter import Drafter
from roadworthy.assess.model_drafter import DrafterSpec, ModelDrafter
from roadworthy.core.errors import RoadworthyError
from roadworthy.server.configuration import PREFIX, configuration

KEY = f"{PREFIX}DRAFTER_KEY"


class DrafterFailed(RoadworthyError):
    """The model gave no answer that can be used (502)."""

    status = 502
    kind = "drafter-failed"


def drafter_name() -> str:
    """Return the name of the configured model; empty where none is."""
    given = configuration()
    return given.drafter_model if given.drafter_url and given.drafter_model else ""


def drafter() -> Drafter | None:
    """Return the configured model as a second reader; None where none is configured."""
    given = configuration()
    if not drafter_name():
        return None
    target = {"kind": "openai", "base_url": given.drafter_url, "model": given.drafter_model}
    if given.drafter_key.get_secret_value():
        target["api_key_env"] = KEY
    return ModelDrafter(DrafterSpec.model_validate({"target": target, "seconds": given.drafter_seconds}))
