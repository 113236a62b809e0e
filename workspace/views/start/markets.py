"""The home market, and whether each market works when its people do."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regions import services
from regions.calendars import ONE_DAY, CalendarRangeError, DayStatus
from regions.choices import MarketStatus, Weekday
from regions.library import LibraryMarket, load_library
from regions.models import Market
from regions.proposals import propose_market
from regions.working_time import prepare_working_times, working_time
from toolkit.storage import StaleVersion
from workspace import formats
from workspace.forms.markets import (
    ADOPT,
    AdoptForm,
    CountryForm,
    HomeForm,
    MarketForm,
    NewMarketForm,
)
from workspace.steps import Checklist
from workspace.views.start.base import StepView, save_form

HOLIDAYS_WITHIN = dt.timedelta(days=92)


class HomeStepView(StepView):
    """Chooses the home market."""

    step, template = "home", "home"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Offer the library, the market of the reader's own language first."""
        return self.page(form=self._form(request), countries=CountryForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the market chosen the home market."""
        form = self._form(request, request.POST)
        if not (form.is_valid() and save_form(form, lambda: self._save(form))):
            return self.page(form=form, countries=CountryForm(), status=422)
        home = Market.objects.select_related("region").get(is_home=True)
        said = _("%(market)s is your home market, in %(region)s.")
        return self.go_on(said % {"market": home, "region": home.region})

    def _form(self, request: HttpRequest, data: object = None) -> HomeForm:
        library = load_library().values()
        return HomeForm(
            data,
            markets=Market.objects.select_related("region"),
            library=library,
            proposed=_of_reader(request, library),
        )

    def _save(self, form: HomeForm) -> None:
        home = Market.objects.select_for_update().filter(is_home=True).first()
        if str(home.pk if home else "") != form.cleaned_data["seen_home"]:
            raise StaleVersion
        kind, which = form.choice
        if kind == ADOPT:
            market = services.adopt_market(code=which, status=MarketStatus.PREPARING)
        else:
            market = Market.objects.get(pk=which)
        services.set_home_market(market)


class NewMarketView(StepView):
    """Makes a market that the library lacks."""

    step, template = "markets", "new_market"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the country, then for what its calendar does not say."""
        countries = CountryForm(request.GET or None)
        form = self._form(countries) if countries.is_valid() else None
        return self.page(countries=countries, form=form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the market."""
        countries = CountryForm(request.GET)
        if not countries.is_valid():
            return self.page(countries=countries, form=None, status=422)
        form = self._form(countries, request.POST)
        if not (form.is_valid() and save_form(form, lambda: self._save(form))):
            return self.page(countries=countries, form=form, status=422)
        said = _("%(market)s is prepared: check its calendar.") % {"market": form.instance}
        return self.go_on(said, to="start-markets")

    def _form(self, countries: CountryForm, data: object = None) -> NewMarketForm:
        country = countries.cleaned_data["country"]
        proposal = propose_market(country, reader=get_language() or "en")
        return NewMarketForm(data, country=country, proposal=proposal, code=_free_code(country))

    def _save(self, form: NewMarketForm) -> None:
        market = services.save_market(form.market(), weekdays=form.cleaned_data["weekdays"])
        if form.cleaned_data["is_home"]:
            services.set_home_market(market)


class MarketsStepView(StepView):
    """Shows each market as planning sees it, and prepares more of the library."""

    step, template = "markets", "markets"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self._page(AdoptForm(library=_not_adopted()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Adopt the markets chosen."""
        form = AdoptForm(request.POST, library=_not_adopted())
        if not (form.is_valid() and save_form(form, lambda: self._save(form))):
            return self._page(form, status=422)
        return self.go_on(_("The markets are prepared: check them."), to="start-markets")

    def _save(self, form: AdoptForm) -> None:
        for code in form.cleaned_data["codes"]:
            services.adopt_market(code=code, status=MarketStatus.PREPARING)

    def _page(self, form: AdoptForm, *, status: int = 200) -> HttpResponse:
        checklist = Checklist()
        prepare_working_times(checklist.markets)
        sights = [
            sight_of(market, self.now, checklist.accounts_by_market.get(market.pk, 0))
            for market in checklist.markets
        ]
        # Where the accounts are comes first.
        sights.sort(key=lambda each: (not each.market.is_home, -each.accounts))
        return self.page(sights=sights, form=form, status=status)


class MarketView(StepView):
    """Corrects a market."""

    step, template = "markets", "market"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the form."""
        market = _market(pk)
        return self.page(market=market, form=MarketForm(instance=market))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Save the market."""
        market = _market(pk)
        form = MarketForm(request.POST, instance=market)
        if not (form.is_valid() and save_form(form, lambda: services.save_market(form.market()))):
            return self.page(market=_market(pk), form=form, status=422)
        return self.go_on(_("%(market)s is saved.") % {"market": market}, to="start-markets")


@dataclass(frozen=True, slots=True)
class MarketSight:
    """What a leader needs to see of a market to know that it is right."""

    market: Market
    accounts: int
    languages: str
    local: dt.datetime
    days_off: str
    holidays: list[DayStatus]


def sight_of(market: Market, now: dt.datetime, accounts: int) -> MarketSight:
    """Return what there is to see of a market; holidays of the coming three months."""
    time = working_time(market)
    today = time.today(now)
    days = [today + ONE_DAY * number for number in range(HOLIDAYS_WITHIN.days)]
    try:
        statuses = [time.calendar.status(day) for day in days]
    except CalendarRangeError:
        statuses = []
    # A week without anything named shows what the week itself leaves out.
    resting = {each.date.isoweekday() for each in statuses if not each.working and not each.names}
    return MarketSight(
        market=market,
        accounts=accounts,
        languages=formats.listed([formats.language_name(tag) for tag in market.languages]),
        local=now.astimezone(time.zone),
        days_off=formats.listed([str(Weekday(number).label) for number in sorted(resting)]),
        holidays=[each for each in statuses if not each.working and each.names],
    )


def _market(pk: UUID) -> Market:
    return get_object_or_404(Market.objects.select_related("region"), pk=pk)


def _not_adopted() -> list[LibraryMarket]:
    own = set(Market.objects.values_list("code", flat=True))
    return [market for market in load_library().values() if market.code not in own]


def _of_reader(request: HttpRequest, library: Iterable[LibraryMarket]) -> str:
    """Return the market of the library that speaks the language of the reader's browser."""
    accepted = request.headers.get("Accept-Language", "").split(",")
    tags = [tag.partition(";")[0].strip().lower() for tag in accepted]
    for tag in tags:
        for market in library:
            if tag in (language.lower() for language in market.languages):
                return market.code
    return ""


def _free_code(country: str) -> str:
    """Return a code for another market of a country."""
    taken = set(Market.objects.filter(code__startswith=country).values_list("code", flat=True))
    numbered = (f"{country}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (country, *numbered) if code not in taken)
