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
        super().__init__(*args, **kwargs)
        # The page holds other forms: each id is its own.
        self.auto_id = "id_letters_%s"
