"""One step of a version, on a page of its own."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from playbooks import services
from playbooks.admin.fields import FieldMaker
from playbooks.admin.findings import previewed, version_findings
from playbooks.admin.previews import message_preview
from playbooks.admin.words import Words, condition_in_words, label, roles_by_code
from playbooks.changes import TRANSLATIONS
from playbooks.choices import VersionStatus
from playbooks.models import PlaybookVersion, Step
from playbooks.models.step import STEP_FIELDS
from playbooks.schedule import Anchor
from playbooks.services.drafts import POSITION_GAP
from regions.admin.access import EverywhereAdmin
from regions.models import Market
from tenants.admin import VersionedForm, site

PREFIX = "translation_"


def is_draft(step: Step) -> bool:
    """Return whether the step can still be edited."""
    return bool(step.playbook_version.status == VersionStatus.DRAFT)


def languages_of_markets() -> list[str]:
    """Return the languages that the organization's markets speak, without their regions."""
    tags = Market.objects.values_list("languages", flat=True)
    return sorted({tag.partition("-")[0] for several in tags for tag in several})


class StepForm(VersionedForm[Step]):
    """A step, with a field for each language that some market speaks."""

    class Meta:
        model = Step
        fields = ("key", *(name for name in STEP_FIELDS if name != TRANSLATIONS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "title" not in self.fields:
            return  # It is only read.
        others = self.instance.playbook_version.steps.exclude(pk=self.instance.pk)
        maker = FieldMaker(
            roles=tuple(roles_by_code().items()), steps=tuple(others.values_list("key", "title"))
        )
        for name in STEP_FIELDS:
            if name in self.fields:
                self.fields[name] = maker.make(name, value=getattr(self.instance, name))
        for language in self.languages():
            field = maker.make(f"{TRANSLATIONS}.{language}")
            self.fields[f"{PREFIX}{language}"] = field
            self.initial[f"{PREFIX}{language}"] = self.instance.translations.get(language)

    def languages(self) -> list[str]:
        """Return the languages for which there are fields."""
        return sorted({*languages_of_markets(), *self.instance.translations})

    def clean(self) -> dict[str, Any] | None:
        """Read the translations, and leave out a step that nothing is counted from."""
        cleaned = super().clean()
        if "title" not in self.fields:
            return cleaned
        if self.cleaned_data.get("anchor") != Anchor.STEP_END:
            self.cleaned_data["anchor_step"] = ""
        read = {
            language: self.cleaned_data.get(f"{PREFIX}{language}") for language in self.languages()
        }
        self.instance.translations = {language: words for language, words in read.items() if words}
        return cleaned


@admin.register(Step, site=site)
class StepAdmin(EverywhereAdmin[Step]):
    """A step of a draft is edited; that of any other version is read."""

    form = StepForm
    store = staticmethod(services.save_step)
    remove = staticmethod(services.remove_step)
    list_display = ("playbook_version", "position", "title", "kind", "owner_role", "required")
    list_display_links = ("title",)
    list_filter = ("kind", "required", "assumption")
    list_select_related = ("playbook_version__playbook",)
    search_fields = ("^title", "^key")
    ordering = ("playbook_version", "position", "key")
    conditional_fields = {"anchor_step": f"anchor == '{Anchor.STEP_END.value}'"}
    change_form_template = "admin/playbooks/step/change_form.html"
    empty_text = _("There is no step yet. Steps are written on the page of a draft.")

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offer no list in the menu: steps are found by their playbook."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member may write in the draft that the address names."""
        return super().has_add_permission(request) and _draft_of(request) is not None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member may write, and the version is still a draft."""
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member may write, and the version is still a draft."""
        return super().has_delete_permission(request, obj) and (obj is None or is_draft(obj))

    def get_form(
        self, request: HttpRequest, obj: Step | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form; the fields of the translations are its own."""
        wanted = kwargs.get("fields") or ()
        kwargs["fields"] = [name for name in wanted if not name.startswith(PREFIX)]
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None:
            return form
        draft = _draft_of(request)

        class NewStepForm(form):  # type: ignore[misc, valid-type]
            """A step of the draft that the address names."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                kwargs["instance"] = kwargs.get("instance") or Step()
                kwargs["instance"].playbook_version = draft
                super().__init__(*args, **kwargs)

        return NewStepForm

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin at the end of the playbook."""
        draft = _draft_of(request)
        last = draft.steps.aggregate(last=Max("position"))["last"] if draft else 0
        return {"position": (last or 0) + POSITION_GAP}

    def get_prepopulated_fields(self, request: HttpRequest, obj: Step | None = None) -> Any:
        """Make the key from the title, as long as the step is new."""
        return {} if obj else {"key": ("title",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Step | None = None) -> Any:
        """Keep the key of a step, by which other versions know it."""
        if obj is None:
            return ()
        return ("key", "timing", "role", "waits_for", "only_for", "lines", "words", "preview")

    def get_fieldsets(self, request: HttpRequest, obj: Step | None = None) -> Any:
        """Return the tabs of the page."""
        writes = obj is None or self.has_change_permission(request, obj)
        tab = {"classes": ["tab"]}
        what = ("title", ("key", "position"), "outcome", "kind", "required", "instructions")
        if not writes:
            return (
                (_("What"), {**tab, "fields": (*what, "lines")}),
                (_("When and who"), {**tab, "fields": (*READ_WHEN,)}),
                (_("Words to the customer"), {**tab, "fields": ("message", "tone", "preview")}),
                (_("For whom"), {**tab, "fields": ("only_for", "stakeholders", "assumption")}),
                (_("Translations"), {**tab, "fields": ("words",)}),
            )
        languages = languages_of_markets()
        languages = sorted({*languages, *(obj.translations if obj else ())})
        tabs = [
            (_("What"), {**tab, "fields": (*what, "checklist")}),
            (_("When and who"), {**tab, "fields": WHEN}),
            (
                _("Words to the customer"),
                {**tab, "fields": ("message", "tone", *(("preview",) if obj else ()))},
            ),
            (_("For whom"), {**tab, "fields": ("condition", "stakeholders", "assumption")}),
        ]
        if languages:
            fields = tuple(f"{PREFIX}{language}" for language in languages)
            tabs.append((_("Translations"), {**tab, "fields": fields}))
        return tabs

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        """Load the version with the step, which says whether it can be edited."""
        return super().get_queryset(request).select_related("playbook_version__playbook")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add a step to the draft that the address names.

        :raises Http404: if it names none.
        """
        if _draft_of(request) is None:
            raise Http404
        return super().add_view(request, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the way to the steps around this one."""
        step = kwargs.get("obj")
        version = step.playbook_version if step else _draft_of(request)
        if version is not None:
            context |= _around(step, version)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Step, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to another step of the same draft, if that was asked for."""
        response = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(f"{request.path}?version={obj.playbook_version_id}")
        return response

    def response_post_save_add(self, request: HttpRequest, obj: Step) -> HttpResponseRedirect:
        """Go on to the version."""
        return HttpResponseRedirect(_version_url(obj.playbook_version_id))

    def response_post_save_change(self, request: HttpRequest, obj: Step) -> HttpResponseRedirect:
        """Go on to the version."""
        return HttpResponseRedirect(_version_url(obj.playbook_version_id))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Go on to the version."""
        super().response_delete(request, obj_display, obj_id)
        return HttpResponseRedirect(request.__dict__["_version_url"])

    def delete_model(self, request: HttpRequest, obj: Step) -> None:
        """Remove a step of a draft."""
        request.__dict__["_version_url"] = _version_url(obj.playbook_version_id)
        super().delete_model(request, obj)

    def _preview(self, request: HttpRequest, save: Any) -> HttpResponse:
        """Tell what a check would find in the version, with the step as it is typed."""
        version = _draft_of(request)
        if version is None:
            step = self.get_object(request, request.resolver_match.kwargs["object_id"])  # type: ignore[union-attr]
            version = step.playbook_version if step else None

        def look() -> Any:
            return version_findings(PlaybookVersion.objects.get(pk=version.pk)) if version else []

        return previewed(request, save, look)

    @admin.display(description=_("due"))
    def timing(self, step: Step) -> str:
        """Return when it falls due, in words."""
        return _words(step).timing(step.document)

    @admin.display(description=_("owner role"))
    def role(self, step: Step) -> str:
        """Return who carries it out."""
        return Words(roles=roles_by_code()).value("owner_role", step.owner_role)

    @admin.display(description=_("waits for"))
    def waits_for(self, step: Step) -> str:
        """Return which steps come before it."""
        return _words(step).value("depends_on", step.depends_on)

    @admin.display(description=_("only for"))
    def only_for(self, step: Step) -> str:
        """Return for which accounts it is."""
        return condition_in_words(step.condition)

    @admin.display(description=_("checklist"))
    def lines(self, step: Step) -> str:
        """Return the lines of the checklist."""
        return "\n".join(step.checklist)

    @admin.display(description=_("what is sent"), empty_value="—")
    def preview(self, step: Step) -> str | None:
        """Return the message as its reader gets it, in each language; it is that of the stored."""
        return message_preview(step)

    @admin.display(description=_("translations"))
    def words(self, step: Step) -> str:
        """Return what it says in other languages."""
        words = Words()
        names = {f"{TRANSLATIONS}.{language}": said for language, said in step.translations.items()}
        return "\n\n".join(
            f"{label(name)}\n{words.value(name, said)}" for name, said in names.items()
        )


WHEN = (
    ("anchor", "anchor_step"),
    ("offset", "unit"),
    "roll",
    "owner_role",
    ("channel", "duration_minutes"),
    ("priority", "if_past"),
    "depends_on",
)
READ_WHEN = (
    "timing",
    "roll",
    "role",
    ("channel", "duration_minutes"),
    ("priority", "if_past"),
    "waits_for",
)


def _words(step: Step) -> Words:
    return Words(titles=dict(step.playbook_version.steps.values_list("key", "title")))


def _draft_of(request: HttpRequest) -> PlaybookVersion | None:
    """Return the draft that ``?version=`` names, once a request."""
    known = request.__dict__
    if "_draft" not in known:
        try:
            pk = UUID(request.GET.get("version", ""))
        except ValueError:
            known["_draft"] = None
        else:
            drafts = PlaybookVersion.objects.filter(status=VersionStatus.DRAFT)
            known["_draft"] = drafts.select_related("playbook").filter(pk=pk).first()
    draft: PlaybookVersion | None = known["_draft"]
    return draft


def _version_url(pk: object) -> str:
    return reverse("admin:playbooks_playbookversion_change", args=[pk])


def _around(step: Step | None, version: PlaybookVersion) -> dict[str, Any]:
    steps = list(version.steps.all())
    place = next((at for at, each in enumerate(steps) if step and each.pk == step.pk), len(steps))
    return {
        "playbook_version": version,
        "previous_step": steps[place - 1] if place else None,
        "next_step": steps[place + 1] if place + 1 < len(steps) else None,
    }
