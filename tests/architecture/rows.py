"""One row of every tenant-owned model, so that walls are tested for all of them.

Every text that can be chosen carries ``CANARY``: where it shows, somebody looked over a wall.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import models
from django.utils import timezone

from accounts import consents, imports, promises, sharing
from accounts import services as accounts_services
from accounts.models import (
    Account,
    AccountAttribute,
    AccountChange,
    AccountImport,
    AgreementLink,
    AgreementProposal,
    Contact,
    ContactConsent,
    ImportProblem,
    Promise,
    PromiseChange,
    RemovedAgreement,
    WorkingAgreement,
)
from engagement import services as engagement_services
from engagement.choices import BulkAction
from engagement.models import (
    CalendarEntry,
    CalendarFeed,
    ChatChannel,
    DigestDay,
    Enrolment,
    IncomingMail,
    LetterPreference,
    MarketPass,
    Meeting,
    Notice,
    OutcomeRule,
    RegionPlanning,
    Run,
    RunMove,
    SavedView,
    SentMessage,
    SummaryDay,
    Task,
    TaskBatch,
    TaskPromise,
    Trigger,
    TriggerFiring,
)
from governance import services as governance_services
from governance.models import (
    GovernanceSettings,
    Guardrail,
    KpiDefinition,
    KpiTarget,
    Philosophy,
    Principle,
    VoiceTrait,
    VoiceVariation,
)
from outbox import webhooks
from outbox.models import Letter, WebhookDelivery, WebhookEndpoint
from playbooks import services as playbooks_services
from playbooks.models import (
    AssumptionDecision,
    Cadence,
    CadenceRevision,
    ContactBudget,
    Edition,
    EditionStep,
    LocalChange,
    Localization,
    LocalizationRevision,
    Playbook,
    PlaybookVersion,
    Step,
)
from regions import services as regions_services
from regions.models import (
    Assignment,
    BusinessHours,
    Closure,
    CulturalStatement,
    ExtraWorkingDay,
    Market,
    Phrase,
    QuietPeriod,
    Region,
    Season,
    WorkingWeek,
)
from talent import services as talent_services
from talent.models import Leave, Role, WorkProfile
from tenants import services as tenants_services
from tenants.choices import Scope
from tenants.models import (
    ApiKey,
    AuditEntry,
    Invitation,
    KeptAnswer,
    Membership,
    Organization,
)
from tests import factories
from tests.conftest import Cast
from toolkit.storage import store
from toolkit.uuid7 import uuid7

CANARY = "Kanarienvogel"
FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 3, 6)


def make_row(model: type[models.Model], cast: Cast) -> Any:
    """Make a row of ``model`` for the organization of ``cast``, or take the one it has."""
    with cast.acting():
        return _MAKERS[model](cast)


@contextmanager
def saying(word: str) -> Iterator[None]:
    """Let the rows made meanwhile carry another word than ``CANARY``."""
    with mock.patch(f"{__name__}.CANARY", word):
        yield


def known_models() -> set[type[models.Model]]:
    """Return the models of which rows can be made."""
    return set(_MAKERS)


def _market() -> Market:
    found = Market.objects.filter(name=CANARY).first()
    return found or factories.handmade_market(
        name=CANARY, region=factories.region(name=f"{CANARY} region")
    )


def _account() -> Account:
    return factories.account(name=CANARY, market=_market(), city=CANARY, tier="tier_2")


def _cadence() -> Cadence:
    found = Cadence.objects.filter(title=CANARY).first()
    return found or factories.cadence(title=CANARY, tier="tier_2", benefit=CANARY)


def _role() -> Role:
    return talent_services.save_role(
        Role(code=f"role-{uuid7().hex}", name=CANARY, level="hq", description=CANARY)
    )


def _playbook(cast: Cast) -> Playbook:
    """Make a playbook that is published, and worked on again."""
    found = Playbook.objects.filter(key=CANARY).first()
    if found:
        return found
    _market()
    words = dict.fromkeys(("title", "instructions", "outcome", "message"), CANARY)
    # Owned, as the guardrails that ship want every step to be.
    owner = {"owner_role": _role().code}
    step = factories.step(CANARY, required=True, checklist=[CANARY], **words, **owner)
    version = factories.published(
        step,
        factories.step("second", **words, **owner),
        by=cast.leader,
        key=CANARY,
        name=CANARY,
        goal=CANARY,
        change_note=CANARY,
    )
    playbooks_services.start_draft(version.playbook, by=cast.leader)
    return version.playbook


def _draft(cast: Cast) -> PlaybookVersion:
    return _playbook(cast).versions.latest("number")


def _localization(cast: Cast) -> Localization:
    """Make a localization that is published."""
    playbook, market = _playbook(cast), _market()
    found = Localization.objects.filter(playbook=playbook, market=market).first()
    if found:
        return found
    words = {"reason": CANARY, "evidence": CANARY}
    localization = factories.localization(
        playbook.versions.earliest("number"),
        market,
        factories.change(CANARY, "title", CANARY, **words),
        factories.change("second", **words),
        note=CANARY,
    )
    playbooks_services.publish_localization(localization, by=cast.leader, at=timezone.now())
    return localization


def _edition(cast: Cast) -> Edition:
    return _localization(cast).revisions.latest("number").editions_of_market.latest("number")


def _decision(cast: Cast) -> AssumptionDecision:
    found = AssumptionDecision.objects.filter(because=CANARY).first()
    decision = AssumptionDecision(
        playbook=_playbook(cast), market=_market(), step=CANARY, assumption="remote", because=CANARY
    )
    return found or playbooks_services.decide_assumption(
        decision, by=cast.leader, at=timezone.now()
    )


def _budget() -> ContactBudget:
    found = ContactBudget.objects.filter(reason=CANARY).first()
    return found or playbooks_services.save_budget(
        ContactBudget(tier="tier_2", most_touches=30, reason=CANARY)
    )


def _enrolment() -> Enrolment:
    cadence, account = _cadence(), _account()
    found = Enrolment.objects.filter(account=account).first()
    return found or store(
        Enrolment(account=account, market=account.market, cadence=cadence, origin=FIRST)
    )


def _pass() -> MarketPass:
    return MarketPass.objects.create(market=_market(), trigger="admin", today=FIRST, failure=CANARY)


def _task() -> Task:
    enrolment = _enrolment()
    return store(
        Task(
            account=enrolment.account,
            enrolment=enrolment,
            cadence=enrolment.cadence,
            planned_by=_pass(),
            nominal_date=FIRST,
            due_date=FIRST,
            due_at=dt.datetime(2026, 3, 2, 15, tzinfo=dt.UTC),
            note=CANARY,
        )
    )


def _batch(cast: Cast) -> TaskBatch:
    """Make a batch in which one task was refused, in words."""
    batch = engagement_services.act_on_tasks(
        ids=[_task().pk],
        deed=engagement_services.Deed(BulkAction.COMPLETE, note=CANARY),
        by=cast.csm,
        at=timezone.now(),
    )
    TaskBatch.objects.filter(pk=batch.pk).update(refused={str(uuid7()): CANARY})
    return TaskBatch.objects.get(pk=batch.pk)


def _saved_view(cast: Cast) -> SavedView:
    found = SavedView.objects.filter(name=CANARY).first()
    view = SavedView(name=CANARY, visibility="shared", filters={"q": CANARY})
    return found or engagement_services.save_view(view, by=cast.leader)


def _run(cast: Cast) -> Run:
    """Make a run that is held."""
    playbook, account = _edition(cast).playbook_version.playbook, _account()
    now = timezone.now()
    run = engagement_services.start_run(playbook=playbook, account=account, by=cast.csm, at=now)
    return engagement_services.pause_run(run, at=now, reason=CANARY)


def _consent(cast: Cast) -> ContactConsent:
    contact = factories.contact(
        name=CANARY, email=f"{CANARY}-{uuid7().hex}@example.com", account=_account()
    )
    return consents.note_consent(
        contact=contact, state="given", how=CANARY, by=cast.csm, at=timezone.now()
    )


def _sent_message(cast: Cast) -> SentMessage:
    return SentMessage.objects.create(
        task=_run(cast).tasks.latest("pk"),
        letter=_letter(cast),
        to=f"{CANARY}@example.com",
        contact_name=CANARY,
        language="en",
    )


def _promise(cast: Cast) -> Promise:
    """Make a promise that was renegotiated."""
    now = timezone.now()
    days = [now.date() + dt.timedelta(days=days) for days in (7, 14)]
    account = _account()
    contact = factories.contact(name=CANARY, account=account)
    promise = promises.make_promise(
        account=account, contact=contact, what=CANARY, due_date=days[0], by=cast.csm, at=now
    )
    return promises.renegotiate_promise(
        promise, due_date=days[1], reason=CANARY, by=cast.csm, at=now
    )


def _task_promise(cast: Cast) -> TaskPromise:
    task = engagement_services.make_task(
        account=_account(), title=CANARY, benefit=CANARY, by=cast.csm, at=timezone.now()
    )
    day = timezone.now().date() + dt.timedelta(days=7)
    promise = engagement_services.promise_from_task(
        task=task, what=CANARY, due_date=day, by=cast.csm, at=timezone.now()
    )
    return TaskPromise.objects.get(promise=promise)


def _rule(cast: Cast) -> OutcomeRule:
    found = OutcomeRule.objects.first()
    return found or engagement_services.save_outcome_rule(
        OutcomeRule(outcome="reply", sentiment="negative", playbook=_playbook(cast))
    )


def _run_move(cast: Cast) -> RunMove:
    """Make a note that a date moved."""
    run = _run(cast)
    return RunMove.objects.create(
        run=run,
        kind="anchor",
        from_edition=run.edition,
        to_edition=run.edition,
        from_market=run.market,
        to_market=run.market,
        changes={"moved": [[CANARY, "2026-01-05", "2026-01-06"]]},
        moved_at=timezone.now(),
    )


def _trigger(cast: Cast) -> Trigger:
    """Make a trigger that takes occasions from outside."""
    found = Trigger.objects.filter(name=CANARY).first()
    return found or factories.trigger(_playbook(cast), "api", name=CANARY)


def _firing(cast: Cast) -> TriggerFiring:
    """Make a firing that found its playbook under way."""
    trigger, run = _trigger(cast), _run(cast)
    engagement_services.fire_trigger(
        trigger, by=cast.leader, at=timezone.now(), account=run.account, occasion=CANARY
    )
    return trigger.firings.latest("pk")


def _meeting(cast: Cast) -> Meeting:
    """Make a meeting that counts as no check-in."""
    account = _account()
    words = {"participants": CANARY, "note": CANARY, "external_id": f"{CANARY}-{uuid7().hex}"}
    contact = factories.contact(name=CANARY, account=account)
    meeting = Meeting(account=account, held_on=FIRST, channel="call", contact=contact, **words)
    return engagement_services.log_meeting(meeting, by=cast.csm, at=timezone.now()).meeting


def _link(cast: Cast) -> AgreementLink:
    contact = factories.contact(name=CANARY, account=_account())
    ticket = sharing.share_agreement(contact=contact, by=cast.csm, at=timezone.now())
    return AgreementLink.objects.get(pk=ticket.link_id)


def _removed_agreement() -> RemovedAgreement:
    account = _account()
    accounts_services.remove_agreement(factories.agreement(account=account))
    return account.removed_agreements.get()


def _proposal(cast: Cast) -> AgreementProposal:
    return sharing.propose_correction(
        _link(cast), values={"decides": CANARY}, remark=CANARY, seen_version=0, at=timezone.now()
    )


def _planning() -> RegionPlanning:
    return RegionPlanning.objects.get(region=_market().region)


def _invitation(cast: Cast) -> Invitation:
    person = tenants_services.Person(f"{uuid7().hex}@{cast.organization.slug}.example", name=CANARY)
    member, _ticket = tenants_services.invite_person(
        person, by=cast.admin, at=timezone.now(), language="en"
    )
    return Invitation.objects.get(membership=member)


def _letter(cast: Cast) -> Letter:
    _invitation(cast)
    return Letter.objects.latest("pk")


def _feed(cast: Cast) -> CalendarFeed:
    known = engagement_services.feed_of(cast.csm)
    return known or engagement_services.make_feed(cast.csm, at=timezone.now())[0]


def _calendar_entry(cast: Cast) -> CalendarEntry:
    return CalendarEntry.objects.create(
        feed=_feed(cast),
        uid=CANARY,
        task=uuid7(),
        day=FIRST,
        said={"summary": CANARY, "description": "", "url": "", "categories": []},
        changed_at=timezone.now(),
    )


def _channel() -> ChatChannel:
    known = ChatChannel.objects.filter(name=CANARY).first()
    if known is not None:
        return known
    channel = ChatChannel(name=CANARY, kind="slack", region=_market().region)
    channel.url = f"https://{CANARY}.example/services/{CANARY}"
    return engagement_services.save_channel(channel)


def _summary_day() -> SummaryDay:
    channel = _channel()
    assert channel.region is not None
    return SummaryDay.objects.create(
        channel=channel, region=channel.region, day=FIRST, told_at=timezone.now()
    )


def _endpoint() -> WebhookEndpoint:
    endpoint, _secret = webhooks.create_endpoint(
        WebhookEndpoint(url=f"https://{CANARY}.example/", description=CANARY)
    )
    return endpoint


def _delivery() -> WebhookDelivery:
    delivery = webhooks.send_test(_endpoint())
    WebhookDelivery.objects.filter(pk=delivery.pk).update(failure=CANARY)
    return WebhookDelivery.objects.get(pk=delivery.pk)


def _api_key(cast: Cast) -> ApiKey:
    key, _text = tenants_services.create_api_key(
        membership=cast.csm, name=CANARY, scope=Scope.WRITE
    )
    return key


def _import(cast: Cast) -> AccountImport:
    content = f"Name,Country\n{CANARY},\n".encode()
    return imports.upload(content=content, name=CANARY, by=cast.leader)


def _problem(cast: Cast) -> ImportProblem:
    return store(
        ImportProblem(
            account_import=_import(cast),
            number=1,
            row=2,
            column=CANARY,
            value=CANARY,
            reason=CANARY,
        )
    )


def _trait() -> VoiceTrait:
    found = VoiceTrait.objects.filter(name=CANARY).first()
    return found or governance_services.save_voice_trait(
        VoiceTrait(key="own-trait", name=CANARY, description=CANARY, is_local=True)
    )


def _variation() -> VoiceVariation:
    found = VoiceVariation.objects.filter(reason=CANARY).first()
    return found or governance_services.save_voice_variation(
        VoiceVariation(trait=_trait(), market=_market(), wording=CANARY, reason=CANARY)
    )


def _kpi() -> KpiDefinition:
    found = KpiDefinition.objects.filter(name=CANARY).first()
    return found or governance_services.save_kpi(
        KpiDefinition(key="own-kpi", name=CANARY, unit="percent", formula=CANARY, source=CANARY)
    )


def _kpi_target() -> KpiTarget:
    found = KpiTarget.objects.filter(reason=CANARY).first()
    return found or governance_services.save_kpi_target(
        KpiTarget(kpi=_kpi(), market=_market(), value=95, reason=CANARY)
    )


def _principle() -> Principle:
    found = Principle.objects.filter(title=CANARY).first()
    return found or governance_services.save_principle(
        Principle(title=CANARY, text=CANARY, source=CANARY)
    )


def _guardrail() -> Guardrail:
    found = Guardrail.objects.filter(name=CANARY).first()
    return found or governance_services.save_guardrail(
        Guardrail(name=CANARY, kind="step_required", parameters={"step": CANARY}, protects=CANARY)
    )


def _settings() -> GovernanceSettings:
    return governance_services.save_settings(governance_services.settings_in_force())


def _part(model: type[Any], **values: Any) -> Any:
    return regions_services.save_part(model(market=_market(), **values))


def _span() -> dict[str, Any]:
    return {"name": CANARY, "start": FIRST, "end": LAST}


def _source() -> dict[str, Any]:
    return {"source_title": CANARY, "practitioner": CANARY}


_MAKERS: dict[type[models.Model], Callable[[Cast], Any]] = {
    Organization: lambda cast: cast.organization,
    Membership: lambda cast: cast.csm,
    ApiKey: _api_key,
    KeptAnswer: lambda cast: KeptAnswer.objects.create(
        membership=cast.csm, key=CANARY, fingerprint=CANARY, body=CANARY.encode()
    ),
    Invitation: _invitation,
    Letter: _letter,
    WebhookEndpoint: lambda cast: _endpoint(),
    WebhookDelivery: lambda cast: _delivery(),
    AuditEntry: lambda cast: AuditEntry.objects.filter(table="tenants_membership").first(),
    Region: lambda cast: _market().region,
    Market: lambda cast: _market(),
    Assignment: lambda cast: regions_services.save_assignment(
        Assignment(membership=cast.manager, market=_market())
    ),
    WorkingWeek: lambda cast: _part(WorkingWeek, holds_from=FIRST, weekdays=[1, 2], note=CANARY),
    Season: lambda cast: _part(Season, **_span()),
    BusinessHours: lambda cast: _part(BusinessHours, weekday=6, opens=600, closes=720),
    Closure: lambda cast: _part(Closure, **_span()),
    ExtraWorkingDay: lambda cast: _part(ExtraWorkingDay, date=FIRST, name=CANARY),
    QuietPeriod: lambda cast: _part(QuietPeriod, **_span()),
    CulturalStatement: lambda cast: _part(
        CulturalStatement, dimension="trust", text=CANARY, **_source()
    ),
    Phrase: lambda cast: _part(Phrase, language="ar", phrase=CANARY, meaning=CANARY, **_source()),
    Philosophy: lambda cast: governance_services.publish_philosophy(
        text=CANARY, by=cast.leader, at=timezone.now()
    ),
    Principle: lambda cast: _principle(),
    VoiceTrait: lambda cast: _trait(),
    VoiceVariation: lambda cast: _variation(),
    KpiDefinition: lambda cast: _kpi(),
    KpiTarget: lambda cast: _kpi_target(),
    Guardrail: lambda cast: _guardrail(),
    GovernanceSettings: lambda cast: _settings(),
    Account: lambda cast: _account(),
    AccountAttribute: lambda cast: accounts_services.save_attribute(
        AccountAttribute(
            key=f"key-{uuid7().hex}", name=CANARY, kind="choice", choices=[CANARY, "Other"]
        )
    ),
    AccountChange: lambda cast: _account().changes.latest("at"),
    RemovedAgreement: lambda cast: _removed_agreement(),
    AccountImport: _import,
    ImportProblem: _problem,
    Contact: lambda cast: factories.contact(name=CANARY, account=_account()),
    WorkingAgreement: lambda cast: factories.agreement(account=_account(), decides=CANARY),
    ContactConsent: _consent,
    SentMessage: _sent_message,
    Promise: _promise,
    PromiseChange: lambda cast: _promise(cast).changes.get(),
    Role: lambda cast: _role(),
    WorkProfile: lambda cast: factories.home_market(cast.csm, _market()),
    Leave: lambda cast: talent_services.save_leave(
        Leave(membership=cast.csm, start=FIRST, end=LAST)
    ),
    Cadence: lambda cast: _cadence(),
    CadenceRevision: lambda cast: _cadence().revisions.latest("number"),
    ContactBudget: lambda cast: _budget(),
    Playbook: _playbook,
    PlaybookVersion: _draft,
    Step: lambda cast: _draft(cast).steps.get(key=CANARY),
    Localization: _localization,
    LocalChange: lambda cast: _localization(cast).changes.get(step=CANARY),
    LocalizationRevision: lambda cast: _localization(cast).revisions.latest("number"),
    Edition: _edition,
    EditionStep: lambda cast: _edition(cast).steps.get(key=CANARY),
    AssumptionDecision: _decision,
    Enrolment: lambda cast: _enrolment(),
    MarketPass: lambda cast: _pass(),
    RegionPlanning: lambda cast: _planning(),
    Task: lambda cast: _task(),
    TaskBatch: _batch,
    SavedView: _saved_view,
    LetterPreference: lambda cast: engagement_services.save_preference(
        LetterPreference(membership=cast.csm)
    ),
    CalendarFeed: _feed,
    CalendarEntry: _calendar_entry,
    ChatChannel: lambda cast: _channel(),
    SummaryDay: lambda cast: _summary_day(),
    DigestDay: lambda cast: DigestDay.objects.create(
        membership=cast.csm, day=FIRST, told_at=timezone.now()
    ),
    Notice: lambda cast: Notice.objects.create(
        membership=cast.csm, kind="mention", task=uuid7(), by=cast.leader, noted_at=timezone.now()
    ),
    Run: _run,
    TaskPromise: _task_promise,
    OutcomeRule: _rule,
    RunMove: _run_move,
    Trigger: _trigger,
    TriggerFiring: _firing,
    AgreementLink: _link,
    AgreementProposal: _proposal,
    Meeting: _meeting,
    IncomingMail: lambda cast: IncomingMail.objects.create(
        account=_account(), message_id=uuid7().hex, subject=CANARY, sender=CANARY, result="refused"
    ),
}
