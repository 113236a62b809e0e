"""Build the demo organizations through the services, the same on every machine.

Three weeks of work are played through: planned by the planner, done by the members.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts import services as accounts_services
from accounts import sharing
from accounts.choices import Stage
from accounts.models import Account, Contact
from cs_platform.demo import material
from cs_platform.demo.draws import apportion, draw, pick
from cs_platform.demo.messages import (
    AN_HOUR,
    prepare_channel,
    publish_mails,
    send_mails,
    start_mails,
)
from cs_platform.demo.promises import promise_things, propose_escalation
from cs_platform.demo.runs import hold_one_run, start_onboarding
from engagement import services as engagement_services
from engagement.choices import Outcome, PassTrigger, Visibility
from engagement.models import Meeting, RegionPlanning, SavedView, Task, Trigger
from governance import services as governance_services
from playbooks import services as playbooks_services
from playbooks.models import Cadence, Playbook
from regions import services as regions_services
from regions.models import Assignment, CulturalStatement, Market, Region
from regions.offsets import add_months
from talent import services as talent_services
from talent.models import Leave, WorkProfile
from tenants import services as tenants_services
from tenants.choices import Role
from tenants.context import acting_for
from tenants.models import Membership, Organization, User

PLAYED_DAYS = (21, 14, 7)
DONE_PERCENT = 88
UNOWNED_PERCENT = 6
LONGEST_RELATION_DAYS = 900
LONGEST_ONBOARDING_DAYS = 40
RENEWAL_BEGINS_DAYS = 180
RENEWING_DAYS = 40
NOTICE_DAYS = 60
OUTCOMES = (Outcome.CONVERSATION, Outcome.CONVERSATION, Outcome.REPLY, Outcome.NO_ANSWER)
PUBLISHED = ("onboarding", "business-review", "renewal")
DRAFTED = "expansion"
"""The playbooks that the demo carries out, and the one that waits for its leader."""

TRIGGERS: tuple[dict[str, Any], ...] = (
    {
        "name": "Half a year to the renewal",
        "playbook": "renewal",
        "kind": "before_renewal",
        "days": RENEWAL_BEGINS_DAYS,
        "is_active": True,
    },
    {
        "name": "A customer comes on board",
        "playbook": "onboarding",
        "kind": "stage_entered",
        "stage": "onboarding",
    },
)
"""What starts playbooks by itself; the second one waits for somebody to read its dry run."""

VIEWS = (
    ("High touch by account", {"tier": "tier_1", "by": "account"}),
    ("By occasion", {"by": "motion"}),
)

Tell = Callable[[str], None]


def build(*, now: dt.datetime, password: str, tell: Tell) -> list[tuple[Organization, Membership]]:
    """Create both organizations and return their members; ``tell`` hears of the progress.

    ``now`` is UTC; everybody gets the same password.

    :raises SlugTaken: if the demo is there already.
    """
    stock = material.load_material()
    members: list[tuple[Organization, Membership]] = []
    for plan in stock.organizations:
        organization = tenants_services.create_organization(name=plan.name, slug=plan.slug)
        with acting_for(organization.pk, door="command"):
            builder = _Builder(stock, plan, now)
            tell(f"{plan.name}: {len(plan.members)} members, {len(builder.codes)} markets")
            builder.place()
            tell(f"{plan.name}: {sum(plan.accounts.values())} accounts")
            builder.fill()
            # The other one shows what a leader finds who has no playbooks yet.
            is_first = plan is stock.organizations[0]
            if is_first:
                tell(f"{plan.name}: what it stands for, and playbooks")
                builder.write()
                start_onboarding(by=builder.leader, at=now - dt.timedelta(days=PLAYED_DAYS[0]))
                start_mails(by=builder.leader, at=now - dt.timedelta(days=PLAYED_DAYS[1]))
            tell(f"{plan.name}: planning and three weeks of work")
            builder.play()
            if is_first:
                hold_one_run(at=now)
                builder.meet()
            members.extend((organization, member) for member in builder.members.values())
    # One hash for all: each takes its time, as it should.
    User.objects.filter(pk__in=[member.user_id for _, member in members]).update(
        password=make_password(password)
    )
    return members


class _Builder:
    """Builds one organization, which is in force."""

    def __init__(
        self,
        stock: material.Material,
        plan: material.Organization,
        now: dt.datetime,
    ) -> None:
        self._stock = stock
        self._plan = plan
        self._now = now
        self.codes = list(plan.accounts)
        self.members: dict[str, Membership] = {}
        self._regions: dict[str, Region] = {}
        self._markets: dict[str, Market] = {}

    def place(self) -> None:
        """Make regions, markets, members and cadences."""
        for planned in self._plan.regions:
            region = regions_services.save_region(
                Region(code=planned.code.lower(), name=planned.name)
            )
            self._regions[planned.code] = region
            for market in planned.markets:
                self._markets[market.code] = regions_services.adopt_market(
                    code=market.code, region=region
                )
            planning = RegionPlanning.objects.get(region=region)
            planning.time_zone = planned.time_zone
            engagement_services.save_region_planning(planning, now=self._now)
        regions_services.set_home_market(self._markets[self._plan.home_market])
        for member in self._plan.members:
            self._add_member(member)
        for cadence in self._stock.cadences:
            self._add_cadence(cadence)

    def fill(self) -> None:
        """Make accounts and contacts."""
        accounts: list[Account] = []
        contacts: list[Contact] = []
        for code in self.codes:
            owners = cycle(self._csms_of(code))
            for company in self._stock.companies(self._plan, code):
                seed = f"{self._plan.slug}/{company.domain}"
                account = self._account(seed, code, company, next(owners))
                accounts.append(account)
                contacts.extend(self._contacts(seed, code, company, account))
        for rank, (account, tier) in enumerate(
            zip(accounts, self._apportioned("tier", len(accounts)), strict=True)
        ):
            account.tier = tier.name
            account.arr = material.yearly_revenue(
                f"{self._plan.slug}/{rank}",
                tier=tier,
                market=self._stock.markets[account.market.code],
            )
        stages = apportion(
            f"{self._plan.slug}/stage",
            len(accounts),
            [(stage.name, stage.share) for stage in self._stock.stages],
        )
        for account, stage in zip(accounts, stages, strict=True):
            account.stage = stage
            self._date(account)
        accounts_services.create_accounts(accounts, contacts)

    def write(self) -> None:
        """Adopt what ships of layers 1 and 2, confirm profiles, and publish some playbooks."""
        leader = self.leader
        governance_services.adopt_starting_set(by=leader, at=self._now)
        for statement in CulturalStatement.objects.filter(market__region=self._first_region):
            regions_services.confirm_statement(statement, by=leader, at=self._now)
        for key in PUBLISHED:
            version = playbooks_services.adopt_library_playbook(key, by=leader, at=self._now)
            playbooks_services.publish_version(version, by=leader, at=self._now)
            for localization in version.playbook.localizations.order_by("pk"):
                playbooks_services.publish_localization(localization, by=leader, at=self._now)
        playbooks_services.adopt_library_playbook(DRAFTED, by=leader, at=self._now)
        publish_mails(by=leader, at=self._now)
        prepare_channel(self._first_region)
        for trigger in TRIGGERS:
            playbook = Playbook.objects.get(key=trigger["playbook"])
            engagement_services.save_trigger(Trigger(**trigger | {"playbook": playbook}))
        for name, filters in VIEWS:
            view = SavedView(name=name, visibility=Visibility.SHARED, filters=filters)
            engagement_services.save_view(view, by=leader)

    @property
    def leader(self) -> Membership:
        """The CS leader, who starts what is started for many."""
        return next(each for each in self.members.values() if each.role == Role.LEADER)

    @property
    def _first_region(self) -> Region:
        return self._regions[self._plan.regions[0].code]

    def play(self) -> None:
        """Let the planner and the members work through the past three weeks, then plan today."""
        for days in PLAYED_DAYS:
            self._plan_all(self._now - dt.timedelta(days=days))
            self._work(until=self._now - dt.timedelta(days=days - 7))
        self._plan_all(self._now)
        promise_things(now=self._now)
        propose_escalation()

    def meet(self) -> None:
        """Log a talk, and let the customer propose to have the next ones otherwise."""
        met = Account.objects.filter(owner__isnull=False, contacts__isnull=False)
        account = met.select_related("market").order_by("search_name")[0]
        contact, owner = account.contacts.all()[0], account.owner
        assert owner is not None
        yesterday = self._now.date() - dt.timedelta(days=1)
        meeting = Meeting(account=account, held_on=yesterday, channel="video", contact=contact)
        engagement_services.log_meeting(meeting, by=owner, at=self._now)
        ticket = sharing.share_agreement(contact=contact, by=owner, at=self._now)
        sharing.propose_correction(
            sharing.find_link(ticket, at=self._now),
            values={"every": 2, "unit": "weeks"},
            remark="",
            seen_version=0,
            at=self._now,
        )

    def _plan_all(self, at: dt.datetime) -> None:
        """Do what the worker does each morning: plan, then start what triggers start."""
        for region in self._regions.values():
            engagement_services.plan_region_now(region=region, now=at, trigger=PassTrigger.COMMAND)
        for market in self._markets.values():
            engagement_services.fire_market(market=market, now=at)
        RegionPlanning.objects.update(started_at=at, finished_at=at)

    def _work(self, *, until: dt.datetime) -> None:
        """Send and close most of what fell due; a few stay overdue."""
        due = Task.objects.to_do().filter(due_at__lt=until)
        send_mails(due.digital())
        by_hand = due.filter(owner__isnull=False).exclude(pk__in=due.digital())
        by_hand = by_hand.select_related("account", "owner", "cadence", "step")
        for task in by_hand.order_by("due_at", "account__name"):
            if draw(f"{task.account.name}/{task.nominal_date}/done", 100) >= DONE_PERCENT:
                continue
            assert task.owner is not None
            engagement_services.complete_task(
                task=task,
                by=task.owner,
                at=task.due_at - AN_HOUR,
                outcome=pick(f"{task.account.name}/outcome", OUTCOMES)
                if task.work.is_contact
                else Outcome.INTERNAL,
            )
        # Nobody can take back what was done weeks ago.
        Task.objects.closed().update(undo=None)

    def _add_member(self, planned: material.Member) -> None:
        person = self._stock.people[planned.email]
        membership = tenants_services.add_member(
            email=person.email,
            name=person.name,
            role=Role(planned.role),
            language=person.ui_language,
        )
        tenants_services.settle_in(membership_id=membership.pk, at=self._now)
        self.members[planned.email] = membership
        talent_services.save_work_profile(
            WorkProfile(membership=membership, home_market=self._markets[planned.home_market])
        )
        today = self._now.date()
        for leave in planned.leave:
            start = today + dt.timedelta(days=leave.start_in_days)
            talent_services.save_leave(
                Leave(
                    membership=membership,
                    start=start,
                    end=start + dt.timedelta(days=leave.days - 1),
                )
            )
        for code in planned.regions:
            self._assign(Assignment(membership=membership, region=self._regions[code]))
        for code in planned.markets:
            self._assign(Assignment(membership=membership, market=self._markets[code]))

    def _assign(self, assignment: Assignment) -> None:
        regions_services.save_assignment(assignment)

    def _add_cadence(self, planned: material.Cadence) -> None:
        playbooks_services.save_cadence(
            Cadence(
                tier=planned.tier,
                stage=planned.stage,
                market=self._markets.get(planned.market) if planned.market else None,
                title=planned.title,
                benefit=planned.benefit,
                every=planned.every,
                unit=planned.unit,
                weekdays=list(planned.iso_weekdays),
                working_day=planned.working_day or "",
                mode=planned.mode,
                channel=planned.channel,
                duration_minutes=planned.duration_minutes,
                tolerance_days=planned.tolerance_days,
                reason=planned.reason,
                source=planned.source,
            )
        )

    def _csms_of(self, code: str) -> list[Membership]:
        region = next(
            region.code
            for region in self._plan.regions
            if code in {market.code for market in region.markets}
        )
        return [
            self.members[member.email]
            for member in self._plan.members
            if member.role == Role.CSM.value
            and (code in member.markets or region in member.regions)
        ]

    def _account(
        self, seed: str, code: str, company: material.Company, owner: Membership
    ) -> Account:
        stock = self._stock.markets[code]
        unowned = draw(f"{seed}/unowned", 100) < UNOWNED_PERCENT
        return Account(
            market=self._markets[code],
            name=company.name,
            external_id=f"{code}-{company.domain}",
            tier="tier_3",
            owner=None if unowned else owner,
            city=pick(f"{seed}/city", stock.cities),
            start_date=self._now.date()
            - dt.timedelta(days=30 + draw(f"{seed}/start", LONGEST_RELATION_DAYS)),
            currency=stock.currency,
        )

    def _date(self, account: Account) -> None:
        """Let contracts last a year each; who is onboarded is new, who renews is about to."""
        today = self._now.date()
        if account.stage == Stage.ONBOARDING:
            days = 20 + draw(f"{account.external_id}/new", LONGEST_ONBOARDING_DAYS)
            account.start_date = today - dt.timedelta(days=days)
        if account.stage == Stage.RENEWAL:
            days = draw(f"{account.external_id}/renewal", RENEWING_DAYS)
            account.start_date = add_months(
                today + dt.timedelta(days=RENEWAL_BEGINS_DAYS - days), -24
            )
        years = (today - account.start_date).days // 365 + 1
        account.renewal_date = add_months(account.start_date, 12 * years)
        account.notice_deadline = account.renewal_date - dt.timedelta(days=NOTICE_DAYS)

    def _contacts(
        self, seed: str, code: str, company: material.Company, account: Account
    ) -> Iterator[Contact]:
        people = material.contacts(
            seed,
            market=self._stock.markets[code],
            company=company,
            roles=self._stock.contact_roles,
            count=1 + draw(f"{seed}/contacts", 3),
        )
        for number, person in enumerate(people):
            yield Contact(
                account=account,
                name=person.name,
                email=person.email,
                language=person.language,
                role=person.role,
                is_primary=number == 0,
            )

    def _apportioned(self, what: str, total: int) -> tuple[material.Tier, ...]:
        return apportion(
            f"{self._plan.slug}/{what}", total, [(tier, tier.share) for tier in self._stock.tiers]
        )
