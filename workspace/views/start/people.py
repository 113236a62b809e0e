"""The people who look after accounts, and their invitations."""

from typing import Any

from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.querysets import is_active
from tenants import services
from tenants.choices import Role
from tenants.models import Membership
from tenants.permissions import Right, may, may_invite, member_of
from tenants.services import Person
from workspace.forms.invitations import InviteForm, InvitePersonForm
from workspace.views.start.base import StepView, save_form

MOST = 200
"""How many members are shown at once; the next ones follow when these are invited."""


class PeopleStepView(StepView):
    """Shows who has not joined yet, and writes to those chosen."""

    step, template = "people", "people"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        waiting = self._waiting()
        return self._page(waiting, self._form(waiting), self._person_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Invite them."""
        self.require(Right.INVITE)
        waiting = self._waiting()
        if "person" in request.POST:
            person = self._person_form(request.POST)
            if not (person.is_valid() and save_form(person, lambda: self._invite_person(person))):
                return self._page(waiting, self._form(waiting), person, status=422)
            said = _("%(email)s is invited.") % {"email": person.cleaned_data["email"]}
            return self.go_on(said, to="start-people")
        form = self._form(waiting, request.POST)
        if not form.is_valid():
            return self._page(waiting, form, self._person_form(), status=422)
        count = len(self._invite(waiting, form.cleaned_data))
        said = ngettext(
            "%(count)d invitation is on its way.", "%(count)d invitations are on their way.", count
        )
        return self.go_on(said % {"count": count}, to="start-people")

    def _waiting(self) -> list[Membership]:
        members = Membership.objects.filter(user=None, is_active=True).annotate(
            account_count=Count("accounts", filter=is_active("accounts__")),
            invited_at=F("invitations__sent_at"),
        )
        may_be_invited = [role for role in Role if may_invite(self.identity, role)]
        return list(
            members.filter(role__in=may_be_invited).order_by(
                F("invited_at").asc(nulls_first=True), "-account_count", "name", "pk"
            )[:MOST]
        )

    def _invite(self, waiting: list[Membership], values: dict[str, Any]) -> list[services.Ticket]:
        chosen = set(values["members"])
        return services.invite_members(
            [member for member in waiting if str(member.pk) in chosen],
            by=member_of(self.request),
            at=self.now,
            language=values["language"],
        )

    def _invite_person(self, form: InvitePersonForm) -> None:
        values = form.cleaned_data
        services.invite_person(
            Person(values["email"], values["name"], Role(values["role"])),
            by=member_of(self.request),
            at=self.now,
            language=values["language"],
        )

    def _form(self, waiting: list[Membership], data: Any = None) -> InviteForm:
        new = [str(member.pk) for member in waiting if member.invited_at is None]  # type: ignore[attr-defined]
        initial = {"members": new, "language": get_language()}
        return InviteForm(data, members=waiting, initial=initial)

    def _person_form(self, data: Any = None) -> InvitePersonForm:
        roles = [role for role in Role if may_invite(self.identity, role)]
        initial = {"role": Role.CSM, "language": get_language()}
        return InvitePersonForm(data, roles=roles, initial=initial)

    def _page(
        self,
        waiting: list[Membership],
        form: InviteForm,
        person: InvitePersonForm,
        *,
        status: int = 200,
    ) -> HttpResponse:
        return self.page(
            waiting=zip(waiting, form["members"], strict=True),
            count=len(waiting),
            form=form,
            person=person,
            may_invite=may(self.identity, Right.INVITE),
            status=status,
        )
