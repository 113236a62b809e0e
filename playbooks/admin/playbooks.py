"""The playbooks of an organization, and how its markets stand to them."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from playbooks import services
from playbooks.admin.comparing import comparison
from playbooks.admin.reach import Reach
from playbooks.choices import VersionStatus
from playbooks.models import Localization, LocalizationRevision, Playbook, PlaybookVersion
from playbooks.models.playbook import EDITED
from playbooks.services import MarketState, Standing
from playbooks.services.library import adopt_library_playbook, library_playbooks
from regions.admin.access import EverywhereAdmin
from regions.models import Region
from tenants.admin import VersionedForm, list_action, object_action, site
from tenants.admin.filters import ArchivedFilter
from tenants.admin.forms import Refused, refusals
from tenants.permissions import member_of

NEARLY_ALL = 0.6
"""The share of steps, and of markets, from which nearly everything is localized."""


class PlaybookForm(VersionedForm[Playbook]):
    """A playbook; a new one with the name and goal of its first draft."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("What leaders and CSMs call the playbook."),
        widget=UnfoldAdminTextInputWidget(),
    )
    goal = forms.CharField(
        label=_("Goal"),
        help_text=_("What the customer has at the end of it, in one paragraph."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        model = Playbook
        fields = ("key", "motion", "allows_several", "on_market_move")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            del self.fields["name"], self.fields["goal"]


@dataclass(frozen=True, slots=True)
class MarketLine:
    """A market in the table of a playbook, with what one can do there."""

    state: MarketState
    standing: str
    localization: Localization | None
    may_localize: bool

    @property
    def share(self) -> int:
        """The percentage of its steps that differ."""
        return round(100 * self.state.drift.share) if self.state.drift else 0


@dataclass(frozen=True, slots=True)
class RegionLine:
    """A region, and what it changes for all of its markets."""

    region: Region
    localization: Localization | None
    may_localize: bool


@admin.register(Playbook, site=site)
class PlaybookAdmin(EverywhereAdmin[Playbook]):
    """One way of carrying out a motion, its versions and its markets."""

    form = PlaybookForm
    store = staticmethod(services.save_playbook)
    list_display = ("name", "motion", "newest", "standing", "key")
    list_display_links = ("name",)
    list_filter = ("motion", ArchivedFilter)
    search_fields = ("^key",)
    ordering = ("key", "id")
    actions_list = ("start_from_library",)
    actions_detail = ("begin_draft", "adopt_localizations", "archive", "restore")
    change_form_template = "admin/playbooks/playbook/change_form.html"
    list_before_template = "admin/playbooks/playbook/list_before.html"
    export_fields = (
        *("key", "motion", "allows_several", "on_market_move", "library_key", "archived_at"),
    )
    empty_text = _(
        "There is no playbook yet. Start from a library playbook: it is written for practice, "
        "with localizations for seven markets, and you edit the copy."
    )

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Playbook]:
        """Find name and number of the newest version in the same query."""
        newest = PlaybookVersion.objects.filter(playbook=OuterRef("pk")).order_by("-number")
        published = newest.filter(status=VersionStatus.PUBLISHED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                newest_name=Subquery(newest.values("name")[:1]),
                newest_number=Subquery(newest.values("number")[:1]),
                newest_status=Subquery(newest.values("status")[:1]),
                published_number=Subquery(published.values("number")[:1]),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Playbook | None = None) -> Any:
        """Keep the key, by which files and guardrails know the playbook."""
        return ("key",) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Playbook | None = None) -> Any:
        """Ask for a first name and goal where there is no version yet."""
        names = () if obj else ("name",)
        goal = () if obj else ("goal",)
        fields = (*names, ("key", "motion"), *goal, "allows_several", "on_market_move")
        return ((None, {"fields": fields}),)

    def get_form(
        self, request: HttpRequest, obj: Playbook | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form; name and goal are its own."""
        wanted = kwargs.get("fields") or ()
        kwargs["fields"] = [name for name in wanted if name not in ("name", "goal")]
        return super().get_form(request, obj, change, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Playbook | None = None) -> Any:
        """Make the key from the name of a new playbook."""
        return {} if obj else {"key": ("name",)}

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the pages beside the usual ones."""
        return (
            ("library/", "playbooks_playbook_library", self.library_view),
            ("<uuid:object_id>/compare/", "playbooks_playbook_compare", self.compare_view),
            *super().get_custom_urls(),
        )

    @admin.display(description=_("name"))
    def name(self, playbook: Playbook) -> str:
        """Return what the newest version calls it."""
        return getattr(playbook, "newest_name", None) or playbook.key

    @admin.display(description=_("published"))
    def newest(self, playbook: Playbook) -> str:
        """Return the version that is published."""
        number = getattr(playbook, "published_number", None)
        return _t("Version %(number)d") % {"number": number} if number else "—"

    @admin.display(description=_("worked on"))
    def standing(self, playbook: Playbook) -> str:
        """Return the version that is worked on."""
        status = getattr(playbook, "newest_status", None)
        if status not in EDITED:
            return "—"
        number = getattr(playbook, "newest_number", 0)
        return _t("Version %(number)d: %(status)s") % {
            "number": number,
            "status": VersionStatus(status).label,
        }

    def save_model(self, request: HttpRequest, obj: Playbook, form: Any, change: bool) -> None:
        """Hand a new playbook to its service with its first draft.

        :raises Refused: if the service says no.
        """
        if change:
            super().save_model(request, obj, form, change)
            return
        given = form.cleaned_data
        with refusals(form.prefix):
            self.check_place(request, obj)
            draft = PlaybookVersion(name=given["name"], goal=given["goal"])
            services.create_playbook(obj, draft, by=member_of(request))
        request.__dict__["_draft_made"] = draft

    def response_post_save_add(self, request: HttpRequest, obj: Playbook) -> HttpResponseRedirect:
        """Go on to the first draft, where the steps are written."""
        return HttpResponseRedirect(_version_url(request.__dict__["_draft_made"]))

    def response_post_save_change(
        self, request: HttpRequest, obj: Playbook
    ) -> HttpResponseRedirect:
        """Stay with the playbook."""
        return HttpResponseRedirect(self.change_url(obj.pk))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the versions, and how every market stands."""
        playbook = kwargs.get("obj")
        if playbook is not None:
            context |= self._standing(request, playbook)
        return super().render_change_form(request, context, *args, **kwargs)

    def library_view(self, request: HttpRequest, model_admin: Any) -> HttpResponse:
        """Show the library's playbooks; adopt one by POST.

        :raises PermissionDenied: if the member may not add playbooks.
        """
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._adopt(request, request.POST.get("key", ""))
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Start from a library playbook"),
            "opts": self.opts,
            "media": self.media,
            "entries": library_playbooks(),
        }
        return TemplateResponse(request, "admin/playbooks/playbook/library.html", context)

    def compare_view(self, request: HttpRequest, model_admin: Any, object_id: Any) -> HttpResponse:
        """Show two markets, or two versions, side by side.

        :raises PermissionDenied: if the role may not read playbooks.
        :raises Http404: for a playbook that is not there.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        playbook = self.get_object(request, str(object_id))
        if playbook is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Side by side: %(playbook)s") % {"playbook": self.name(playbook)},
            "opts": self.opts,
            "media": self.media,
            "object": playbook,
            "comparison": comparison(playbook, request.GET),
        }
        return TemplateResponse(request, "admin/playbooks/playbook/compare.html", context)

    @list_action(description=_("Start from a library playbook"), icon="auto_stories")
    def start_from_library(self, request: HttpRequest) -> HttpResponse:
        """Go to the library."""
        return HttpResponseRedirect(reverse("admin:playbooks_playbook_library"))

    @object_action(
        description=_("Begin a new draft"),
        question=_("The next version begins as a copy of the newest one."),
        done=_("The draft is yours to write."),
        icon="edit_note",
        available=lambda playbook: (
            playbook.archived_at is None and getattr(playbook, "newest_status", None) not in EDITED
        ),
    )
    def begin_draft(self, request: HttpRequest, playbook: Playbook) -> str:
        """Begin the next version."""
        return _version_url(services.start_draft(playbook, by=member_of(request)))

    @object_action(
        description=_("Bring in what ships for markets"),
        question=_(
            "Places that have no localization get the shipped one, where there is one, as a draft "
            "to publish. Those that have one keep it."
        ),
        done=_("What ships for your markets is there. Publish it place by place."),
        icon="translate",
        available=lambda playbook: bool(playbook.library_key) and playbook.archived_at is None,
    )
    def adopt_localizations(self, request: HttpRequest, playbook: Playbook) -> None:
        """Save the shipped localizations of places that were added after the playbook."""
        services.adopt_library_localizations(playbook, by=member_of(request), at=timezone.now())

    @object_action(
        description=_("Archive"),
        question=_("Nobody begins with it any more. What runs goes on, and its editions stay."),
        done=_("The playbook is archived."),
        icon="archive",
        available=lambda playbook: playbook.archived_at is None,
    )
    def archive(self, request: HttpRequest, playbook: Playbook) -> None:
        """Stop working with the playbook."""
        services.archive_playbook(playbook, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("It is worked with again."),
        done=_("The playbook is in use again."),
        icon="unarchive",
        available=lambda playbook: playbook.archived_at is not None,
    )
    def restore(self, request: HttpRequest, playbook: Playbook) -> None:
        """Work with the playbook again."""
        services.restore_playbook(playbook, at=timezone.now())

    def _adopt(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            with transaction.atomic(), refusals():
                draft = adopt_library_playbook(key, by=member_of(request), at=timezone.now())
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
            return HttpResponseRedirect(reverse("admin:playbooks_playbook_library"))
        said = _t("“%(name)s” is yours now, as a draft. Read it through, then publish it.")
        self.message_user(request, said % {"name": draft.name}, messages.SUCCESS)
        return HttpResponseRedirect(_version_url(draft))

    def _standing(self, request: HttpRequest, playbook: Playbook) -> dict[str, Any]:
        states = services.market_states(playbook)
        localizations = {
            each.market_id or each.region_id: each
            for each in playbook.localizations.select_related("base", "market", "region").annotate(
                is_published=Exists(
                    LocalizationRevision.objects.filter(localization=OuterRef("pk"))
                )
            )
        }
        writes, reach = self._may_localize(request), Reach(request)
        lines = [
            MarketLine(
                state,
                _said_of(state),
                localizations.get(state.market.pk),
                writes and reach.includes(state.market),
            )
            for state in states
        ]
        regions = [
            RegionLine(
                region,
                localizations.get(region.pk),
                writes and reach.includes(region),
            )
            for region in Region.objects.order_by("name", "pk")
        ]
        return {
            "versions": playbook.versions.select_related("created_by", "decided_by"),
            "lines": lines,
            "regions": regions,
            "trap": trap_of(states),
            "sides": [each for each in states if each.edition],
        }

    def _may_localize(self, request: HttpRequest) -> bool:
        """Return whether the role may write localizations, if only somewhere."""
        return self.store is not None and super()._may_write(request, None)


def trap_of(states: list[MarketState]) -> tuple[str, str]:
    """Return how localized a playbook is at a glance, as a kind and a sentence."""
    drifts = [state.drift for state in states if state.drift]
    if not drifts:
        return "none", _t("No market carries it out yet.")
    local = [drift for drift in drifts if drift.share]
    if not local:
        said = ngettext(
            "Nothing is localized anywhere: %(count)d market does exactly the same.",
            "Nothing is localized anywhere: all %(count)d markets do exactly the same.",
            len(drifts),
        )
        return "nothing", said % {"count": len(drifts)}
    heavy = [drift for drift in drifts if drift.share >= NEARLY_ALL]
    if len(heavy) >= NEARLY_ALL * len(drifts):
        return "everything", _t(
            "Nearly everything is localized everywhere: little is left of the one playbook."
        )
    return "some", _t("%(local)d of %(all)d markets do something otherwise.") % {
        "local": len(local),
        "all": len(drifts),
    }


def _said_of(state: MarketState) -> str:
    match state.standing:
        case Standing.CURRENT:
            return _t("Current")
        case Standing.BEHIND:
            return ngettext(
                "%(count)d version behind", "%(count)d versions behind", state.versions_behind
            ) % {"count": state.versions_behind}
        case Standing.REGION_MOVED:
            return _t("Its region has moved on")
    return _t("No edition yet")


def _version_url(version: PlaybookVersion) -> str:
    return reverse("admin:playbooks_playbookversion_change", args=[version.pk])
