"""What a change would lead to, grouped for a person to read before saving it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from toolkit.effects import Effect, EffectKind

PREVIEW = "_preview"
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class MarketEffects:
    """The effects in one market: how many of each kind, and the first few."""

    market: str
    added: int
    moved: int
    removed: int
    kept: int
    examples: tuple[Effect, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving would do; with errors it would do nothing."""

    errors: list[str]
    markets: list[MarketEffects]


def summarize(effects: Iterable[Effect]) -> list[MarketEffects]:
    """Group effects by market, in order of its name.

    One form may change several things, each with effects of its own: what counts is how all
    of them together differ from before.
    """
    subjects: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        subjects[effect.group, effect.subject].append(effect)
    groups: dict[str, list[Effect]] = defaultdict(list)
    for (group, subject), found in sorted(subjects.items()):
        groups[group].extend(_net(group, subject, found))
    return [_summary(market, found) for market, found in groups.items() if found]


def _net(group: str, subject: str, found: list[Effect]) -> Iterator[Effect]:
    """Pair the days that are gone with those that are new."""
    days: Counter[Any] = Counter()
    for effect in found:
        if effect.kind is not EffectKind.KEPT:
            days.update(_given(effect.after))
            days.subtract(_given(effect.before))
    gone, new = sorted((-days).elements()), sorted((+days).elements())
    for before, after in zip_longest(gone, new):
        yield Effect(_kind(before, after), group, subject, before, after)
    yield from dict.fromkeys(effect for effect in found if effect.kind is EffectKind.KEPT)


def _given(day: Any) -> list[Any]:
    return [] if day is None else [day]


def _kind(before: Any, after: Any) -> EffectKind:
    if before is None:
        return EffectKind.ADDED
    return EffectKind.REMOVED if after is None else EffectKind.MOVED


def _summary(market: str, found: list[Effect]) -> MarketEffects:
    count = Counter(effect.kind for effect in found)
    return MarketEffects(
        market=market,
        added=count[EffectKind.ADDED],
        moved=count[EffectKind.MOVED],
        removed=count[EffectKind.REMOVED],
        kept=count[EffectKind.KEPT],
        examples=tuple(found[:EXAMPLES]),
        more=max(0, len(found) - EXAMPLES),
    )
