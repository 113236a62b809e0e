"""What a task asks for, whether a cadence, a step of an edition or a person says so."""

from dataclasses import dataclass

from accounts.choices import Channel
from governance.vocabulary import CONTACT_KINDS
from playbooks.models import Cadence, EditionStep

FOLLOW_UP_MINUTES = 15
"""How long a task by hand is taken to last."""


@dataclass(frozen=True, slots=True)
class Work:
    """The words and the measure of a piece of work; ``benefit`` is what the customer gains."""

    title: str
    benefit: str
    channel: str
    duration_minutes: int
    is_contact: bool
    is_required: bool = False


def work_of_cadence(cadence: Cadence) -> Work:
    """Return what a check-in asks for."""
    return Work(
        title=cadence.title,
        benefit=cadence.benefit,
        channel=cadence.channel,
        duration_minutes=cadence.duration_minutes,
        is_contact=cadence.is_contact,
    )


def work_of_step(step: EditionStep) -> Work:
    """Return what a step asks for, in the language of its playbook."""
    fields = step.fields
    return Work(
        title=fields["title"],
        benefit=fields["outcome"],
        channel=fields["channel"],
        duration_minutes=fields["duration_minutes"],
        is_contact=fields["kind"] in CONTACT_KINDS,
        is_required=fields["required"],
    )


def work_by_hand(title: str, benefit: str) -> Work:
    """Return what a task by hand asks for; without a gain for the customer it is internal."""
    return Work(
        title=title,
        benefit=benefit,
        channel=Channel.EMAIL.value if benefit else "",
        duration_minutes=FOLLOW_UP_MINUTES,
        is_contact=bool(benefit),
    )
