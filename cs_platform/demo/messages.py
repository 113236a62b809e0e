"""What leaves the demo by itself: mails of a playbook, who wants them, and a chat to switch on."""

import datetime as dt
from itertools import cycle

from accounts import consents
from accounts.choices import ConsentState, Stage, Tier
from accounts.models import Account, Contact
from cs_platform.demo.material import DATA
from engagement import services as engagement_services
from engagement.models import ChatChannel
from engagement.querysets import TaskQuerySet
from outbox.choices import EndpointKind
from playbooks import services as playbooks_services
from playbooks.models import Playbook, PlaybookVersion
from playbooks.services import code
from regions.models import Region
from tenants.context import current_organization
from tenants.models import Membership

AN_HOUR = dt.timedelta(hours=1)
A_WEEK = dt.timedelta(weeks=1)
MAILS = "first-weeks"

GIVEN, WITHDRAWN = ConsentState.GIVEN, ConsentState.WITHDRAWN
ANSWERS = (GIVEN, GIVEN, WITHDRAWN, GIVEN, None, GIVEN, GIVEN, None, GIVEN)
"""What contacts say by turns to automatic messages; some were not asked yet."""
HOW = {
    GIVEN: "Ticked the box when the contract was signed.",
    WITHDRAWN: "Asked sales to be written to by people only.",
}

NOBODY_S_CHAT = "https://hooks.slack.example/services/T0/B0/nobody-s-secret"
"""No host is ever called so. Source: RFC 2606 section 2."""


def publish_mails(*, by: Membership, at: dt.datetime) -> None:
    """Take the playbook in from its file, as anybody may, and publish it. ``at`` is UTC."""
    code.import_file((DATA / f"{MAILS}.yaml").read_bytes(), by=by, at=at)
    version = PlaybookVersion.objects.select_related("playbook").get(playbook__key=MAILS)
    playbooks_services.publish_version(version, by=by, at=at)


def start_mails(*, by: Membership, at: dt.datetime) -> None:
    """Ask those who came on board in the last weeks, and start the playbook. ``at`` is UTC."""
    new = Account.objects.filter(
        tier=Tier.TIER_3, stage=Stage.ONBOARDING, start_date__gte=at.date() - 4 * A_WEEK
    )
    contacts = Contact.objects.filter(is_primary=True, account__in=new)
    in_turn = contacts.order_by("account__market__code", "account__search_name")
    for contact, state in zip(in_turn.select_related("account__owner"), cycle(ANSWERS)):
        if state:
            owner = contact.account.owner or by
            consents.note_consent(contact=contact, state=state, how=HOW[state], by=owner, at=at)
    playbook = Playbook.objects.get(key=MAILS)
    engagement_services.start_runs(playbook=playbook, accounts=new, by=by, at=at)


def send_mails(due: TaskQuerySet) -> None:
    """Do what the worker does all day: send what may go, for each while its offices are open.

    What stands in the way of the others is noted.
    """
    unnoted = due.filter(hold="").order_by("due_at")
    for due_at in list(unnoted.values_list("due_at", flat=True).distinct()):
        engagement_services.send_due_messages(
            organization_id=current_organization(), now=due_at - AN_HOUR
        )


def prepare_channel(region: Region) -> ChatChannel:
    """Make a chat channel of a region; it stays off until somebody gives it a real address."""
    channel = ChatChannel(
        name=f"#cs-{region.code}",
        kind=EndpointKind.SLACK,
        region=region,
        hand_overs=True,
        run_starts=True,
        is_active=False,
    )
    channel.url = NOBODY_S_CHAT
    return engagement_services.save_channel(channel)
