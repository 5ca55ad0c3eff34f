"""Forms of the pages of this app."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from roadworthy.decide.authority_rule import Action
from roadworthy.decide.signature import Choice
from roadworthy.server.accounts.models import Role, Unit
from roadworthy.server.accounts.role_titles import role_titles
from roadworthy.server.decisions.categories import CATEGORIES
from roadworthy.server.decisions.models import ExceptionScope
from roadworthy.server.decisions.rule_changes import MOST_PEOPLE, TIERS

LONG = forms.Textarea(attrs={"rows": 4})
CHOICES = {
    Choice.APPROVE: "Approve",
    Choice.APPROVE_WITH_CONDITIONS: "Approve with conditions",
    Choice.REQUEST_CHANGES: "Request changes",
    Choice.REJECT: "Reject",
}


def words(label: str, help_text: str = "", *, required: bool = True) -> forms.CharField:
    """Return a field for a few sentences."""
    return forms.CharField(label=label, help_text=help_text, max_length=4000, required=required, widget=LONG)


class OfferedField(forms.ChoiceField):
    """A field that offers what makes sense, and takes anything: the service refuses what may not be, and records it."""

    def valid_value(self, value: Any) -> bool:
        """Leave it to the service."""
        return True


class Shown(forms.Form):
    """A form that carries the digest of what its page shows."""

    shown = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)


class AskForm(Shown):
    """Ask for a decision."""

    environments = forms.CharField(
        label="Environments", max_length=1000, help_text="Where it is to be deployed, for example: prod, staging."
    )
    note = words("What should those who decide know?", required=False)

    def clean_environments(self) -> list[str]:
        """Return the environments as a list."""
        return [one for one in self.cleaned_data["environments"].replace(",", " ").split() if one]


class SignForm(Shown):
    """Decide."""

    choice = forms.TypedChoiceField(
        label="Your decision",
        choices=[(str(k), v) for k, v in CHOICES.items()],
        widget=forms.RadioSelect,
        coerce=Choice,
    )
    reason = words("Reason", "Those who read this later see it beside your name.")
    conditions = words("Conditions", "One a line; only where you approve with conditions.", required=False)
    role = OfferedField(label="In which role", required=False)

    def __init__(self, *args: Any, roles: list[str] | None = None, held: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = roles or []
        self.fields["role"].choices = list(role_titles(known).items())  # type: ignore[attr-defined]
        if len(known) < 2:
            self.fields["role"].widget = forms.HiddenInput()
            self.fields["role"].initial = known[0] if known else ""
        if held:  # not offered; a choice that is sent all the same is refused by the service, and recorded
            offered = [(str(k), v) for k, v in CHOICES.items() if not k.approves]
            self.fields["choice"].widget.choices = offered

    def clean(self) -> dict[str, Any]:
        """Have conditions exactly where the choice asks for them."""
        given = super().clean() or self.cleaned_data
        lines = [line.strip() for line in given.get("conditions", "").splitlines() if line.strip()]
        wanted = given.get("choice") == Choice.APPROVE_WITH_CONDITIONS
        if wanted and not lines:
            self.add_error("conditions", "Write at least one condition, or approve without.")
        if lines and not wanted:
            self.add_error("conditions", "Conditions belong to 'Approve with conditions'.")
        given["conditions"] = lines
        return given


class AgainForm(Shown):
    """Ask again."""

    note = words("What has changed?", required=False)


class RecommendForm(forms.Form):
    """Recommend."""

    text = words("Recommendation", "What responsible AI recommends, and why. It decides nothing.")
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """A reason, and the revision that was seen."""

    reason = words("Reason")
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)


class StatementForm(Shown):
    """Sign for a requirement."""

    requirement = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = words("What you state", "For example: I have read the threat model; what is left is acceptable because ...")
    document = forms.FileField(label="Document", required=False)
    until = forms.DateField(
        label="Valid through",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: as the standard says.",
    )
    role = OfferedField(label="In which role", required=False)

    def __init__(self, *args: Any, roles: list[str] | None = None, document: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = roles or []
        self.fields["role"].choices = list(role_titles(known).items())  # type: ignore[attr-defined]
        if len(known) < 2:
            self.fields["role"].widget = forms.HiddenInput()
            self.fields["role"].initial = known[0] if known else ""
        if document:
            self.fields["document"].required = True
        else:
            del self.fields["document"]

    def clean_until(self) -> datetime | None:
        """Return the first moment after the day."""
        return end_of(self.cleaned_data["until"])


class ExceptionForm(forms.Form):
    """Ask for an exception."""

    requirement = forms.ChoiceField(label="Requirement")
    category = forms.ChoiceField(
        label="Why", choices=[(name, f"{name[:1].upper()}{name[1:]}: {text}") for name, text in CATEGORIES.items()]
    )
    reason = words("Reason", "What makes this case different?")
    compensating_control = words("What stands in for it", "Who watches what instead, until the exception ends?")
    until = forms.DateField(
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Within a year; then it blocks again.",
    )
    scope = forms.ChoiceField(
        label="Covers", choices=ExceptionScope.choices, widget=forms.RadioSelect, initial="release"
    )

    def __init__(self, *args: Any, requirements: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["requirement"].choices = requirements  # type: ignore[attr-defined]

    def clean_until(self) -> datetime | None:
        """Return the first moment after the day."""
        return end_of(self.cleaned_data["until"])


class DecideForm(ReasonForm):
    """Decide an exception."""

    choice = forms.ChoiceField(
        label="Your decision", choices=[("approve", "Approve"), ("reject", "Reject")], widget=forms.RadioSelect
    )
    field_order = ("choice", "reason", "revision")


class RuleForm(forms.Form):
    """A rule of authority."""

    action = forms.ChoiceField(label="What is decided", choices=[(str(one), str(one).capitalize()) for one in Action])
    roles = forms.MultipleChoiceField(label="Who may take a seat", widget=forms.CheckboxSelectMultiple)
    tiers = forms.MultipleChoiceField(
        label="Tiers",
        choices=[(tier, tier.capitalize()) for tier in TIERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: all tiers but prohibited.",
    )
    environments = forms.CharField(label="Environments", max_length=1000, required=False, help_text="Empty: all.")
    quorum = forms.IntegerField(label="How many people", min_value=1, max_value=MOST_PEOPLE, initial=1)
    unit = forms.ChoiceField(label="Unit", required=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = Role.objects.filter(signs=True).values_list("slug", "title")
        self.fields["roles"].choices = list(roles)  # type: ignore[attr-defined]
        units = Unit.objects.values_list("slug", "title")
        self.fields["unit"].choices = [("", "The whole organisation"), *units]  # type: ignore[attr-defined]

    def clean_environments(self) -> list[str]:
        """Return the environments as a list."""
        return [one for one in self.cleaned_data["environments"].replace(",", " ").split() if one]


class VendorChangeForm(forms.Form):
    """Report a change of a vendor."""

    vendor = forms.CharField(
        label="Vendor or provider", max_length=200, help_text="As declarations name it, for example openai."
    )
    model = forms.CharField(
        label="Model", max_length=200, required=False, help_text="Empty: everything that it supplies."
    )
    note = words("What changed")


def end_of(day: Any) -> datetime | None:
    """Return the first moment after a day, here; None for none."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
