"""Who is to be invited, and in which language."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tenants.choices import Role
from tenants.models import Membership


def _language() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)


class InviteForm(forms.Form):
    """Members who have not joined yet; those who were not invited are chosen to begin with."""

    members = forms.MultipleChoiceField(label=_("Members"), widget=forms.CheckboxSelectMultiple)
    language = _language()

    def __init__(self, data: Any = None, *, members: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["members"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(member.pk), str(member)) for member in members]


class InvitePersonForm(forms.Form):
    """Somebody who is not among the members yet."""

    email = forms.EmailField(label=_("E-mail"))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    role = forms.ChoiceField(label=_("Role"))
    language = _language()

    def __init__(self, data: Any = None, *, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(data, prefix="person", **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role.value, role.label) for role in roles]
