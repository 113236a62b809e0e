"""Accounts from a file: upload, look and correct, check, confirm, wait, result. And back out."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import imports, tasks
from accounts.choices import ImportStatus
from accounts.imports.progress import Step
from accounts.models import Account, AccountImport, ImportProblem
from regions.models import Market
from tenants.permissions import Right, member_of
from toolkit.api.files import file_response
from toolkit.errors import DomainError, InvalidInput
from toolkit.tables import FileKind
from workspace.forms import AccountFilters
from workspace.forms.imports import ImportForm, UploadForm
from workspace.paging import Key, page_of
from workspace.views.members import MemberView, wants_part

MOST_SHOWN = 20
IN_ORDER = Key("number", int)
UNDECIDED = (ImportStatus.UPLOADED, ImportStatus.FAILED)
STEPS = {
    Step.READING: gettext_lazy("Reading the file"),
    Step.JUDGING: gettext_lazy("Checking the rows"),
    Step.WRITING: gettext_lazy("Writing the accounts"),
    Step.PLANNING: gettext_lazy("Planning the check-ins"),
}


class ImportPage(MemberView):
    """A page for those who edit accounts; it remembers where they came from."""

    def admit(self) -> None:
        """Let those in who edit accounts.

        :raises PermissionDenied: for everybody else.
        """
        self.require(Right.EDIT_ACCOUNTS)

    @property
    def came_from(self) -> str:
        """The page of ours to go back to when all is done, or nothing."""
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        ours = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts=None, require_https=self.request.is_secure()
        )
        return wanted if ours else ""

    def found(self, pk: UUID) -> AccountImport:
        """Return an import, without its file.

        :raises Http404: if the organization has none with this id.
        """
        return get_object_or_404(
            AccountImport.objects.defer("content").select_related("created_by"), pk=pk
        )

    def page(self, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return a page."""
        context["next"] = self.came_from
        return render(self.request, f"workspace/imports/{name}.html", context, status=status)

    def go_to(self, made: AccountImport, **query: str) -> HttpResponse:
        """Lead to the page of an import."""
        query = {**query, "next": self.came_from} if self.came_from else query
        address = reverse("workspace:import", args=[made.pk])
        return redirect(f"{address}?{urlencode(query)}" if query else address)


class ImportsView(ImportPage):
    """Takes files in, and lists those that came before."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form and the latest imports."""
        return self._page(UploadForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take a file in, and look at it."""
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = imports.upload(content=file.read(), name=file.name, by=member_of(request))
            except InvalidInput as error:
                form.add_error("file", str(error))
            else:
                return self.go_to(made)
        return self._page(form, status=422)

    def _page(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        latest = AccountImport.objects.defer("content").select_related("created_by")
        return self.page(
            "list",
            status=status,
            form=form,
            imports=latest.order_by("-created_at", "-pk")[:MOST_SHOWN],
            columns=imports.COLUMNS,
        )


class ImportView(ImportPage):
    """One import, as far as it is: what to decide, the check, the progress, or the result."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the page, or while a worker is at it how far it is."""
        made = self.found(pk)
        if made.is_running:
            progress = imports.progress_of(made)
            said = STEPS.get(progress.step) if progress else None
            name = "progress" if wants_part(request) else "running"
            return self.page(name, made=made, progress=progress, said=said)
        if wants_part(request):
            # It came to an end: the whole page is another one.
            return HttpResponse(headers={"HX-Refresh": "true"})
        editing = "edit" in request.GET and made.status == ImportStatus.CHECKED
        if made.status in UNDECIDED or editing:
            return show_decisions(self, made)
        problems = made.problems.all()[:MOST_SHOWN]
        return self.page("report", made=made, problems=problems)


class ImportOptionsView(ImportPage):
    """Keeps what a person decided, and checks the file by it."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Check, or show again what has to be decided."""
        made = self.found(pk)
        try:
            proposal = imports.propose(made)
            form = ImportForm(request.POST, proposal=proposal, options=imports.options_of(made))
            if not form.is_valid():
                return show_decisions(self, made, form=form, status=422)
            made = imports.configure(made, options=form.options())
            if form.reading_changed or proposal.table is None:
                return self.go_to(made)
            made = imports.check(made, by=member_of(request), at=timezone.localtime(self.now))
        except DomainError as error:
            messages.error(request, str(error))
            return self.go_to(made)
        tasks.wake_on_commit(made)
        return self.go_to(made)


class ImportApplyView(ImportPage):
    """Writes what was checked."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Import all rows, or as the person asks the good ones only."""
        made = self.found(pk)
        at = timezone.localtime(self.now)
        try:
            if "good_rows_only" in request.POST and made.status == ImportStatus.CHECKED:
                made = imports.take_good_rows(made)
            made = imports.apply(made, by=member_of(request), at=at)
        except DomainError as error:
            messages.error(request, str(error))
            return self.go_to(made)
        tasks.wake_on_commit(made)
        return self.go_to(made)


class ImportCancelView(ImportPage):
    """Gives an import up."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Give it up, and go back to the list."""
        made = self.found(pk)
        try:
            imports.cancel(made)
        except DomainError as error:
            messages.error(request, str(error))
            return self.go_to(made)
        messages.success(request, _("The import is given up. Nothing was written."))
        address = reverse("workspace:imports")
        return redirect(f"{address}?{urlencode({'next': self.came_from})}")


class ImportProblemsView(ImportPage):
    """What is wrong with the rows of a file."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show it page by page, or send all of it as a file."""
        made = self.found(pk)
        problems = ImportProblem.objects.filter(account_import=made)
        if "as" in request.GET:
            return file_response(imports.problems_file(made, kind=kind_of(request)))
        after = request.GET.get("after", "")
        page = page_of(problems, IN_ORDER, after=after)
        return self.page("more" if wants_part(request) else "problems", made=made, page=page)


class ImportTemplateView(ImportPage):
    """Sends an empty file with the columns that are enough to begin with."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send it."""
        return file_response(imports.template_file(kind=kind_of(request)))


class AccountExportView(MemberView):
    """Sends the accounts of the list, all pages of it, as a file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send what the filters keep."""
        filters = AccountFilters(request.GET, markets=Market.objects.all())
        accounts = filters.apply(Account.objects.filter(archived_at=None), self.identity)
        accounts = accounts.order_by("search_name", "pk")
        return file_response(imports.accounts_file(accounts, kind=kind_of(request)))


def show_decisions(
    view: ImportPage, made: AccountImport, *, form: ImportForm | None = None, status: int = 200
) -> HttpResponse:
    """Show what the file seems to hold, and what is to be decided."""
    try:
        proposal = imports.propose(made)
    except imports.ImportOver as error:
        messages.error(view.request, str(error))
        return redirect("workspace:imports")
    form = form or ImportForm(proposal=proposal, options=imports.options_of(made))
    return view.page("decisions", status=status, made=made, proposal=proposal, form=form)


def kind_of(request: HttpRequest) -> FileKind:
    """Return the kind of file that is asked for.

    :raises Http404: for any other.
    """
    try:
        return FileKind(request.GET.get("as", FileKind.CSV))
    except ValueError as error:
        raise Http404 from error
