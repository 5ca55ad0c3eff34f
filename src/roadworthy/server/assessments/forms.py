"""Forms of assessments and briefs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadworthy.assess.assessment import AssessedScenario
from roadworthy.assess.mitigation import State, Treatment, load_mitigations
from roadworthy.assess.scale import STEPS, Factor
from roadworthy.assess.scenario import Category
from roadworthy.server.assessments.mitigation_board import TITLES
from roadworthy.server.evidence.models import EvidenceRecord

LONG = 4_000
HELP = {
    Factor.SEVERITY: _("How bad it is for whoever is hurt."),
    Factor.LIKELIHOOD: _("How often it happens once the situation is there."),
    Factor.EXPOSURE: _("In which share of use the situation arises."),
    Factor.DETECTABILITY: _("How seldom it is noticed in time."),
}


def _steps(factor: Factor) -> list[tuple[int, str]]:
    return [(step, f"{step}: {words}") for step, words in enumerate(STEPS[factor], 1)]


class RatingForm(forms.Form):
    """A range for each factor, as two selects with the words of the steps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for factor in Factor:
            name = factor.value.capitalize()
            for end, label, text in (("low", _("from"), HELP[factor]), ("high", _("to"), "")):
                self.fields[f"{factor.value}_{end}"] = forms.TypedChoiceField(
                    label=f"{name}, {label}", choices=_steps(factor), coerce=int, initial=3, help_text=text
                )

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Return the two fields of each factor."""
        return [(self[f"{factor.value}_low"], self[f"{factor.value}_high"]) for factor in Factor]

    def ranges(self) -> dict[str, list[int]]:
        """Return what was chosen: factor -> [low, high]."""
        said = self.cleaned_data
        return {factor.value: [said[f"{factor.value}_low"], said[f"{factor.value}_high"]] for factor in Factor}


def rating_values(item: AssessedScenario) -> dict[str, int]:
    """Return the ranges of a scenario as initial values of a RatingForm."""
    ends = {factor.value: item.rating.of(factor) for factor in Factor}
    return {f"{name}_{end}": getattr(range_, end) for name, range_ in ends.items() for end in ("low", "high")}


class ScenarioForm(RatingForm):
    """A change of a scenario, with its reason."""

    title = forms.CharField(label=_("Scenario"), max_length=300)
    harm = forms.CharField(
        label=_("Who is hurt, and how"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    why = forms.CharField(
        label=_("Why you change it"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )


class AddForm(RatingForm):
    """A scenario that the library lacks."""

    title = forms.CharField(label=_("Scenario"), max_length=300)
    harm = forms.CharField(
        label=_("Who is hurt, and how"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 3}), strip=True
    )
    category = forms.ChoiceField(label=_("Category"), choices=[(one.value, one.value.capitalize()) for one in Category])
    because = forms.CharField(
        label=_("Why it may happen here"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )
    mitigations = forms.MultipleChoiceField(
        label=_("What would help"),
        required=False,
        choices=lambda: [(one.id, one.title) for one in load_mitigations().values()],
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=_("From the library; hold Ctrl to choose several."),
    )


class TreatmentForm(forms.Form):
    """How a mitigation stands."""

    state = forms.ChoiceField(label=_("State"), choices=[(one.value, TITLES[one]) for one in State])
    owner = forms.CharField(label=_("Owner"), max_length=300, required=False, help_text=_("Mail address, or a name."))
    due = forms.DateField(
        label=_("Due"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    evidence = forms.MultipleChoiceField(
        label=_("Evidence"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 4}),
        help_text=_("In place lowers the risk only with evidence, and not past its last day."),
    )
    why = forms.CharField(label=_("Remark"), max_length=LONG, required=False)

    def __init__(
        self, *args: Any, treatment: Treatment | None, records: Sequence[EvidenceRecord], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {one.reference: one.says or one.reference[:12] for one in treatment.evidence} if treatment else {}
        known |= {one.digest: f"{one.title} ({one.made_at:%Y-%m-%d})" for one in records}
        self.fields["evidence"].choices = list(known.items())  # type: ignore[attr-defined]
        if treatment:
            self.initial = {
                "state": treatment.state.value,
                "owner": treatment.owner or "",
                "due": treatment.due,
                "evidence": [one.reference for one in treatment.evidence],
            }


class ReasonForm(forms.Form):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 3}))


class BriefForm(forms.Form):
    """A brief, as text or as a file."""

    title = forms.CharField(
        label=_("Name"), max_length=300, required=False, help_text=_("Without one, the first line of the brief.")
    )
    text = forms.CharField(
        label=_("Brief"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("About a page, in English: what it does, for whom, with which data and tools, who decides."),
    )
    file = forms.FileField(
        label=_("Or a text file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".txt,.md,text/plain,text/markdown"}),
        help_text=_("Plain text or Markdown, up to 240 KB."),
    )
