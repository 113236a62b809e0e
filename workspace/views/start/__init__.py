"""The way from an empty organization to its first planned check-ins, step by step."""

from workspace.views.start.accounts import AccountByHandView, AccountsStepView, SampleView
from workspace.views.start.cadences import CadencesStepView, CadenceView, MarketCadenceView
from workspace.views.start.checklist import ChecklistView, ProgressView
from workspace.views.start.fortnight import FortnightView
from workspace.views.start.markets import (
    HomeStepView,
    MarketsStepView,
    MarketView,
    NewMarketView,
)
from workspace.views.start.opening import OpenStepView
from workspace.views.start.people import PeopleStepView
from workspace.views.start.tiers import TiersStepView

__all__ = [
    "AccountByHandView",
    "AccountsStepView",
    "CadenceView",
    "CadencesStepView",
    "ChecklistView",
    "FortnightView",
    "HomeStepView",
    "MarketCadenceView",
    "MarketView",
    "MarketsStepView",
    "NewMarketView",
    "OpenStepView",
    "PeopleStepView",
    "ProgressView",
    "SampleView",
    "TiersStepView",
]
