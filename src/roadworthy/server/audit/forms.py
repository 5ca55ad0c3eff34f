"""The form that narrows the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms

from roadworthy.server.access.events import EVENTS
from roadworthy.server.audit.models import Outcome
from roadworthy.server.audit.search import Wanted


class WantedForm(forms.Form):
    """What is looked for."""

    action = forms.ChoiceField(required=False, label="What was done")
    outcome = forms.ChoiceField(required=False, choices=[("", "Done and refused"), *Outcome.choices])
    actor = forms.CharField(
        required=False, max_length=254, label="By whom", help_text="A mail address, user:17, token:4 or server:job."
    )
    system = forms.CharField(required=False, max_length=64, label="System", help_text="Its id.")
    kind = forms.CharField(required=False, max_length=32, label="Kind of thing", help_text="release, user, grant ...")
    subject = forms.CharField(required=False, max_length=128, label="Id of the thing")
    since = forms.DateField(required=False, label="From day", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        fields: dict[str, Any] = self.fields
        named = sorted((kind.title, name) for name, kind in EVENTS.items())
        fields["action"].choices = [("", "Anything"), *((name, f"{title} ({name})") for title, name in named)]

    def wanted(self) -> Wanted:
        """Return what is looked for; a field that is not valid does not narrow, and says so."""
        self.is_valid()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})
