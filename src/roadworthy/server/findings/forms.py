"""Forms of findings."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from roadworthy.server.findings.comments import LONGEST
from roadworthy.server.findings.models import FindingSource, Severity


class FilingForm(forms.Form):
    """What somebody files."""

    system = forms.CharField(label=_("System"), max_length=64, help_text=_("Its id, as in its address."))
    title = forms.CharField(label=_("What is wrong"), max_length=300)
    detail = forms.CharField(
        label=_("How it shows"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Steps, inputs, what came out, what should have come out."),
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices, initial=Severity.MEDIUM)
    source = forms.ChoiceField(
        label=_("Found by"),
        choices=[(FindingSource.PERSON, _("A person")), (FindingSource.RED_TEAM, _("A red team"))],
    )
    requirement = forms.CharField(
        label=_("Requirement"),
        max_length=64,
        required=False,
        help_text=_("Its passing re-run closes the finding. Without one, a person names what shows that it is mended."),
    )


class EditForm(forms.Form):
    """What a finding says."""

    title = forms.CharField(label=_("What is wrong"), max_length=300)
    detail = forms.CharField(
        label=_("How it shows"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)


class CommentForm(forms.Form):
    """Something to say about a finding."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays as you say it. Mention somebody with @ and their mail address, and they are told."),
    )


class ClosingForm(forms.Form):
    """What shows that a finding is mended."""

    release = forms.ChoiceField(label=_("Release that shows it"), required=False)
    evidence = forms.CharField(label=_("Or evidence, by its digest"), max_length=64, required=False)
    reason = forms.CharField(label=_("How it shows that"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, releases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["release"].choices = [("", "-"), *releases]  # type: ignore[attr-defined]

    @property
    def named_release(self) -> int | None:
        """Return the primary key of the release that was named."""
        text = self.cleaned_data["release"]
        return int(text) if text else None


class AcceptanceForm(forms.Form):
    """Until when a risk is accepted, and why."""

    until = forms.DateField(label=_("Until the end of"), widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(
        label=_("Why it may be borne, and what limits it"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )

    @property
    def moment(self) -> datetime:
        """Return the last moment of the chosen day, in the zone of the server."""
        last = datetime.combine(self.cleaned_data["until"], time.max.replace(microsecond=0))
        return timezone.make_aware(last)
