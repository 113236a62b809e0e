"""Playbooks that are proposed once a task is done, as a CSM reads them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from engagement.models import Task
from engagement.proposals import proposals_for
from workspace.editions import Said
from workspace.runs import name_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """A playbook, and the page that shows what it would plan for the customer."""

    name: Said
    address: str

    def as_message(self) -> SafeString:
        """Return it as a question that leads to the preview."""
        asked = _("Start “%(name)s” for this customer?") % {"name": self.name.words}
        return format_html('<a href="{}">{}</a>', self.address, asked)


def proposed_after(task: Task) -> list[Proposal]:
    """Return what the rules propose after a task that was done, by name."""
    start = reverse("workspace:start-run", kwargs={"pk": task.account_id})
    found = [
        Proposal(name_of(each), f"{start}?{urlencode({'playbook': each.playbook.key})}")
        for each in proposals_for(task)
    ]
    return sorted(found, key=lambda proposal: str(proposal.name.words).casefold())
