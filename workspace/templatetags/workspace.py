"""What templates say in the reader's words."""

import datetime as dt
from urllib.parse import urlencode

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.choices import ProposalStatus
from accounts.models import AgreementProposal
from engagement.models import SavedView, Task
from playbooks.models import Cadence
from regions.access import works_in
from regions.choices import MarketStatus
from regions.models import Market
from tenants.authentication import Identity
from tenants.choices import LEADS, Role
from tenants.permissions import may
from toolkit.effects import Effect, GroupEffects
from workspace import explanations, formats
from workspace.editions import Said
from workspace.explanations import TIERS_IN_SHORT, names_for_reader
from workspace.markdown import rendered
from workspace.step_words import pieces
from workspace.steps import TITLES

register = template.Library()

MOST_PROPOSALS = 5

register.filter("may", may)
register.filter("day", formats.day)
register.filter("full_day", formats.full_day)
register.filter("clock_time", formats.clock_time)
register.filter("duration", formats.duration)
register.filter("language_name", formats.language_name)
register.filter("names_for_reader", names_for_reader)
register.filter("pieces", pieces)
register.filter("sentence", formats.sentence, is_safe=True)


@register.filter
def message_kind(task: Task) -> str:
    """Return whether a task has words for the customer: “digital” if they go out by themselves."""
    if task.step is None or not task.step.fields["message"]:
        return ""
    return "digital" if task.sends_itself else "template"


@register.filter
def view_address(view: SavedView) -> str:
    """Return the list that a saved view keeps."""
    return f"{reverse('workspace:today')}?{urlencode({**view.filters, 'view': view.pk})}"


@register.filter
def moment(at: dt.datetime) -> str:
    """Return day and time of an instant in the reader's zone, which is named."""
    local = timezone.localtime(at)
    return f"{formats.day(local.date())} {formats.clock_time(local)} {local:%Z}"


@register.filter
def local_day(at: dt.datetime) -> str:
    """Return the day of an instant in the reader's zone, with its year."""
    return formats.full_day(timezone.localtime(at).date())


@register.filter
def tongue(said: Said) -> SafeString:
    """Return the attributes of what holds these words: their language, if it is known."""
    if not said.language:
        return SafeString('dir="auto"')
    return format_html('lang="{}" dir="auto"', said.language)


@register.filter
def tier(code: str) -> str:
    """Return the short name of a tier."""
    return str(TIERS_IN_SHORT[code])


@register.simple_tag
def is_setting_up(identity: Identity | None) -> bool:
    """Return whether a leader looks at an organization in which nothing is planned yet."""
    return leads(identity) and not Market.objects.filter(status=MarketStatus.OPEN).exists()


@register.simple_tag
def open_proposals(identity: Identity) -> list[AgreementProposal]:
    """Return what customers of a member want agreed otherwise, the oldest first."""
    found = AgreementProposal.objects.filter(
        status=ProposalStatus.OPEN, account__owner=identity.membership_id
    )
    return list(found.select_related("account").order_by("proposed_at")[:MOST_PROPOSALS])


@register.filter
def leads(identity: Identity | None) -> bool:
    """Return whether a member leads the whole organization."""
    return identity is not None and works_in(identity, None)


@register.filter
def leads_somewhere(identity: Identity | None) -> bool:
    """Return whether a member looks after the work of others, here or there."""
    return identity is not None and identity.role in LEADS


@register.filter
def local_moment(local: dt.datetime) -> str:
    """Return weekday and time of a local time."""
    return formats.weekday_time(local)


@register.filter
def rhythm(cadence: Cadence) -> str:
    """Return how often, and on which days."""
    return explanations.rhythm_of(cadence)


@register.filter
def effect(effect: Effect) -> str:
    """Return what happens to one check-in."""
    return explanations.effect(effect)


@register.filter
def effects(group: GroupEffects) -> str:
    """Return how many check-ins of a group are added, moved and removed."""
    return explanations.effects(group)


@register.filter
def step_title(name: str) -> str:
    """Return the title of a step."""
    return str(TITLES[name])


@register.filter
def step_address(name: str) -> str:
    """Return the page of a step."""
    return reverse(f"workspace:start-{name}")


@register.filter
def markdown(text: str, below: int) -> SafeString:
    """Return Markdown as HTML, its headings under one of the level ``below``."""
    return rendered(text, below=below)


@register.filter
def role(code: str) -> str:
    """Return the name of a role."""
    return str(Role(code).label)


@register.filter
def is_first_error(field: BoundField) -> bool:
    """Return whether a form that was not accepted brings its reader to this field."""
    form = field.form
    wrong = (each.name for each in form.visible_fields() if each.errors)
    return not form.non_field_errors() and field.name == next(wrong, None)


@register.filter
def control(field: BoundField) -> SafeString:
    """Return what a field is filled in with; the first that was not accepted has the focus."""
    return field.as_widget(attrs={"autofocus": True} if is_first_error(field) else {})
