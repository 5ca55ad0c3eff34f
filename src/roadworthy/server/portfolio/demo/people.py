"""The people of the demo: six who work, and one who administers; each signs in with the same password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from roadworthy.server.access.actor import Actor, Door, server_actor
from roadworthy.server.accounts.grants import make_grant
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.organisation import make_product_line, make_unit
from roadworthy.server.accounts.people import add_person
from roadworthy.server.accounts.reach import actor_of

DOMAIN = "fernhill.example"


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo."""

    key: str
    name: str
    about: str
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        """Return the address with which they sign in."""
        return f"{self.key}@{DOMAIN}"


PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("ada", "Ada Novak", "responsible-AI specialist", ("responsible-ai",)),
    DemoPerson("lena", "Lena Fischer", "lead of responsible AI", ("responsible-ai-lead",)),
    DemoPerson("tom", "Tom Okafor", "ML engineer who pushes releases", ("engineer",)),
    DemoPerson("olga", "Olga Brandt", "product owner", ("accountable-owner",)),
    DemoPerson("sven", "Sven Lindqvist", "security and privacy approver", ("security", "privacy")),
    DemoPerson("maria", "Maria Santos", "director, also for legal", ("director", "legal")),
)
ADMINISTRATOR = DemoPerson("admin", "Ivo Admin", "administrator of the server", ("administrator",))
UNITS = (("company", "Fernhill", ""), ("commerce", "Commerce", "company"), ("services", "Services", "company"))
LINES = (
    ("web-shop", "Web shop", "commerce"),
    ("payments", "Payments", "commerce"),
    ("workplace", "Workplace", "services"),
    ("people", "People", "services"),
    ("learning", "Learning", "services"),
    ("clinics", "Clinics", "services"),
)


class Cast:
    """The people, as those who act."""

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe(9)
        self._rows: dict[str, User] = {}

    def enter(self) -> None:
        """Make units, product lines and people."""
        maker = server_actor(Door.COMMAND, "the demo")
        for key, title, parent in UNITS:
            make_unit(maker, key, title, parent)
        for key, title, unit in LINES:
            make_product_line(maker, key, title, unit)
        for person in (*PEOPLE, ADMINISTRATOR):
            row = add_person(maker, person.email, person.name)
            row.set_password(self.password)
            row.save(update_fields=["password"])
            for role in person.roles:
                make_grant(maker, role, person=row.pk)
            self._rows[person.key] = row

    def actor(self, key: str) -> Actor:
        """Return somebody at a page."""
        return actor_of(self._rows[key], Door.PAGE)

    def user(self, key: str) -> User:
        """Return the row of somebody."""
        return self._rows[key]

    def holding(self, roles: set[str], but: set[int]) -> tuple[str, str] | None:
        """Return the key and a role of somebody who holds one of these and is none of `but`."""
        for person in PEOPLE:
            shared = sorted(set(person.roles) & roles)
            if shared and self._rows[person.key].pk not in but:
                return person.key, shared[0]
        return None
