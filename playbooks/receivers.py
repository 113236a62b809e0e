"""What lower apps tell, and what playbooks make of it: a new market gets its editions."""

from typing import Any

from django.utils import timezone

from playbooks.services import provide_editions
from regions.models import Market
from regions.signals import market_added
from toolkit import consequences


def connect() -> None:
    """Listen."""
    market_added.connect(_on_market_added, dispatch_uid="editions of a new market")


def _on_market_added(*, market: Market, **_: Any) -> None:
    consequences.draw(_provide, market)


def _provide(markets: list[Market]) -> None:
    provide_editions(markets, at=timezone.now())
