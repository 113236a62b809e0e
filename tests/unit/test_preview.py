"""What a preview makes of effects."""

import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from toolkit.effects import Effect, EffectKind, summarize

MONDAY, TUESDAY, FRIDAY = (dt.date(2026, 3, day) for day in (2, 3, 6))
DAYS = st.dates(dt.date(2026, 3, 1), dt.date(2026, 3, 5))


def moved(before: dt.date, after: dt.date, subject: str = "Acme") -> Effect:
    return Effect(EffectKind.MOVED, "France", subject, before, after)


class TestSummary:
    def test_counts_by_market_in_order_of_names(self) -> None:
        found = summarize(
            [
                Effect(EffectKind.ADDED, "Japan", "Acme", after=MONDAY),
                moved(MONDAY, TUESDAY),
                Effect(EffectKind.REMOVED, "France", "Bolt", before=FRIDAY),
                Effect(EffectKind.KEPT, "France", "Bolt", after=MONDAY),
            ]
        )
        assert [market.group for market in found] == ["France", "Japan"]
        france = found[0]
        assert (france.added, france.moved, france.removed, france.kept) == (0, 1, 1, 1)

    def test_joins_what_several_changes_of_one_form_do(self) -> None:
        found = summarize([moved(MONDAY, TUESDAY), moved(TUESDAY, FRIDAY)])
        assert found[0].examples == (moved(MONDAY, FRIDAY),)

    def test_says_nothing_of_what_comes_back(self) -> None:
        assert summarize([moved(MONDAY, TUESDAY), moved(TUESDAY, MONDAY)]) == []

    def test_shows_a_few_and_counts_the_rest(self) -> None:
        found = summarize(moved(MONDAY, TUESDAY, f"Account {n}") for n in range(8))
        assert (len(found[0].examples), found[0].more) == (5, 3)

    @given(st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS), max_size=12))
    def test_the_days_add_up(self, pairs: list[tuple[dt.date | None, dt.date | None]]) -> None:
        effects = [Effect(EffectKind.MOVED, "France", "Acme", *pair) for pair in pairs]
        shown = [effect for market in summarize(effects) for effect in market.examples]
        if sum(market.more for market in summarize(effects)) == 0:
            assert balance(shown) == balance(effects)


def balance(effects: list[Effect]) -> dict[dt.date, int]:
    days: Counter[dt.date] = Counter()
    for effect in effects:
        days.update([effect.after] if effect.after else [])
        days.subtract([effect.before] if effect.before else [])
    return {day: count for day, count in days.items() if count}
