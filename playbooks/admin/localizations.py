"""What regions and markets change, edited beside the playbook that they change."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from playbooks import services
from playbooks.admin.changes import sealed, written
from playbooks.admin.editor import Editor
from playbooks.admin.looking import arrange, conflicts_of, found_in, looked_at
from playbooks.admin.settling import Settling
from playbooks.models import LocalChange, Localization, Playbook
from playbooks.models.playbook import FINAL
from playbooks.wording import Flawed
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from regions.models import Market, Region
from tenants.admin import site
from tenants.admin.forms import Refused, refusals
from tenants.audit_trail import last_change
from tenants.permissions import member_of
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion


@admin.register(Localization, site=site)
class LocalizationAdmin(InPlaceAdmin[Localization]):
    """Localizations of regions and markets, each with an editor of its own."""

    store = staticmethod(lambda localization: localization)
    remove = staticmethod(services.remove_localization)
    list_display = ("name", "holds_in", "base_number", "change_count", "publications")
    list_display_links = ("holds_in",)
    list_filter = ("playbook", "region", "market")
    list_select_related = ("playbook", "region", "market__region", "base")
    ordering = ("playbook", "region", "market", "id")
    fields = ("playbook", ("region", "market"), "note")
    change_form_template = "admin/tenants/change_form.html"
    empty_text = _("No place changes a playbook yet. Localize one on its page, market by market.")

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}
        js = ["playbooks/editor.js"]

    def place_of(self, obj: Localization) -> Place:
        """Return the region or market that it holds for."""
        return obj.market or obj.region

    def get_queryset(self, request: HttpRequest) -> QuerySet[Localization]:
        """Count the changes in the same query."""
        counted = Count("changes", distinct=True), Count("revisions", distinct=True)
        return (
            super()
            .get_queryset(request)
            .annotate(change_total=counted[0], published_total=counted[1])
        )

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the pages beside the usual ones."""
        return (
            ("open/", "playbooks_localization_open", self.open_view),
            ("<uuid:object_id>/editor/", "playbooks_localization_editor", self.editor_view),
            ("<uuid:object_id>/rebase/", "playbooks_localization_rebase", self.rebase_view),
            ("<uuid:object_id>/settle/", "playbooks_localization_settle", self.settle_view),
            *super().get_custom_urls(),
        )

    @admin.display(description=_("playbook"), ordering="playbook__key")
    def name(self, localization: Localization) -> str:
        """Return what the playbook is called."""
        return localization.base.name

    @admin.display(description=_("rests on version"), ordering="base__number")
    def base_number(self, localization: Localization) -> str:
        """Return number and status of the version that it rests on."""
        base = localization.base
        return f"{base.number} ({base.get_status_display()})"

    @admin.display(description=_("place"))
    def holds_in(self, localization: Localization) -> str:
        """Return the place."""
        return str(localization.place)

    @admin.display(description=_("changes"), ordering="change_total")
    def change_count(self, localization: Localization) -> int:
        """Return how many changes there are."""
        return getattr(localization, "change_total", 0)

    @admin.display(description=_("times published"), ordering="published_total")
    def publications(self, localization: Localization) -> int:
        """Return how often it was published."""
        return getattr(localization, "published_total", 0)

    def save_model(self, request: HttpRequest, obj: Localization, form: Any, change: bool) -> None:
        """Begin a localization.

        :raises Refused: if the service says no.
        """
        with refusals(form.prefix):
            if obj.region is None and obj.market is None:
                raise InvalidInput({"market": _t("Choose a region or a market.")})
            self.check_place(request, obj)
            services.open_localization(obj, by=member_of(request), at=timezone.now())

    def response_post_save_add(
        self, request: HttpRequest, obj: Localization
    ) -> HttpResponseRedirect:
        """Go on to the editor."""
        return HttpResponseRedirect(_url("editor", obj.pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Go to the editor: a localization has no other page."""
        if self.get_object(request, object_id) is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return HttpResponseRedirect(_url("editor", object_id))

    def open_view(self, request: HttpRequest, model_admin: Any) -> HttpResponse:
        """Open the localization of a playbook for a place, a new one if there is none yet.

        :raises PermissionDenied: if the member may not write there.
        :raises Http404: for a playbook or place that is not there.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        localization = _asked_for(request.POST)
        if localization._state.adding:
            try:
                with transaction.atomic(), refusals():
                    self.check_place(request, localization)
                    services.open_localization(
                        localization, by=member_of(request), at=timezone.now()
                    )
            except Refused as refused:
                self.message_user(request, refused.text, messages.ERROR)
                back = reverse("admin:playbooks_playbook_change", args=[localization.playbook_id])
                return HttpResponseRedirect(back)
        step = request.POST.get("step", "")
        asked = QueryDict(mutable=True)
        asked["step"] = step
        query = f"?{asked.urlencode()}#step-{step}" if step else ""
        return HttpResponseRedirect(f"{_url('editor', localization.pk)}{query}")

    def editor_view(self, request: HttpRequest, model_admin: Any, object_id: Any) -> HttpResponse:
        """Show or save a localization, beside the playbook that it changes.

        :raises PermissionDenied: if the member may not read, or not write what was sent.
        :raises Http404: for a localization that is not there.
        """
        localization = self._found(request, object_id)
        if request.method != "POST":
            editor = Editor(localization)
            editor.show(request.GET.get("step", ""))
            return self._editor_page(request, editor)
        if not self.has_change_permission(request, localization):
            raise PermissionDenied
        editor = Editor(localization, request.POST)
        if "_check" in request.GET:
            return self._live(request, editor)
        if arrange(editor, request.POST):
            return self._editor_page(request, editor)
        return self._save(request, editor)

    def rebase_view(self, request: HttpRequest, model_admin: Any, object_id: Any) -> HttpResponse:
        """Move a localization to the newest version; what is in conflict is settled here.

        :raises PermissionDenied: if the member may not read, or not write.
        :raises Http404: for a localization that is not there, or rests on the newest version.
        """
        localization = self._found(request, object_id)
        onto = services.newer_base(localization)
        if onto is None:
            raise Http404
        rebased = services.rebase_onto(localization, onto)
        settling = Settling(
            {localization.place.code: rebased.conflicts}, Editor(localization), request.POST or None
        )

        def move() -> None:
            settled = settling.settled().get(localization.place.code, {})
            services.rebase_localization(
                localization, by=member_of(request), at=timezone.now(), settled=settled
            )

        title = _t("Move %(place)s to version %(number)d") % {
            "place": localization.place,
            "number": onto.number,
        }
        done = _t("It rests on version %(number)d now. Read it through, then publish it.")
        return self._settle(
            request, localization, settling, move, title=title, done=done % {"number": onto.number}
        )

    def settle_view(self, request: HttpRequest, model_admin: Any, object_id: Any) -> HttpResponse:
        """Publish a region whose markets are in conflict with it, which are settled here.

        :raises PermissionDenied: if the member may not read, or not write.
        :raises Http404: for a localization that is not there.
        """
        localization = self._found(request, object_id)
        settling = Settling(conflicts_of(localization), Editor(localization), request.POST or None)

        def publish() -> None:
            services.publish_localization(
                localization,
                by=member_of(request),
                at=timezone.now(),
                settled=settling.settled(),
            )

        title = _t("Publish %(place)s: what its markets changed, too") % {
            "place": localization.place
        }
        done = _t("The localization is published.")
        return self._settle(request, localization, settling, publish, title=title, done=done)

    def _parts(
        self, request: HttpRequest, obj: Localization
    ) -> list[tuple[type[models.Model], str]]:
        """Tell of its changes in its history, too."""
        return [(LocalChange, "localization_id")]

    def _found(self, request: HttpRequest, object_id: Any) -> Localization:
        if not self.has_view_permission(request):
            raise PermissionDenied
        localization = self.get_object(request, str(object_id))
        if localization is None:
            raise Http404
        return localization

    def _settle(
        self,
        request: HttpRequest,
        localization: Localization,
        settling: Settling,
        carry_out: Callable[[], None],
        *,
        title: str,
        done: str,
    ) -> HttpResponse:
        """Show the conflicts, or carry out what was decided on them."""
        if not self.has_change_permission(request, localization):
            raise PermissionDenied
        if request.method == "POST" and settling.is_valid():
            try:
                with transaction.atomic(), refusals():
                    carry_out()
            except Refused as refused:
                self.message_user(request, refused.text, messages.ERROR)
            else:
                self.message_user(request, done, messages.SUCCESS)
                return HttpResponseRedirect(_url("editor", localization.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "object": localization,
            "settling": settling,
        }
        return TemplateResponse(request, "admin/playbooks/localization/settle.html", context)

    def _save(self, request: HttpRequest, editor: Editor) -> HttpResponse:
        """Save what is typed, and publish it if that was asked for; say all that is wrong."""
        localization = editor.localization
        if not editor.is_valid():
            return self._editor_page(request, editor, wrong=[_t("Please correct what is marked.")])
        localization.version = _number(request.POST.get("version"))
        localization.note = request.POST.get("note", "")
        try:
            with transaction.atomic():
                services.save_localization(
                    localization,
                    by=member_of(request),
                    at=timezone.now(),
                    changes=editor.changes(),
                )
        except StaleVersion:
            return self._stale(request, editor)
        except InvalidInput as error:
            wrong = editor.refuse(error.errors)
            return self._editor_page(
                request, editor, wrong=[*wrong, _t("Please correct what is marked.")]
            )
        except DomainError as error:
            return self._editor_page(request, editor, wrong=[str(error)])
        if "_publish" in request.POST:
            return self._publish(request, localization)
        self.message_user(request, _t("The localization is saved."), messages.SUCCESS)
        return HttpResponseRedirect(_url("editor", localization.pk))

    def _publish(self, request: HttpRequest, localization: Localization) -> HttpResponse:
        """Publish what was saved; what is saved stays, whatever comes of it."""
        try:
            with transaction.atomic():
                editions = services.publish_localization(
                    localization, by=member_of(request), at=timezone.now()
                )
        except services.RebaseConflicts:
            return HttpResponseRedirect(_url("settle", localization.pk))
        except Flawed as error:
            said = _t("It is saved, and not published: %(said)s") % {"said": error}
            self.message_user(request, said, messages.ERROR)
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            said = _t("Published: %(markets)s.") % {
                "markets": ", ".join(str(edition.market) for edition in editions)
            }
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(_url("editor", localization.pk))

    def _stale(self, request: HttpRequest, editor: Editor) -> HttpResponse:
        """Show what somebody else saved meanwhile, with all that is typed."""
        pk = editor.localization.pk
        fresh = Editor(self._found(request, pk), request.POST)
        fresh.merge(request.POST.get("opened", ""))
        change = last_change(fresh.localization)
        said = str(StaleVersion())
        if change:
            said = _t(
                "%(who)s changed this on %(when)s, after you opened it. What you typed is kept: "
                "compare, then save again to replace that change."
            ) % {"who": change[0], "when": date_format(change[1], "DATETIME_FORMAT")}
        return self._editor_page(request, fresh, wrong=[said])

    def _live(self, request: HttpRequest, editor: Editor) -> HttpResponse:
        """Tell what a check would find, with the changes as they are typed."""
        errors, findings = looked_at(editor, request)
        return TemplateResponse(
            request,
            "admin/playbooks/findings.html",
            {"errors": errors, "findings": findings, "live": True},
        )

    def _editor_page(
        self, request: HttpRequest, editor: Editor, *, wrong: list[str] | None = None
    ) -> HttpResponse:
        localization = editor.localization
        writes = self.has_change_permission(request, localization)
        posted = request.POST if request.method == "POST" else None
        blocks = editor.blocks()
        context = {
            **self.admin_site.each_context(request),
            "title": _t("%(playbook)s in %(place)s")
            % {"playbook": localization.base.name, "place": localization.place},
            "opts": self.opts,
            "media": self.media,
            "object": localization,
            "editor": editor,
            "blocks": blocks,
            "may_write": writes,
            "may_publish": writes and localization.base.status in FINAL,
            "wrong": wrong or [],
            "note": posted.get("note", "") if posted else localization.note,
            "opened": sealed(map(written, editor.stored))
            if editor.theirs or not posted
            else posted.get("opened", ""),
            "seen": localization.version
            if editor.theirs or not posted
            else _number(posted.get("version")),
            "newer": services.newer_base(localization),
            "revisions": localization.revisions.select_related("published_by", "base")[:10],
            "never_published": not localization.revisions.exists(),
        }
        if not posted:
            context["findings"] = found_in(localization)
        return TemplateResponse(request, "admin/playbooks/localization/editor.html", context)


def _asked_for(given: QueryDict) -> Localization:
    """Return the localization of a playbook and place, a new one that is not saved yet.

    :raises Http404: for a playbook or place that is not there.
    """
    playbook = _row(Playbook, given.get("playbook", ""))
    where: dict[str, Any] = {}
    if given.get("market"):
        where["market"] = _row(Market, given.get("market", ""))
    else:
        where["region"] = _row(Region, given.get("region", ""))
    found = Localization.objects.filter(playbook=playbook, **where).first()
    return found or Localization(playbook=playbook, **where)


def _row(model: Any, pk: str) -> Any:
    """Return a row.

    :raises Http404: if there is none.
    """
    try:
        found = model.objects.filter(pk=UUID(pk)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _url(page: str, pk: object) -> str:
    return reverse(f"admin:playbooks_localization_{page}", args=[pk])
