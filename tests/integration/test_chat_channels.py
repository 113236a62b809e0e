"""Chats hear of the work: of each region's morning, and of who handed what to whom."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connections
from pytest_django import Settings

from accounts.models import Account
from engagement import services
from engagement.models import ChatChannel, MarketPass, RegionPlanning, SummaryDay
from outbox import tasks, webhooks
from outbox.choices import DeliveryStatus
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.webhooks import EndpointInactive, Sent
from regions.models import Market
from tenants.models import AuditEntry
from tests import factories
from tests.admin_pages import address, browser
from tests.conftest import Cast, count_queries, make_cast, signed_in
from tests.integration.pages import a_task
from tests.receiver import Receiver, receiver
from toolkit.errors import InvalidInput

pytestmark = pytest.mark.django_db

MORNING = dt.datetime(2026, 5, 13, 6, 0, tzinfo=dt.UTC)  # a Wednesday, 08:00 in Paris
A_DAY = dt.timedelta(days=1)
SECRET = "https://hooks.slack.example/services/T0/B0/very-secret"
LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
ENGLISH = (
    *("Due today", "Overdue", "Planned", "Moved", "Late", "failed"),
    *("handed", "due on", "was started", "test of the channel", "Go to Today"),
)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be handed to workers."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.send_to_endpoint, "apply_async", lambda **sent: calls.append(sent))
    return calls


@pytest.fixture
def account(cast: Cast) -> Account:
    """An account in France, whose region is planned on the clock of Paris."""
    with cast.acting():
        made: Account = factories.account(name="Nordlicht", owner=cast.csm)
    return made


def channel_of(cast: Cast, url: str = SECRET, **values: Any) -> ChatChannel:
    with cast.acting():
        channel = ChatChannel(**{"name": "#cs", "kind": "slack"} | values)
        channel.url = url
        return services.save_channel(channel)


def write(cast: Cast, now: dt.datetime = MORNING) -> list[WebhookDelivery]:
    """Write what is due, and return what is posted."""
    with cast.acting():
        known = set(WebhookDelivery.objects.values_list("pk", flat=True))
    services.write_member_letters(organization_id=cast.organization.pk, now=now)
    with cast.acting():
        return list(WebhookDelivery.objects.exclude(pk__in=known).order_by("pk"))


def texts(posted: list[WebhookDelivery]) -> list[str]:
    return [each.payload["text"] for each in posted]


def due(cast: Cast, account: Account, *days: str, **values: Any) -> None:
    with cast.acting():
        for day in days:
            a_task(account, day, **values)


class TestAMorning:
    def test_is_told_in_figures(self, cast: Cast, account: Account) -> None:
        channel_of(cast)
        due(cast, account, "2026-05-13", "2026-05-11", "2026-05-12", "2026-05-20")
        with cast.acting():
            figures = {"planned": 7, "moved": 2, "late": 1, "today": MORNING.date()}
            for at in (MORNING - dt.timedelta(hours=3), MORNING - A_DAY):
                MarketPass.objects.create(
                    market=account.market, trigger="schedule", at=at, **figures
                )
            region = account.market.region.name
        (posted,) = write(cast)
        assert posted.event_type == "chat.summary"
        assert posted.payload["text"].splitlines() == [
            f"*{region}, Wed, May 13*",
            "• Due today: 1",
            "• Overdue: 2",
            "• Planned since midnight: 7",
            "• Moved to another day in that: 2",
            "• Late already when planned: 1",
            "<http://127.0.0.1:8000/|Go to Today>",
        ]

    def test_is_told_once_a_day(self, cast: Cast, account: Account) -> None:
        channel_of(cast)
        due(cast, account, "2026-05-11")
        assert write(cast, MORNING - dt.timedelta(minutes=1)) == []
        assert len(write(cast)) == 1
        assert write(cast, MORNING + dt.timedelta(hours=8)) == []
        assert len(write(cast, MORNING + A_DAY)) == 1

    def test_of_days_on_which_nobody_looked_is_not_told(self, cast: Cast, account: Account) -> None:
        channel_of(cast)
        due(cast, account, "2026-05-11")
        write(cast)
        (posted,) = write(cast, MORNING + 9 * A_DAY)
        assert "May 22" in posted.payload["text"]

    def test_comes_when_the_clocks_have_changed(self, cast: Cast, account: Account) -> None:
        """In Paris 08:00 is 07:00 UTC until 29 March 2026, and 06:00 from then on."""
        channel_of(cast)
        due(cast, account, "2026-03-02")
        for day, hour in ((28, 7), (29, 6)):
            at = dt.datetime(2026, 3, day, hour, tzinfo=dt.UTC)
            assert write(cast, at - dt.timedelta(minutes=1)) == []
            assert len(write(cast, at)) == 1

    def test_without_anything_to_tell_is_not_told(self, cast: Cast, account: Account) -> None:
        channel_of(cast)
        assert write(cast) == []
        due(cast, account, "2026-05-13")
        assert write(cast, MORNING + dt.timedelta(hours=1)) == []

    def test_of_a_failed_planning_says_so(self, cast: Cast, account: Account) -> None:
        channel_of(cast)
        with cast.acting():
            RegionPlanning.objects.update(failure="France: no holidays are known")
        (text,) = texts(write(cast))
        assert "Planning failed in part" in text
        assert "no holidays" not in text

    def test_is_of_the_region_that_the_channel_is_for(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            apac: Market = factories.market("JP")
            tokyo: Account = factories.account(market=apac, owner=cast.csm)
            emea = account.market.region
        due(cast, account, "2026-05-11")
        due(cast, tokyo, "2026-05-11")
        channel_of(cast, name="#emea", region=emea)
        channel_of(cast, name="#all")
        channel_of(cast, name="#quiet", summaries=False)
        off = channel_of(cast, name="#off", is_active=False)
        posted = write(cast, MORNING)
        assert off.endpoint_id not in {each.endpoint_id for each in posted}
        with cast.acting():
            told = {
                (each.endpoint.description, each.payload["text"].splitlines()[0])
                for each in WebhookDelivery.objects.select_related("endpoint")
            }
        assert told == {
            ("#emea", f"*{emea.name}, Wed, May 13*"),
            ("#all", f"*{emea.name}, Wed, May 13*"),
            ("#all", f"*{apac.region.name}, Wed, May 13*"),
        }

    def test_takes_as_many_queries_for_many_as_for_few(self, cast: Cast, account: Account) -> None:
        due(cast, account, "2026-05-11")

        def queries(now: dt.datetime) -> int:
            with cast.acting(), count_queries() as counted:
                assert services.write_due_summaries(now=now)
            return len(counted)

        channel_of(cast)
        few = queries(MORNING)
        with cast.acting():
            markets = [factories.market(code) for code in ("JP", "US", "AE")]
            for market in markets:
                a_task(factories.account(market=market), "2026-05-11")
        for number in range(4):
            channel_of(cast, name=f"#{number}")
        assert queries(MORNING + A_DAY) == few

    def test_is_of_one_organization(self, cast: Cast, outsiders: Cast, account: Account) -> None:
        channel_of(outsiders)
        due(cast, account, "2026-05-11")
        assert write(cast) == write(outsiders) == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_has_no_english_left_in_another_language(
        self, cast: Cast, account: Account, language: str
    ) -> None:
        channel_of(cast, language=language, hand_overs=True, run_starts=True, kind="teams")
        due(cast, account, "2026-05-11")
        with cast.acting():
            RegionPlanning.objects.update(failure="x")
            task = a_task(account, "2026-05-15")
            services.hand_over_task(
                task=task, by=cast.leader, to=cast.manager, at=MORNING - dt.timedelta(minutes=10)
            )
            services.try_channel(ChatChannel.objects.get())
            services.channels.tell_run_starts("T", accounts=[account.pk])
        said = json.dumps([each.payload for each in write(cast)], ensure_ascii=False)
        with cast.acting():
            early = WebhookDelivery.objects.filter(event_type__in=["chat.test", "chat.run_starts"])
            assert len(early) == 2
            said += str([each.payload for each in early])
        assert [
            words
            for words in (*ENGLISH, "test of the channel", "failed", "was started")
            if words in said
        ] == []


class TestHandOvers:
    def hand(self, cast: Cast, account: Account, *days: str, minutes: int = 10) -> None:
        at = MORNING - dt.timedelta(minutes=minutes)
        with cast.acting():
            for day in days:
                services.hand_over_task(
                    task=a_task(account, day), by=cast.csm, to=cast.leader, at=at
                )

    def test_are_told_together_once(self, cast: Cast, account: Account) -> None:
        channel_of(cast, hand_overs=True, summaries=False)
        self.hand(cast, account, "2026-05-14", "2026-05-15")
        (posted,) = write(cast)
        assert posted.event_type == "chat.hand_overs"
        assert posted.payload["text"].splitlines()[:-1] == [
            "*CSM of Alder handed 2 tasks over to CS leader of Alder*",
            "• Nordlicht: Monthly call, due on Thu, May 14",
            "• Nordlicht: Monthly call, due on Fri, May 15",
        ]
        assert write(cast) == []

    def test_are_told_whatever_letters_their_owner_wants(
        self, cast: Cast, account: Account
    ) -> None:
        channel_of(cast, hand_overs=True, summaries=False)
        with cast.acting():
            preference = services.preference_of(cast.leader)
            preference.hand_overs = False
            services.save_preference(preference)
        self.hand(cast, account, "2026-05-14")
        assert len(write(cast)) == 1

    def test_wait_until_they_can_not_be_taken_back(self, cast: Cast, account: Account) -> None:
        channel_of(cast, hand_overs=True, summaries=False)
        self.hand(cast, account, "2026-05-14", minutes=9)
        assert write(cast) == []
        assert len(write(cast, MORNING + dt.timedelta(minutes=1))) == 1

    def test_name_the_first_of_many(self, cast: Cast, account: Account) -> None:
        channel_of(cast, hand_overs=True, summaries=False)
        self.hand(cast, account, *(f"2026-05-{day}" for day in range(10, 31)))
        (text,) = texts(write(cast))
        assert text.count("Nordlicht") == 20
        assert "and 1 more" in text

    def test_of_another_region_are_not_told(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            elsewhere = factories.market("JP").region
        channel_of(cast, hand_overs=True, summaries=False, region=elsewhere)
        self.hand(cast, account, "2026-05-14")
        assert write(cast) == []


class TestStartsByTriggers:
    def fire(self, cast: Cast, *places: str) -> list[WebhookDelivery]:
        with cast.acting():
            version = factories.published(factories.step(), by=cast.leader)
            trigger = factories.trigger(version.playbook, "after_start", days=1)
            for place in places:
                market = factories.market(place)
                start = MORNING.date() - A_DAY
                factories.account(name=f"Of {place}", market=market, start_date=start)
            services.fire_trigger(trigger, by=cast.leader, at=MORNING)
            return list(WebhookDelivery.objects.order_by("pk"))

    def test_are_told_with_the_accounts(self, cast: Cast) -> None:
        channel_of(cast, run_starts=True)
        (posted,) = self.fire(cast, "FR", "DE")
        assert posted.event_type == "chat.run_starts"
        title, *lines, _link = posted.payload["text"].splitlines()
        assert title.endswith(": a playbook was started for 2 accounts*")
        assert lines == ["• Of DE", "• Of FR"]

    def test_are_those_of_the_region(self, cast: Cast) -> None:
        with cast.acting():
            region = factories.market("JP").region
        channel_of(cast, run_starts=True, region=region)
        channel_of(cast, name="#deaf")
        (posted,) = self.fire(cast, "FR", "JP")
        assert posted.payload["text"].splitlines()[1:-1] == ["• Of JP"]


class TestPosting:
    @pytest.fixture
    def listening(self, settings: Settings) -> Iterator[Receiver]:
        settings.WEBHOOKS_ANYWHERE = True
        with receiver() as one:
            yield one

    def send(self, delivery: WebhookDelivery) -> Sent:
        assert delivery.organization_id is not None
        return webhooks.send(organization_id=delivery.organization_id, delivery_id=delivery.pk)

    @pytest.mark.parametrize("kind", ["slack", "teams"])
    def test_goes_to_the_secret_address_as_it_is(
        self, cast: Cast, listening: Receiver, kind: str
    ) -> None:
        listening.status = 200
        channel = channel_of(cast, f"{listening.url}/T0/B0/very-secret?sig=x", kind=kind)
        with cast.acting():
            delivery = services.try_channel(channel)
        assert self.send(delivery) is Sent.DELIVERED
        ((path, headers, body),) = listening.requests
        assert path == "/hook/T0/B0/very-secret?sig=x"
        assert json.loads(body) == delivery.payload
        assert headers["content-type"] == "application/json"
        assert not any(name.startswith("webhook-") for name in headers)
        assert "This is a test of the channel #cs" in body.decode()

    def test_that_fails_is_tried_again(self, cast: Cast, listening: Receiver) -> None:
        listening.status = 500
        channel = channel_of(cast, listening.url)
        with cast.acting():
            delivery = services.try_channel(channel)
        assert self.send(delivery) is Sent.REFUSED
        with cast.acting():
            WebhookDelivery.objects.update(due_at=MORNING - 300 * A_DAY)
        listening.status = 200
        assert self.send(delivery) is Sent.DELIVERED
        assert len({body for _path, _headers, body in listening.requests}) == 1

    def test_to_a_channel_that_is_gone_ends(self, cast: Cast, listening: Receiver) -> None:
        listening.status = 410
        channel = channel_of(cast, listening.url)
        with cast.acting():
            delivery = services.try_channel(channel)
        self.send(delivery)
        with cast.acting():
            assert WebhookDelivery.objects.get().status == DeliveryStatus.PARKED
            gone = ChatChannel.objects.select_related("endpoint").get()
            assert gone.endpoint.disabled_because == "It answered 410: it is gone."
            with pytest.raises(EndpointInactive):
                services.try_channel(gone)
            services.save_channel(gone)
            assert services.try_channel(gone).status == DeliveryStatus.QUEUED

    def test_is_no_webhook(self, cast: Cast, account: Account) -> None:
        """What programs are told is not told to chats, nor are chats among their endpoints."""
        channel_of(cast)
        with cast.acting():
            factories.account()
            assert not WebhookDelivery.objects.exists()
        client = signed_in(cast.admin)
        assert client.get("/api/v1/webhook-endpoints/").json()["results"] == []


class TestTheSecret:
    def test_is_nowhere_to_be_read(self, cast: Cast) -> None:
        client = signed_in(cast.admin)
        made = client.post(
            "/api/v1/chat-channels/", {"name": "#cs", "kind": "slack", "url": SECRET}
        )
        assert made.status_code == 201, made.content
        row = made.json()
        assert row["address"] == "https://hooks.slack.example/…cret"
        read = client.get(f"/api/v1/chat-channels/{row['id']}/")
        listed = client.get("/api/v1/chat-channels/")
        test = client.post(f"/api/v1/chat-channels/{row['id']}/test/")
        said = b"".join(each.content for each in (made, read, listed, test)).decode()
        pages = browser(cast.admin)
        shown = address(ChatChannel, "change", row["id"])
        said += pages.get(shown).content.decode()
        said += pages.get(address(ChatChannel, "changelist")).content.decode()
        with cast.acting():
            entries = AuditEntry.objects.values_list("before", "after")
            said += str(list(entries)) + str(list(ChatChannel.objects.values()))
        assert "very-secret" not in said

    def test_is_replaced_and_otherwise_kept(self, cast: Cast) -> None:
        channel = channel_of(cast)
        client = signed_in(cast.admin)
        where = f"/api/v1/chat-channels/{channel.pk}/"
        renamed = client.patch(where, {"name": "#customers"}).json()
        assert renamed["address"].endswith("…cret")
        moved = client.patch(where, {"url": "https://hooks.slack.example/services/1/2/other"})
        assert moved.json()["address"].endswith("…ther")
        assert client.patch(where, {"kind": "teams"}).status_code == 400
        with cast.acting():
            endpoint = WebhookEndpoint.objects.get()
        assert endpoint.target == "https://hooks.slack.example/services/1/2/other"
        assert endpoint.description == "#customers"

    def test_leads_to_the_public_internet(self, cast: Cast) -> None:
        client = signed_in(cast.admin)
        for url in ("http://hooks.example/x", "https://127.0.0.1/x", "https://localhost/x", ""):
            body = {"name": "#cs", "kind": "slack", "url": url}
            answer = client.post("/api/v1/chat-channels/", body)
            assert answer.status_code == 400, url
            assert answer.json()["errors"][0]["path"] == "url"
        with cast.acting(), pytest.raises(InvalidInput):
            services.save_channel(ChatChannel(name="#cs", kind="slack"))

    def test_goes_with_the_channel(self, cast: Cast) -> None:
        channel = channel_of(cast)
        with cast.acting():
            services.try_channel(channel)
        client = signed_in(cast.admin)
        assert client.delete(f"/api/v1/chat-channels/{channel.pk}/").status_code == 204
        with cast.acting():
            endpoint = WebhookEndpoint.objects.get()
            assert (endpoint.secret, endpoint.is_active) == ("removed", False)
            assert WebhookDelivery.objects.get().status == DeliveryStatus.PARKED
            assert not SummaryDay.objects.exists()

    def test_is_for_who_manages_members(self, cast: Cast, outsiders: Cast) -> None:
        where = f"/api/v1/chat-channels/{channel_of(cast).pk}/"
        assert signed_in(cast.leader).get(where).status_code == 403
        assert signed_in(outsiders.admin).get(where).status_code == 404
        assert signed_in(outsiders.admin).post(f"{where}test/").status_code == 404


class TestTheAdmin:
    def test_keeps_tries_and_removes_a_channel(self, cast: Cast) -> None:
        pages = browser(cast.admin)
        body = {"name": "#cs", "kind": "teams", "language": "de", "summary_at": "08:30"}
        body |= {"summaries": "on", "is_active": "on"}
        refused = pages.post(address(ChatChannel, "add"), body)
        assert "Say where messages are posted." in refused.content.decode()
        pages.post(address(ChatChannel, "add"), body | {"url": SECRET})
        with cast.acting():
            channel = ChatChannel.objects.select_related("endpoint").get()
        assert (channel.endpoint.kind, channel.endpoint.target) == ("teams", SECRET)
        change = address(ChatChannel, "change", channel.pk)
        pages.post(change, body | {"name": "#customers", "version": channel.version})
        with cast.acting():
            channel = ChatChannel.objects.select_related("endpoint").get()
        assert (channel.name, channel.endpoint.target) == ("#customers", SECRET)


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_a_morning_once() -> None:
    cast = make_cast("Alder")
    with cast.acting():
        a_task(factories.account(), "2026-05-11")
    channel_of(cast)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            services.write_member_letters(organization_id=cast.organization.pk, now=MORNING)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    with cast.acting():
        assert WebhookDelivery.objects.count() == 1
