"""The dimensions along which working with customers varies, and the sides each may take.

A side is what a report says of a market or what a step rests on ("direct" talk, "remote"
contact). Codes only: what a person reads is written where it is shown.

Source: "International Customer Success - 5 Considerations" (Kristen Hayer) and "The Cultural
Gap" (Metheus Consultancy).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Dimension(StrEnum):
    VOICE_AND_TONE = "voice_and_tone"
    RESPONSE_TIME = "response_time"
    COMMUNICATION_PATTERN = "communication_pattern"
    MEETING_STYLE = "meeting_style"
    LANGUAGE = "language"
    DECISION_MAKING = "decision_making"
    TRUST = "trust"
    CS_MATURITY = "cs_maturity"
    PACE_AND_AUTOMATION = "pace_and_automation"
    VALUE = "value"


class Side(StrEnum):
    FORMAL = "formal"
    INFORMAL = "informal"
    IMMEDIATE = "immediate"
    ELASTIC = "elastic"
    DIRECT = "direct"
    INDIRECT = "indirect"
    IN_PERSON = "in_person"
    REMOTE = "remote"
    CSM_LEARNS_LANGUAGE = "csm_learns_language"
    INTERPRETER = "interpreter"
    LOCAL_CSM = "local_csm"
    HIERARCHICAL = "hierarchical"
    DECENTRALIZED = "decentralized"
    INDIVIDUAL = "individual"
    GROUP = "group"
    EVIDENCE = "evidence"
    CONTINUITY = "continuity"
    NEW = "new"
    ESTABLISHED = "established"
    AUTOMATED = "automated"
    PERSONAL = "personal"
    EFFICIENCY = "efficiency"
    RELIABILITY = "reliability"
    LOWER_RISK = "lower_risk"
    EXECUTIVE_VISIBILITY = "executive_visibility"
    LONG_PARTNERSHIP = "long_partnership"


SIDES: Mapping[Dimension, tuple[Side, ...]] = MappingProxyType(
    {
        Dimension.VOICE_AND_TONE: (Side.FORMAL, Side.INFORMAL),
        Dimension.RESPONSE_TIME: (Side.IMMEDIATE, Side.ELASTIC),
        Dimension.COMMUNICATION_PATTERN: (Side.DIRECT, Side.INDIRECT),
        Dimension.MEETING_STYLE: (Side.IN_PERSON, Side.REMOTE),
        Dimension.LANGUAGE: (Side.CSM_LEARNS_LANGUAGE, Side.INTERPRETER, Side.LOCAL_CSM),
        Dimension.DECISION_MAKING: (
            Side.HIERARCHICAL,
            Side.DECENTRALIZED,
            Side.INDIVIDUAL,
            Side.GROUP,
        ),
        Dimension.TRUST: (Side.EVIDENCE, Side.CONTINUITY),
        Dimension.CS_MATURITY: (Side.NEW, Side.ESTABLISHED),
        Dimension.PACE_AND_AUTOMATION: (Side.AUTOMATED, Side.PERSONAL),
        Dimension.VALUE: (
            Side.EFFICIENCY,
            Side.RELIABILITY,
            Side.LOWER_RISK,
            Side.EXECUTIVE_VISIBILITY,
            Side.LONG_PARTNERSHIP,
        ),
    }
)

_DIMENSION_OF = {side: dimension for dimension, sides in SIDES.items() for side in sides}

# Who decides varies twice: at which level, and by how many. Languages and kinds of value are
# choices that may stand together, so none of them contradicts another.
_CONTRADICTIONS = (
    frozenset({Side.FORMAL, Side.INFORMAL}),
    frozenset({Side.IMMEDIATE, Side.ELASTIC}),
    frozenset({Side.DIRECT, Side.INDIRECT}),
    frozenset({Side.IN_PERSON, Side.REMOTE}),
    frozenset({Side.HIERARCHICAL, Side.DECENTRALIZED}),
    frozenset({Side.INDIVIDUAL, Side.GROUP}),
    frozenset({Side.EVIDENCE, Side.CONTINUITY}),
    frozenset({Side.NEW, Side.ESTABLISHED}),
    frozenset({Side.AUTOMATED, Side.PERSONAL}),
)


def dimension_of(side: Side) -> Dimension:
    """Return the dimension that a side belongs to."""
    return _DIMENSION_OF[side]


def contradicts(assumed: Side, reported: Side) -> bool:
    """Tell whether a step that assumes one side meets a report that says otherwise."""
    return frozenset({assumed, reported}) in _CONTRADICTIONS


# Neutral defaults, for a market of which nothing is reported: no side is taken on any dimension,
# and the two clocks are not those of any market. They are kept apart: how soon we answer, and when
# the customer's silence means something. Source: platform default.
NEUTRAL_REPLY_WITHIN_HOURS = 48
NEUTRAL_GONE_DARK_AFTER_DAYS = 14
