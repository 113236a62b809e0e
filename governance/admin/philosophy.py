"""What customer success is for: the text with its history, and the principles."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from governance import services
from governance.admin.starting import StartingSetAdmin
from governance.models import Philosophy, Principle
from regions.access import works_there
from tenants.admin import TenantForm, object_action, site
from tenants.admin.filters import ArchivedFilter
from tenants.admin.forms import refusals
from tenants.permissions import member_of
from toolkit.forms import VersionField

BEGINNING = 160


class PhilosophyForm(TenantForm[Philosophy]):
    """The next text. It begins as the one that holds, and knows which one that was."""

    version = VersionField(required=False)
    """The number that was newest when the form was opened."""

    class Meta:
        model = Philosophy
        fields = ("text",)
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 20})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = services.current_philosophy()
        self.initial.setdefault("text", newest.text if newest else "")
        self.initial["version"] = newest.number if newest else 0


@admin.register(Philosophy, site=site)
class PhilosophyAdmin(StartingSetAdmin[Philosophy]):
    """Texts as they were published, the newest first; a new one begins as the newest."""

    form = PhilosophyForm
    list_display = ("number", "beginning", "published_by", "published_at")
    list_select_related = ("published_by",)
    ordering = ("-number",)
    fields = ("text",)
    export_fields = ("number", "text", "published_by", "published_at")
    empty_text = _("Nothing is published yet. Start from the shipped set, or write your own text.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member may publish for the whole organization."""
        return self._may_write(request, None) and works_there(request, lambda: None)

    def get_fields(self, request: HttpRequest, obj: Philosophy | None = None) -> Any:
        """Show who published a text, once it is."""
        return ("number", "text", "published_by", "published_at") if obj else self.fields

    @admin.display(description=_("text"))
    def beginning(self, philosophy: Philosophy) -> str:
        """Return how the text begins."""
        return Truncator(philosophy.text).chars(BEGINNING)

    def save_model(self, request: HttpRequest, obj: Philosophy, form: Any, change: bool) -> None:
        """Publish the text.

        :raises Refused: if somebody published another one meanwhile.
        """
        with refusals(form.prefix):
            published = services.publish_philosophy(
                text=obj.text,
                by=member_of(request),
                at=timezone.now(),
                after=form.cleaned_data["version"],
            )
        obj.pk, obj.number = published.pk, published.number


@admin.register(Principle, site=site)
class PrincipleAdmin(StartingSetAdmin[Principle]):
    """What holds in every market, in the order in which it is read."""

    store = staticmethod(services.save_principle)
    list_display = ("position", "title", "text", "source")
    list_display_links = ("title",)
    list_filter = (ArchivedFilter,)
    search_fields = ("^title",)
    ordering = ("position", "title", "id")
    fields = (("title", "position"), "text", "source", "archived_at")
    readonly_fields = ("archived_at",)
    actions_detail = ("archive", "restore")
    export_fields = ("position", "title", "text", "source", "archived_at")
    empty_text = _("No principle fits. Start from the shipped set, or add your own.")

    @object_action(
        description=_("Archive"),
        question=_("It is no longer read as one of your principles. Its text is kept."),
        done=_("The principle is archived."),
        icon="archive",
        available=lambda principle: principle.archived_at is None,
    )
    def archive(self, request: HttpRequest, principle: Principle) -> None:
        """Take the principle out of what is read."""
        services.archive_principle(principle, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("It is read as one of your principles again."),
        done=_("The principle is in use again."),
        icon="unarchive",
        available=lambda principle: principle.archived_at is not None,
    )
    def restore(self, request: HttpRequest, principle: Principle) -> None:
        """Bring the principle back."""
        services.restore_principle(principle)
