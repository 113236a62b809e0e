"""The playbooks of a market in plain reading."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language

from playbooks.changes import HEADER, Level, StepDocument
from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents, header_of, version_steps
from playbooks.models import Edition, Playbook
from playbooks.resolution import Resolved
from playbooks.schedule import Anchor, root_anchor
from playbooks.services import DatedStep, date_edition, editions_in_force
from regions.models import Market
from regions.working_time import working_time
from talent.models import Role
from tenants.models import Membership
from toolkit.errors import InvalidInput
from workspace.editions import Reading, authors_of
from workspace.forms import DaysForm, PlaybookFilters
from workspace.forms.refusals import add_errors
from workspace.reading import market_to_read, playbooks_of
from workspace.views.members import MemberView, wants_part


class PlaybookListView(MemberView):
    """The playbooks in force in a market: the reader's own, unless she chose another."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page, or the list alone."""
        markets = list(Market.objects.order_by("name", "pk"))
        market = market_to_read(self.identity, markets, request.GET.get("market", ""))
        context: dict[str, Any] = {"market": market}
        if market:
            filters = PlaybookFilters(request.GET, markets=markets, market=market)
            motion = filters.wanted_motion
            entries = playbooks_of(market, motion=motion)
            context |= {"filters": filters, "entries": entries, "is_filtered": bool(motion)}
        template = "list" if wants_part(request) else "page"
        return render(request, f"workspace/playbooks/{template}.html", context)


class PlaybookView(MemberView):
    """One playbook as a market carries it out."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show its steps, with dates if the reader gave days to count from."""
        playbook = get_object_or_404(Playbook, key=key)
        wanted = request.GET.get("market", "")
        markets = list(Market.objects.select_related("region").order_by("name", "pk"))
        market = market_to_read(self.identity, markets, wanted)
        if market is None or (wanted and market.code != wanted):
            raise Http404
        edition = (
            editions_in_force(playbook, market)
            .select_related("market__region")
            .prefetch_related("steps")
            .first()
        )
        contents = edition_contents(edition) if edition else None
        form = DaysForm(
            request.GET,
            markets=markets,
            market=market,
            anchors=_anchors(contents) if contents else [],
            calendar=working_time(market).calendar,
        )
        context = {"playbook": playbook, "market": market, "form": form, "edition": edition}
        if edition and contents:
            context |= self._reading(edition, contents, form)
        return render(request, "workspace/playbooks/playbook.html", context)

    def _reading(self, edition: Edition, contents: Resolved, form: DaysForm) -> dict[str, Any]:
        market = edition.market
        version = edition.playbook_version
        steps = {step.key: step for step in version_steps(version)}
        authors = Membership.objects.filter(pk__in=authors_of(contents))
        reading = Reading(
            contents=contents,
            elsewhere={**steps, HEADER: header_of(version)},
            places={Level.REGION: market.region.name, Level.MARKET: market.name},
            authors={str(member.pk): member.name for member in authors},
            roles=dict(Role.objects.values_list("code", "name")),
            language=get_language() or "en",
            days=self._days(edition, form),
        )
        published = edition.playbook.versions.filter(status=VersionStatus.PUBLISHED)
        is_in_use = edition.playbook.archived_at is None and published.exists()
        return {"reading": reading, "is_in_use": is_in_use}

    def _days(self, edition: Edition, form: DaysForm) -> Mapping[str, DatedStep]:
        """Return the steps with their dates by key; none without a day to count from."""
        if not form.days:
            return {}
        try:
            dated = date_edition(edition, anchors=form.days, now=self.now)
        except InvalidInput as error:
            add_errors(form, error)
            return {}
        return {each.step.key: each for each in dated}


def _anchors(contents: Resolved) -> list[Anchor]:
    """Return the events from which the steps of an edition count, in the order of a contract."""
    steps: dict[str, StepDocument] = {step.key: step for step in contents.steps}
    used = {root_anchor(key, steps) for key in steps}
    return [anchor for anchor in Anchor if anchor in used]
