"""Which letters a member wants."""

from typing import Any

from django import forms

from engagement.models import LetterPreference


class LettersForm(forms.ModelForm[LetterPreference]):
    """Edits what one member wants."""

    class Meta:
        model = LetterPreference
        fields = ("digest", "digest_at", "hand_overs", "mentions")
        widgets = {"digest_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Three forms on one page have fields of the same kind: each id is its own.
        super().__init__(*args, auto_id="id_letters_%s", **kwargs)
