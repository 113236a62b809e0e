"""What a single value of a step must be, whatever the others are."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.choices import Complexity, Stage, Tier
from playbooks.choices import HealthBand
from regions.validators import validate_language_tag

FARTHEST = 730
"""The farthest distance from an anchor, in any unit: two years of days."""

CONDITIONS: dict[str, tuple[str, ...]] = {
    "tiers": tuple(Tier.values),
    "stages": tuple(value for value in Stage.values if value != Stage.CHURNED),
    "complexities": tuple(Complexity.values),
    "health": tuple(HealthBand.values),
    "languages": (),
}
"""What a condition may ask of an account, and the values that it may name; none: any text."""

ATTRIBUTES = "attributes"
MOST_VALUES = 50
LONGEST_VALUE = 200

TRANSLATED = {"title": 200, "instructions": 20_000, "outcome": 500, "message": 20_000}
TRANSLATED_HEADER = {"name": 200, "goal": 20_000}
"""The texts that a translation may have, and how long each may be."""


def validate_offset(value: int) -> None:
    """Refuse a distance that nobody plans.

    :raises ValidationError: beyond ``FARTHEST``.
    """
    if abs(value) > FARTHEST:
        raise ValidationError(
            _("Give a number from %(least)d to %(most)d.")
            % {
                "least": -FARTHEST,
                "most": FARTHEST,
            }
        )


def validate_condition(value: Any) -> None:
    """Check for whom a step is.

    :raises ValidationError: for anything but known names with lists of known values.
    """
    if not isinstance(value, dict):
        raise ValidationError(_("Give an object."))
    for name, wanted in value.items():
        if name == ATTRIBUTES:
            _validate_attributes(wanted)
        elif name in CONDITIONS:
            _validate_list(name, wanted, CONDITIONS[name])
        else:
            known = ", ".join((*CONDITIONS, ATTRIBUTES))
            raise ValidationError(
                _("“%(name)s” is no condition. Choose one of %(known)s.")
                % {"name": name, "known": known}
            )


def validate_translations(value: Any) -> None:
    """Check the translations of a step.

    :raises ValidationError: for an unknown language tag or text, or one of another type.
    """
    if not isinstance(value, dict):
        raise ValidationError(_("Give an object."))
    for language, words in value.items():
        validate_language_tag(language)
        validate_translation(words, TRANSLATED)


def validate_translation(words: Any, known: Mapping[str, int]) -> None:
    """Check one translation: texts by name, and the lines of a checklist.

    :raises ValidationError: for an unknown text, or one of another type or too long.
    """
    if not isinstance(words, dict):
        raise ValidationError(_("Give an object."))
    for name, text in words.items():
        if name == "checklist" and known is TRANSLATED:
            _validate_list(name, text, ())
        elif name not in known:
            raise ValidationError(
                _("“%(name)s” is not translated. Choose one of %(known)s.")
                % {"name": name, "known": ", ".join(known)}
            )
        elif not isinstance(text, str) or len(text) > known[name]:
            raise ValidationError(
                _("“%(name)s” must be a text of %(most)d characters at most.")
                % {"name": name, "most": known[name]}
            )


def _validate_attributes(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(_("Give an object."))
    for name, wanted in value.items():
        _validate_list(name, wanted, ())


def _validate_list(name: str, value: Any, known: tuple[str, ...]) -> None:
    right = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if not right or len(value) > MOST_VALUES or any(len(each) > LONGEST_VALUE for each in value):
        raise ValidationError(_("“%(name)s” must be a list of short texts.") % {"name": name})
    for each in value:
        if known and each not in known:
            raise ValidationError(
                _("“%(value)s” is not one of %(known)s.")
                % {"value": each, "known": ", ".join(known)}
            )
