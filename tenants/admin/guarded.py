"""Who may do what in the admin, and the form fields that people expect."""

from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from tenants.permissions import Right, identity_of, may
from toolkit.errors import DomainError
from toolkit.fields import MinutesField

ModelT = TypeVar("ModelT", bound=models.Model)

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin
else:

    class BaseModelAdmin(Generic[ModelT]):
        """What Guarded is mixed into."""


Service: TypeAlias = "staticmethod[[Any], Any]"


class OutOfReach(DomainError):
    """The member works somewhere else."""


class Guarded(BaseModelAdmin[ModelT]):
    """Rights and form fields that admins and inlines share.

    ``right`` is needed to write, ``read_right``, if any, to read. ``store`` and ``remove`` are
    services; without one, that way is closed. ``form_help`` is said instead of a field's own
    help, where people write something in another way than programs.
    """

    right: ClassVar[Right] = Right.EDIT_STRUCTURE
    read_right: ClassVar[Right | None] = None
    store: "ClassVar[Service | None]" = None
    remove: "ClassVar[Service | None]" = None
    form_help: ClassVar[dict[str, Any]] = {}
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})},
    }

    def works_here(self, request: HttpRequest, obj: models.Model | None) -> bool:
        """Return whether ``obj`` is within the member's reach; all of it, unless an admin says."""
        return True

    def check_place(self, request: HttpRequest, obj: models.Model) -> None:
        """Refuse what is beyond the member's reach.

        :raises OutOfReach: if it is.
        """
        if not self.works_here(request, obj):
            raise OutOfReach(_("You do not work there, so you cannot save this."))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may read this."""
        identity = identity_of(request)
        return may(identity, Right.ENTER_ADMIN) and (
            self.read_right is None or may(identity, self.read_right)
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may add."""
        return self.store is not None and self._may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may change."""
        return self.store is not None and self._may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may remove."""
        return self.remove is not None and self._may_write(request, obj)

    def _may_write(self, request: HttpRequest, obj: Any) -> bool:
        here = not isinstance(obj, models.Model) or self.works_here(request, obj)
        return self.has_view_permission(request) and may(identity_of(request), self.right) and here

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Give times, lists and references the form field that people expect."""
        if db_field.name in self.form_help:
            kwargs["help_text"] = self.form_help[db_field.name]
        if isinstance(db_field, MinutesField):
            placeholder = UnfoldAdminTextInputWidget(attrs={"placeholder": "09:30"})
            return db_field.formfield(widget=placeholder, **kwargs)
        if isinstance(db_field, ArrayField):
            return _list_field(db_field)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            for link in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{link}_related", False)
        return field


def parent_id(request: HttpRequest) -> UUID | None:
    """Return the id of the object whose page the request is for; None while it is added."""
    found = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
    try:
        return UUID(str(found)) if found else None
    except ValueError:
        return None


def _list_field(db_field: ArrayField[Any, Any]) -> forms.Field | None:
    """Return checkboxes for a list with choices, and a line with commas for any other."""
    base = db_field.base_field
    if not base.choices:
        return db_field.formfield(widget=UnfoldAdminTextInputWidget())
    return forms.TypedMultipleChoiceField(
        choices=base.choices,
        coerce=base.to_python,
        required=not db_field.blank,
        label=capfirst(str(db_field.verbose_name)),
        help_text=str(db_field.help_text),
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
