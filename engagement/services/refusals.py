"""Why a run does not start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.wording import say_anchors, say_condition, say_past
from toolkit.errors import DomainError


class Refusal(StrEnum):
    """Why a run did not start for an account, or did not move; the last three are of moves."""

    NOT_ACTIVE = "not_active"
    NO_EDITION = "no_edition"
    NOT_FOR_IT = "not_for_it"
    UNDER_WAY = "under_way"
    ANCHOR_MISSING = "anchor_missing"
    STEP_PAST = "step_past"
    NOTHING_TO_DO = "nothing_to_do"
    CALENDAR_ENDS = "calendar_ends"
    IN_FORCE = "in_force"
    ENDED = "ended"
    CHANGED = "changed"


_ELSE: Mapping[Refusal, Promise] = {
    Refusal.CALENDAR_ENDS: gettext_lazy("The holidays of that year are not known."),
    Refusal.NOTHING_TO_DO: gettext_lazy("No step is for this account."),
    Refusal.IN_FORCE: gettext_lazy("It is carried out in the edition in force already."),
    Refusal.ENDED: gettext_lazy("This run has ended."),
    Refusal.CHANGED: gettext_lazy("Somebody changed it meanwhile."),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An account for which no run started, and why.

    ``detail`` names anchors, a condition, or the keys of steps, whose ``titles`` are known.
    """

    account_id: UUID
    reason: Refusal
    detail: str = ""
    titles: Mapping[str, str] = field(default_factory=dict, compare=False)


def say_refusal(refused: Refused) -> str:
    """Return why a run did not start, in one sentence."""
    match refused.reason:
        case Refusal.NOT_ACTIVE:
            return _("The account is archived or churned.")
        case Refusal.NO_EDITION:
            return _("The playbook is not published in the account's market.")
        case Refusal.NOT_FOR_IT:
            known = {"detail": say_condition(refused.detail)}
            return _("The playbook is for other accounts (%(detail)s).") % known
        case Refusal.UNDER_WAY:
            return _("The playbook is under way for the account already.")
        case Refusal.ANCHOR_MISSING:
            known = {"detail": say_anchors(refused.detail)}
            return _("A date that steps count from is not known: %(detail)s.") % known
        case Refusal.STEP_PAST:
            known = {"detail": say_past(refused.detail, refused.titles)}
            return _("The day of a step that must not be late is past: %(detail)s.") % known
    return str(_ELSE.get(refused.reason, _ELSE[Refusal.NOTHING_TO_DO]))


class RunRefused(DomainError):
    """The one run that was asked for did not start."""

    def __init__(self, refused: Refused) -> None:
        self.refused = refused
        self.extensions = {"reason": refused.reason.value, "refused_for": refused.detail}
        super().__init__(say_refusal(refused))
