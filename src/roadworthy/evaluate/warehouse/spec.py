"""Where a table of recorded answers is, as a suite names it."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from roadworthy.core.model import FileModel

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
TableName = Annotated[str, StringConstraints(pattern=r"^[^.\s][^.]*(\.[^.]+){0,2}$")]


class WarehouseSpec(FileModel):
    """A table or view of a warehouse."""

    connection_env: VariableName
    """Environment variable with the address, such as postgres://user:password@host/database."""
    table: TableName
    """Name, `schema.name` or `catalog.schema.name`."""

    @property
    def name(self) -> str:
        """Return the last part of the table's name."""
        return self.table.rsplit(".", 1)[-1]

    @property
    def database(self) -> tuple[str, ...]:
        """Return catalogue and schema, as far as they are named."""
        return tuple(self.table.split(".")[:-1])
