"""Forms of the pages about people. Services check again what matters."""

from __future__ import annotations

from typing import Any

from django import forms

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import PERMISSIONS
from roadworthy.server.accounts.models import Group, ProductLine, Role, Unit, User


def _choices(rows: Any, key: str, nothing: str) -> list[tuple[str, str]]:
    return [("", nothing), *((str(getattr(row, key)), str(row)) for row in rows)]


def person_by_address(address: str) -> int:
    """Return the key of an active person by mail address; raises InputError when there is none."""
    user = User.objects.filter(email__iexact=address, is_active=True).only("pk").first()
    if user is None:
        raise InputError("nobody active has this mail address", remedy="Look the person up in the list of people.")
    return user.pk


class PersonForm(forms.Form):
    """Name and mail address."""

    name = forms.CharField(max_length=200)
    email = forms.EmailField(label="Mail address", max_length=254)


class OwnForm(forms.Form):
    """One's own name."""

    name = forms.CharField(max_length=200, help_text="As documents and signatures show it from now on.")


class GroupForm(forms.Form):
    """Name of a group."""

    name = forms.CharField(max_length=200)


class MemberForm(forms.Form):
    """Who is put into a group."""

    email = forms.EmailField(label="Mail address", max_length=254)


class RoleForm(forms.Form):
    """A role of the organisation's own."""

    id = forms.SlugField(max_length=50, help_text="Lower-case letters, digits and hyphens; it does not change.")
    title = forms.CharField(max_length=200)
    permissions = forms.MultipleChoiceField(
        choices=[(str(permission), about.title) for permission, about in PERMISSIONS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    signs = forms.BooleanField(required=False, label="May be named as a signer")


class RoleChangeForm(RoleForm):
    """A role that is changed keeps its id."""

    id = None  # type: ignore[assignment]


class GrantForm(forms.Form):
    """A role, and where it holds."""

    role = forms.ChoiceField()
    unit = forms.ChoiceField(required=False, label="Only in the unit")
    product_line = forms.ChoiceField(required=False, label="Only in the product line")
    system = forms.CharField(
        required=False, max_length=64, label="Only for the system", help_text="Its id, as its page shows it."
    )

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        fields["role"].choices = _choices(Role.objects.order_by("title"), "slug", "Choose a role")
        fields["unit"].choices = _choices(Unit.objects.order_by("title"), "slug", "All units")
        fields["product_line"].choices = _choices(ProductLine.objects.order_by("title"), "slug", "All product lines")


class JoinForm(forms.Form):
    """A group that somebody is put into."""

    group = forms.ModelChoiceField(Group.objects.order_by("name"), empty_label="Choose a group")


class UnitForm(forms.Form):
    """A unit."""

    id = forms.SlugField(max_length=50, help_text="Lower-case letters, digits and hyphens; it does not change.")
    title = forms.CharField(max_length=200)
    parent = forms.ChoiceField(required=False, label="Below the unit")

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        fields["parent"].choices = _choices(Unit.objects.order_by("title"), "slug", "At the top")


class UnitChangeForm(UnitForm):
    """A unit that is changed keeps its id."""

    id = None  # type: ignore[assignment]


class ProductLineForm(forms.Form):
    """A product line."""

    id = forms.SlugField(max_length=50, help_text="Lower-case letters, digits and hyphens; it does not change.")
    title = forms.CharField(max_length=200)
    unit = forms.ChoiceField(required=False, label="Unit that answers for it")

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        fields["unit"].choices = _choices(Unit.objects.order_by("title"), "slug", "No unit")


class ProductLineChangeForm(ProductLineForm):
    """A product line that is changed keeps its id."""

    id = None  # type: ignore[assignment]


class TokenForm(forms.Form):
    """A token: what it is for, what it may do, until when."""

    name = forms.CharField(max_length=100, label="What it is for", help_text="For example: deployment of the shop.")
    permissions = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="What it may do")
    system = forms.CharField(
        required=False, max_length=64, label="Only for the system", help_text="Its id; empty: all that you reach."
    )
    days = forms.IntegerField(min_value=1, max_value=365, initial=90, label="Days until it ends")

    def __init__(self, held: list[str], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        fields["permissions"].choices = [(str(one), PERMISSIONS[one].title) for one in PERMISSIONS if one in held]


class DelegationForm(forms.Form):
    """Who stands in, in which role, until when."""

    role = forms.ChoiceField(help_text="Roles of yours in which you sign.")
    email = forms.EmailField(label="Mail address of who stands in", max_length=254)
    days = forms.IntegerField(min_value=1, max_value=365, initial=14, label="Days until it ends")
    reason = forms.CharField(max_length=500)

    def __init__(self, held: list[str], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        rows = Role.objects.filter(slug__in=held, signs=True).order_by("title")
        fields["role"].choices = _choices(rows, "slug", "Choose a role")
