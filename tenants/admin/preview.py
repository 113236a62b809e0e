"""What a change in the admin would lead to, for a person to read before saving it."""

from dataclasses import dataclass

from toolkit.effects import GroupEffects

PREVIEW = "_preview"


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving would do; with errors it would do nothing."""

    errors: list[str]
    markets: list[GroupEffects]
