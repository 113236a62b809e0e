"""The name under which somebody keeps a list."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.choices import Visibility
from engagement.models import SavedView
from engagement.services.saved_views import SHARES_WITH_ALL


class ViewForm(forms.Form):
    """A name, who sees it, and the filters as the page has them."""

    kept = forms.CharField(max_length=2000, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name of the view"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    visibility = forms.ChoiceField(label=_("Who sees it"), choices=Visibility.choices)

    def __init__(self, data: Any = None, *, role: str, **kwargs: Any) -> None:
        super().__init__(data, auto_id="view-%s", **kwargs)
        field = self.fields["visibility"]
        assert isinstance(field, forms.ChoiceField)
        if role not in SHARES_WITH_ALL:
            field.choices = [each for each in Visibility.choices if each[0] != Visibility.SHARED]

    def clean_kept(self) -> dict[str, Any]:
        """Return the filters.

        :raises ValidationError: if they are not as the page wrote them.
        """
        try:
            found = json.loads(self.cleaned_data["kept"])
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Reload the page and try again."))
        return found

    def put_into(self, view: SavedView) -> SavedView:
        """Return ``view`` with what was entered."""
        view.name = self.cleaned_data["name"]
        view.visibility = self.cleaned_data["visibility"]
        view.filters = self.cleaned_data["kept"]
        return view
