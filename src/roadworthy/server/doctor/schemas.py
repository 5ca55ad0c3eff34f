"""Health as the API shows it."""

from __future__ import annotations

from ninja import Field, Schema

from roadworthy.server.doctor.check import Level, Result


class CheckOut(Schema):
    """One check and what it found."""

    name: str
    title: str
    level: Level
    detail: str = Field(description="What was found.")
    remedy: str = Field(description="What to do next; empty where all is well.")

    @staticmethod
    def of(result: Result) -> CheckOut:
        """Return a result as it is shown."""
        check, answer = result.check, result.answer
        return CheckOut(
            name=check.name, title=check.title, level=answer.level, detail=answer.detail, remedy=answer.remedy
        )


class HealthOut(Schema):
    """How the installation is."""

    level: Level = Field(description="The worst that was found: ok, warning or failed.")
    checks: list[CheckOut]
