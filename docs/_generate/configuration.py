"""docs/configuration.md: every setting of the server, from the class that reads them."""

from __future__ import annotations

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from _generate.markdown import code, page
from roadworthy.server.configuration import PREFIX, Configuration

INTRODUCTION = """What the server reads from its environment when it starts. Everything has a default: `roadworthy
serve` needs no setting at all. A value that cannot be read stops the start and names its variable. Secrets never reach
pages, logs or the audit trail."""
DEFAULTS = {
    "data": "`roadworthy` below `XDG_DATA_HOME`, else below `~/.local/share`",
    "base_url": "`http://`, host and port",
}


def variable(name: str, field: FieldInfo) -> str:
    """Return the environment variable of a setting."""
    return str(field.validation_alias) if field.validation_alias else f"{PREFIX}{name.upper()}"


def configuration_page() -> str:
    """Write the page."""
    return page("Configuration of the server", INTRODUCTION, map(_setting, *zip(*_fields(), strict=True)))


def _fields() -> list[tuple[str, FieldInfo]]:
    return list(Configuration.model_fields.items())


def _setting(name: str, field: FieldInfo) -> str:
    return f"## {variable(name, field)}\n\n{field.description}\n\nDefault: {_default(name, field)}."


def _default(name: str, field: FieldInfo) -> str:
    value: Any = field.default
    if name in DEFAULTS or value is PydanticUndefined:
        return DEFAULTS.get(name, "none")
    text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
    return code(text.lower() if isinstance(value, bool) else text) if text else "none"
