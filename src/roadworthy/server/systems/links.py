"""From the names in a declaration to rows: the product line it belongs to, and the person who owns it."""

from __future__ import annotations

from django.db.models import Q
from django.utils.text import slugify

from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Refused
from roadworthy.server.accounts.models import ProductLine, User
from roadworthy.server.systems.models import System


def line_of_new(actor: Actor, declaration: Declaration) -> ProductLine | None:
    """Return the product line of a system that is registered now, made where the actor may register everywhere.

    Raises Refused when the actor may register systems elsewhere only: nobody puts a system where they do not reach.
    """
    actor.need(Permission.SYSTEM_CREATE)
    scope = actor.scope(Permission.SYSTEM_CREATE)
    line = known_line(declaration.product_line)
    if line is None and declaration.product_line and scope.everywhere:
        line = _new_line(declaration.product_line)
    if not scope.reaches(0, line.pk if line else None, line.unit_id if line else None):
        named = f"the product line {declaration.product_line!r}" if declaration.product_line else "no product line"
        raise Refused(
            f"{actor.name} may not register a system in {named}",
            remedy="Declare 'product_line:' with one that your role reaches, or ask an administrator.",
        )
    return line


def line_after_change(actor: Actor, row: System, declared: str | None) -> ProductLine | None:
    """Return the product line after a new version names one; as it was when the actor does not reach the new one."""
    line = known_line(declared)
    if line is None and declared and actor.scope(Permission.SYSTEM_CREATE).everywhere:
        line = _new_line(declared)
    if line is None or not actor.scope(Permission.SYSTEM_WRITE).reaches(row.pk, line.pk, line.unit_id):
        return row.product_line
    return line


def known_line(name: str | None) -> ProductLine | None:
    """Return the product line of a slug or title, whichever the declaration names."""
    if not name:
        return None
    return ProductLine.objects.filter(Q(slug=_slug(name)) | Q(title__iexact=name[:200])).order_by("pk").first()


def owner_of(declaration: Declaration) -> User | None:
    """Return the person who answers for the system: by mail address, else by a name that only one person bears."""
    named = [text for text in (declaration.owner.accountable, declaration.owner.contact) if text]
    for text in named:
        by_mail = User.objects.filter(email__iexact=text, is_active=True).first()
        if by_mail:
            return by_mail
        by_name = list(User.objects.filter(name__iexact=text, is_active=True)[:2])
        if len(by_name) == 1:
            return by_name[0]
    return None


def _new_line(name: str) -> ProductLine:
    line, _ = ProductLine.objects.get_or_create(slug=_slug(name), defaults={"title": name[:200]})
    return line


def _slug(name: str) -> str:
    return slugify(name)[:50] or "line"
