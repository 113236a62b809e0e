"""Webhooks: kept with what they tell, signed, sent at least once, and never behind walls."""

import datetime as dt
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings
from standardwebhooks import WebhookVerificationError

from accounts import services as accounts_services
from accounts.models import Account
from engagement.models import Task
from engagement.services import actions, cancel_run, start_run
from outbox import posting, signatures, tasks, webhooks
from outbox.addresses import target_of
from outbox.choices import DeliveryStatus
from outbox.models import WebhookDelivery, WebhookEndpoint
from outbox.webhooks import Sent
from tenants.models import AuditEntry
from tests import factories
from tests.admin_pages import address, browser
from tests.architecture.rows import make_row
from tests.conftest import Cast, make_cast
from tests.receiver import Receiver, receiver
from toolkit.consequences import gathering
from toolkit.errors import InvalidInput


@pytest.fixture
def listening(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, which is allowed for once."""
    settings.WEBHOOKS_ANYWHERE = True
    with receiver() as one:
        yield one


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be handed to workers."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.send_to_endpoint, "apply_async", lambda **sent: calls.append(sent))
    return calls


def endpoint_of(cast: Cast, url: str = "https://hooks.example/", **values: Any) -> WebhookEndpoint:
    with cast.acting():
        return webhooks.create_endpoint(WebhookEndpoint(url=url, **values))[0]


def told(cast: Cast, endpoint: WebhookEndpoint) -> WebhookDelivery:
    with cast.acting():
        return webhooks.send_test(endpoint)


def send(delivery: WebhookDelivery) -> Sent:
    assert delivery.organization_id is not None
    return webhooks.send(organization_id=delivery.organization_id, delivery_id=delivery.pk)


def stored(cast: Cast, row: Any) -> Any:
    with cast.acting():
        return type(row).objects.get(pk=row.pk)


def change(cast: Cast, **values: Any) -> None:
    with cast.acting():
        WebhookDelivery.objects.update(**values)


def events_of(cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    with cast.acting():
        rows = WebhookDelivery.objects.order_by("pk").values_list("event_type", "payload")
        return list(rows)


@pytest.mark.django_db
class TestAnnouncing:
    def test_is_part_of_what_it_tells(
        self, cast: Cast, django_capture_on_commit_callbacks: Any
    ) -> None:
        endpoint_of(cast)
        with django_capture_on_commit_callbacks() as callbacks, cast.acting():
            with transaction.atomic():
                factories.account()
                assert WebhookDelivery.objects.count() == 1
                transaction.set_rollback(True)
            assert not WebhookDelivery.objects.exists()
        assert callbacks == []

    def test_wakes_a_worker_when_all_is_said(
        self, cast: Cast, django_capture_on_commit_callbacks: Any, woken: list[Any]
    ) -> None:
        endpoint = endpoint_of(cast)
        with django_capture_on_commit_callbacks(execute=True), cast.acting():
            factories.account()
            assert woken == []
        ids = {"organization_id": str(cast.organization.pk), "endpoint_id": str(endpoint.pk)}
        assert [call["kwargs"] for call in woken] == [ids]

    def test_survives_that_nobody_can_be_woken(
        self,
        cast: Cast,
        django_capture_on_commit_callbacks: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        def unreachable(**_: Any) -> None:
            raise OSError("Redis is away")

        monkeypatch.setattr(tasks.send_to_endpoint, "apply_async", unreachable)
        endpoint_of(cast)
        with django_capture_on_commit_callbacks(execute=True), cast.acting():
            factories.account()
        assert webhooks.organizations_with_deliveries_due() == [cast.organization.pk]

    def test_is_one_message_with_one_id_to_all_who_ask(self, cast: Cast) -> None:
        endpoint_of(cast)
        endpoint_of(cast, event_types=["account.created"])
        endpoint_of(cast, event_types=["task.moved"])
        off = endpoint_of(cast)
        with cast.acting():
            off.is_active = False
            webhooks.save_endpoint(off)
            factories.account()
            deliveries = WebhookDelivery.objects.all()
            assert len(deliveries) == 2
            assert len({each.message_id for each in deliveries}) == 1

    def test_is_no_business_of_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        endpoint_of(outsiders)
        with cast.acting():
            factories.account()
        assert events_of(cast) == events_of(outsiders) == []

    def test_tells_nobody_of_secrets_or_what_was_told(self, cast: Cast) -> None:
        endpoint = endpoint_of(cast)
        told(cast, endpoint)
        with cast.acting():
            webhooks.rotate_secret(endpoint, at=timezone.now())
            entries = AuditEntry.objects.filter(table__startswith="outbox_webhook")
            told_of = list(entries.values_list("before", "after"))
        assert told_of
        text = str(told_of)
        assert "whsec_" not in text
        assert "payload" not in text


@pytest.mark.django_db
class TestAccounts:
    def test_are_told_of_once_each_time(self, cast: Cast) -> None:
        endpoint_of(cast)
        with cast.acting():
            account = factories.account()
            account.city = "Lyon"
            accounts_services.save_account(account)
            accounts_services.archive_account(account, at=timezone.now())
            accounts_services.restore_account(account)
        pk = str(account.pk)
        assert events_of(cast) == [
            ("account.created", {"id": pk, "version": 1}),
            ("account.updated", {"id": pk, "version": 2}),
            ("account.archived", {"id": pk, "version": 3}),
            ("account.updated", {"id": pk, "version": 4}),
        ]

    def test_changed_together_are_told_of_together(self, cast: Cast) -> None:
        with cast.acting():
            accounts = [factories.account(arr=9, currency="EUR", tier="tier_3") for _ in range(3)]
        endpoint_of(cast)
        with cast.acting():
            accounts_services.set_tiers({"EUR": (Decimal(8), Decimal(1))})
            assert {each.tier for each in Account.objects.all()} == {"tier_1"}
        assert [kind for kind, _payload in events_of(cast)] == ["account.updated"] * 3
        assert {p["id"] for _kind, p in events_of(cast)} == {str(each.pk) for each in accounts}
        assert {p["version"] for _kind, p in events_of(cast)} == {2}

    def test_saved_twice_in_one_call_are_told_of_once(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account()
        endpoint_of(cast)
        with cast.acting(), gathering():
            accounts_services.save_account(account)
            accounts_services.save_account(account)
        assert events_of(cast) == [("account.updated", {"id": str(account.pk), "version": 3})]


@pytest.mark.django_db
class TestTasks:
    @pytest.mark.parametrize(
        ("event_type", "act"),
        [
            ("task.completed", lambda **known: actions.complete_task(**known)),
            (
                "task.not_applicable",
                lambda **known: actions.mark_not_applicable(**known, reason="Merged"),
            ),
            (
                "task.moved",
                lambda **known: actions.snooze_task(
                    **known, until=dt.date(2026, 3, 5), reason="Away"
                ),
            ),
        ],
    )
    def test_are_told_of(self, cast: Cast, event_type: str, act: Callable[..., Any]) -> None:
        task = make_row(Task, cast)
        endpoint_of(cast, event_types=[event_type])
        with cast.acting():
            act(task=task, by=cast.admin, at=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))
        ids = {"id": str(task.pk), "version": 2, "account": str(task.account_id)}
        assert events_of(cast) == [(event_type, ids)]

    def test_are_told_of_when_handed_over(self, cast: Cast) -> None:
        task = make_row(Task, cast)
        endpoint_of(cast)
        with cast.acting():
            actions.hand_over_task(task=task, by=cast.admin, at=timezone.now(), to=cast.csm)
        assert [kind for kind, _payload in events_of(cast)] == ["task.handed_over"]

    def test_are_told_of_when_they_begin_and_end_a_run(self, cast: Cast) -> None:
        endpoint_of(cast, event_types=["run.started", "run.ended"])
        now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        with cast.acting():
            account = factories.account()
            playbook = factories.published(by=cast.leader).playbook
            values: dict[str, Any] = {"playbook": playbook, "account": account, "by": cast.csm}
            done = start_run(**values, at=now)
            actions.complete_task(task=done.tasks.get(), by=cast.csm, at=now, outcome="internal")
            cancelled = start_run(**values, at=now)
            cancel_run(cancelled, at=now, reason="Not now.")
        told = [(kind, payload["id"]) for kind, payload in events_of(cast)]
        assert told == [
            ("run.started", str(done.pk)),
            ("run.ended", str(done.pk)),
            ("run.started", str(cancelled.pk)),
            ("run.ended", str(cancelled.pk)),
        ]


@pytest.mark.django_db
class TestSending:
    def test_is_verified_by_a_receiver_of_the_standard(
        self, cast: Cast, listening: Receiver
    ) -> None:
        endpoint = endpoint_of(cast, listening.url, event_types=["account.created"])
        with cast.acting():
            account = factories.account()
            delivery = WebhookDelivery.objects.get()
        assert send(delivery) is Sent.DELIVERED
        (message,) = listening.verified(endpoint.secret)
        assert message["type"] == "account.created"
        assert message["data"] == {"id": str(account.pk), "version": 1}
        happened = dt.datetime.fromisoformat(message["timestamp"])
        assert timezone.now() - happened < dt.timedelta(minutes=1)
        ((path, headers, _body),) = listening.requests
        assert (path, headers["host"]) == ("/hook", f"127.0.0.1:{listening.port}")
        assert headers["content-type"] == "application/json"
        assert headers["webhook-id"] == delivery.message_id
        after = stored(cast, delivery)
        assert (after.status, after.answer, after.failure) == ("delivered", 204, "")
        assert after.closed_at is not None
        assert after.milliseconds is not None

    def test_is_not_verified_with_another_secret(self, cast: Cast, listening: Receiver) -> None:
        send(told(cast, endpoint_of(cast, listening.url)))
        with pytest.raises(WebhookVerificationError):
            listening.verified(signatures.new_secret())

    def test_happens_once(self, cast: Cast, listening: Receiver) -> None:
        delivery = told(cast, endpoint_of(cast, listening.url))
        assert [send(delivery), send(delivery)] == [Sent.DELIVERED, Sent.NOT_OURS]
        assert len(listening.requests) == 1

    def test_leaves_a_delivery_to_who_has_it(self, cast: Cast, listening: Receiver) -> None:
        delivery = told(cast, endpoint_of(cast, listening.url))
        change(cast, leased_until=Now() + dt.timedelta(seconds=30))
        assert send(delivery) is Sent.NOT_OURS
        assert webhooks.organizations_with_deliveries_due() == []
        with cast.acting():
            assert webhooks.next_due(delivery.endpoint_id) is None

    def test_is_no_business_of_another_organization(
        self, cast: Cast, outsiders: Cast, listening: Receiver
    ) -> None:
        delivery = told(cast, endpoint_of(cast, listening.url))
        sent = webhooks.send(organization_id=outsiders.organization.pk, delivery_id=delivery.pk)
        assert (sent, listening.requests) == (Sent.NOT_OURS, [])

    def test_of_what_waits_ends_with_the_endpoint(self, cast: Cast, listening: Receiver) -> None:
        first, second = (endpoint_of(cast, listening.url) for _ in range(2))
        deliveries = [told(cast, first), told(cast, second)]
        with cast.acting():
            first.is_active = False
            webhooks.save_endpoint(first)
            webhooks.remove_endpoint(second, at=timezone.now())
        for delivery in deliveries:
            assert stored(cast, delivery).status == DeliveryStatus.PARKED
            assert send(delivery) is Sent.NOT_OURS
        assert listening.requests == []
        assert stored(cast, second).secret == "removed"


@pytest.mark.django_db
class TestRotation:
    def test_signs_with_both_secrets_for_a_day(self, cast: Cast, listening: Receiver) -> None:
        endpoint = endpoint_of(cast, listening.url)
        old = endpoint.secret
        with cast.acting():
            _endpoint, new = webhooks.rotate_secret(endpoint, at=timezone.now())
        send(told(cast, endpoint))
        assert len(listening.verified(old)) == len(listening.verified(new)) == 1
        with cast.acting():
            WebhookEndpoint.objects.update(old_secret_until=Now() - dt.timedelta(seconds=1))
        listening.requests.clear()
        send(told(cast, endpoint))
        assert len(listening.verified(new)) == 1
        with pytest.raises(WebhookVerificationError):
            listening.verified(old)


@pytest.mark.django_db
class TestTrouble:
    def test_is_tried_again_for_three_days_and_then_given_up(
        self, cast: Cast, listening: Receiver
    ) -> None:
        listening.status = 500
        endpoint = endpoint_of(cast, listening.url)
        delivery = told(cast, endpoint)
        pauses = []
        while webhooks.organizations_with_deliveries_due():
            assert send(delivery) is Sent.REFUSED
            if stored(cast, delivery).status == DeliveryStatus.QUEUED:
                with cast.acting():
                    left = WebhookDelivery.objects.values_list(F("due_at") - Now(), flat=True)
                    pauses.append(left[0])
                change(cast, due_at=Now())
        assert len(pauses) == len(webhooks.PAUSES)
        for pause, least in zip(pauses, webhooks.PAUSES, strict=True):
            assert least - dt.timedelta(seconds=2) < pause <= least * 1.1
        assert dt.timedelta(days=3) < sum(webhooks.PAUSES, dt.timedelta()) < dt.timedelta(days=4)
        after = stored(cast, delivery)
        assert (after.status, after.attempts, after.answer) == ("parked", 10, 500)
        assert after.failure == "The endpoint answered 500."
        assert set(listening.ids) == {delivery.message_id}
        assert len(listening.verified(endpoint.secret)) == 10
        assert len({body for _path, _headers, body in listening.requests}) == 1

    def test_what_was_given_up_or_delivered_is_replayed_with_the_same_id(
        self, cast: Cast, listening: Receiver
    ) -> None:
        delivery = told(cast, endpoint_of(cast, listening.url))
        with cast.acting(), pytest.raises(webhooks.OnItsWay):
            webhooks.replay(delivery)
        change(cast, status=DeliveryStatus.PARKED, attempts=10)
        for _ in range(2):
            with cast.acting():
                again = webhooks.replay(delivery)
            assert (again.status, again.attempts) == ("queued", 0)
            assert send(delivery) is Sent.DELIVERED
        assert listening.ids == [delivery.message_id] * 2

    def test_an_endpoint_that_is_gone_is_told_nothing_more(
        self, cast: Cast, listening: Receiver
    ) -> None:
        listening.status = 410
        endpoint = endpoint_of(cast, listening.url)
        first, second = told(cast, endpoint), told(cast, endpoint)
        send(first)
        after = stored(cast, endpoint)
        assert not after.is_active
        assert after.disabled_at is not None
        assert "410" in after.disabled_because
        assert [stored(cast, each).status for each in (first, second)] == ["parked"] * 2
        with cast.acting():
            factories.account()
            with pytest.raises(webhooks.EndpointInactive):
                webhooks.replay(stored(cast, second))
            after.is_active = True
            webhooks.save_endpoint(after)
        on_again = stored(cast, endpoint)
        assert (on_again.disabled_at, on_again.disabled_because) == (None, "")
        assert len(events_of(cast)) == 2

    def test_redirects_are_not_followed(self, cast: Cast, listening: Receiver) -> None:
        listening.status, listening.location = 302, f"http://127.0.0.1:{listening.port}/other"
        delivery = told(cast, endpoint_of(cast, listening.url))
        assert send(delivery) is Sent.REFUSED
        assert [path for path, *_ in listening.requests] == ["/hook"]
        assert stored(cast, delivery).answer == 302

    def test_a_receiver_that_is_away_is_left_alone_for_a_while(
        self, cast: Cast, settings: Settings
    ) -> None:
        settings.WEBHOOKS_ANYWHERE = True
        with receiver() as one:
            url = one.url  # Nobody listens there any more.
        endpoint = endpoint_of(cast, url)
        first, second = told(cast, endpoint), told(cast, endpoint)
        assert send(first) is Sent.NO_ANSWER
        assert "refused" in stored(cast, first).failure
        assert stored(cast, second).status == DeliveryStatus.QUEUED
        with cast.acting():
            assert webhooks.next_due(endpoint.pk) is None
            WebhookEndpoint.objects.update(silent_until=Now())
            assert webhooks.next_due(endpoint.pk) == second.pk

    @pytest.mark.parametrize("how", ["silent", "dripping"])
    def test_who_takes_too_long_is_not_waited_for(self, listening: Receiver, how: str) -> None:
        listening.seconds, listening.drips = (2, False) if how == "silent" else (0, True)
        target = target_of(listening.url, anywhere=True)
        began = timezone.now()
        with pytest.raises(posting.NoAnswer, match="within 0.5 seconds"):
            posting.post(target, b"{}", {}, anywhere=True, limit=0.5)
        assert timezone.now() - began < dt.timedelta(seconds=1.5)

    def test_a_slow_worker_does_not_write_over_a_faster_one(
        self, cast: Cast, listening: Receiver
    ) -> None:
        delivery = told(cast, endpoint_of(cast, listening.url))
        patch = pytest.MonkeyPatch()

        def overtaken(*_args: Any, **_: Any) -> int:
            change(cast, leased_until=Now() - dt.timedelta(seconds=1))
            patch.undo()
            assert send(delivery) is Sent.DELIVERED
            return 500

        patch.setattr(webhooks, "post", overtaken)
        assert send(delivery) is Sent.REFUSED
        after = stored(cast, delivery)
        assert (after.status, after.answer, after.failure) == ("delivered", 204, "")

    def test_a_delivery_that_takes_every_worker_along_is_given_up(self, cast: Cast) -> None:
        delivery = told(cast, endpoint_of(cast))
        change(cast, attempts=webhooks.MOST_ATTEMPTS, leased_until=Now() - dt.timedelta(seconds=1))
        assert send(delivery) is Sent.NOT_OURS
        assert stored(cast, delivery).status == DeliveryStatus.PARKED


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_message(listening: Receiver) -> None:
    cast = make_cast("Alder")
    listening.seconds = 0.3
    delivery = told(cast, endpoint_of(cast, listening.url))
    results: list[Sent] = []
    together = threading.Barrier(2)

    def work() -> None:
        together.wait()
        try:
            results.append(send(delivery))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(result.name for result in results) == ["DELIVERED", "NOT_OURS"]
    assert listening.ids == [delivery.message_id]


@pytest.mark.django_db
class TestWalls:
    @pytest.mark.parametrize(
        "url",
        ["https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "http://hooks.example/"],
    )
    def test_no_endpoint_lies_behind_them(self, cast: Cast, url: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            endpoint_of(cast, url)
        assert set(refused.value.errors) == {"url"}

    def test_a_name_that_comes_to_lead_there_is_not_followed(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The endpoint was public when it was saved."""
        with receiver() as inside:
            delivery = told(cast, endpoint_of(cast, f"https://hooks.example:{inside.port}/"))
            answers = [(0, 0, 0, "", ("127.0.0.1", inside.port))]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_: answers)
            assert send(delivery) is Sent.NO_ANSWER
            assert inside.requests == []
        assert "public internet" in stored(cast, delivery).failure

    def test_a_name_is_looked_up_once_and_no_other_address_connected_to(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first answer is public, the next one leads inside: nobody asks for the next."""
        asked: list[str] = []
        connected: list[Any] = []

        def rebinding(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            found = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
            return [(0, 0, 0, "", (found, port))]

        def refused(place: Any, **_: Any) -> socket.socket:
            connected.append(place)
            raise ConnectionRefusedError("refused")

        delivery = told(cast, endpoint_of(cast))
        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(socket, "create_connection", refused)
        assert send(delivery) is Sent.NO_ANSWER
        assert asked == ["hooks.example"]
        assert connected == [("93.184.216.34", 443)]

    def test_the_certificate_is_that_of_the_name(
        self, cast: Cast, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.WEBHOOKS_ANYWHERE = True
        found = tmp_path / "both.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"),
                *("-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")),
            ],
            check=True,
            capture_output=True,
        )
        certificate = (tmp_path / "cert.pem").read_text()
        found.write_text((tmp_path / "key.pem").read_text() + certificate)
        trusting = ssl.create_default_context(cadata=certificate)
        with receiver(str(found)) as one:
            answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", one.port))]
            named, other = (
                told(cast, endpoint_of(cast, f"https://{host}.example:{one.port}/"))
                for host in ("hooks", "other")
            )
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_: answers)
            assert send(named) is Sent.NO_ANSWER  # Nobody known has signed it.
            monkeypatch.setattr(posting, "_tls", lambda: trusting)
            change(cast, due_at=Now())
            assert [send(named), send(other)] == [Sent.DELIVERED, Sent.NO_ANSWER]
            assert [each["host"] for _path, each, _body in one.requests] == [
                f"hooks.example:{one.port}"
            ]
        assert "CERTIFICATE_VERIFY_FAILED" in stored(cast, other).failure


@pytest.mark.django_db
class TestWorkers:
    def test_send_all_that_is_due_one_by_one(
        self, cast: Cast, listening: Receiver, woken: list[Any]
    ) -> None:
        endpoint = endpoint_of(cast, listening.url)
        deliveries = [told(cast, endpoint) for _ in range(3)]
        tasks.send_to_endpoint(
            organization_id=str(cast.organization.pk), endpoint_id=str(endpoint.pk)
        )
        assert listening.ids == [each.message_id for each in deliveries]
        assert woken == []

    def test_come_back_soon_after_a_failure(
        self, cast: Cast, listening: Receiver, woken: list[Any]
    ) -> None:
        listening.status = 503
        endpoint = endpoint_of(cast, listening.url)
        for _ in range(3):
            told(cast, endpoint)
        tasks.send_to_endpoint(
            organization_id=str(cast.organization.pk), endpoint_id=str(endpoint.pk)
        )
        assert len(listening.requests) == 3
        assert [call.get("countdown") for call in woken] == [tasks.SOON]

    def test_are_woken_by_the_sweep_for_every_organization(
        self, cast: Cast, outsiders: Cast, woken: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks.send_due_deliveries, "delay", tasks.send_due_deliveries)
        endpoints = [endpoint_of(each) for each in (cast, outsiders)]
        for each, endpoint in zip((cast, outsiders), endpoints, strict=True):
            told(each, endpoint)
            told(each, endpoint)
        tasks.sweep_deliveries()
        found = sorted(call["kwargs"]["endpoint_id"] for call in woken)
        assert found == sorted(str(endpoint.pk) for endpoint in endpoints)

    def test_forget_what_ended_a_month_ago(self, cast: Cast) -> None:
        endpoint = endpoint_of(cast)
        old, recent, waiting = (told(cast, endpoint) for _ in range(3))
        long_ago = Now() - dt.timedelta(days=31)
        with cast.acting():
            rows = WebhookDelivery.objects.all()
            rows.filter(pk=old.pk).update(status="delivered", closed_at=long_ago)
            rows.filter(pk=recent.pk).update(status="parked", closed_at=Now())
            rows.filter(pk=waiting.pk).update(created_at=long_ago)
        assert tasks.forget_old_deliveries() == 1
        with cast.acting():
            assert set(rows.values_list("pk", flat=True)) == {recent.pk, waiting.pk}


@pytest.mark.django_db
class TestInTheAdmin:
    def test_a_secret_is_shown_once(self, cast: Cast) -> None:
        client = browser(cast.admin)
        form = {"url": "https://hooks.example/", "event_types": ["task.moved"], "is_active": "on"}
        page = client.post(address(WebhookEndpoint, "add"), form)
        with cast.acting():
            endpoint = WebhookEndpoint.objects.get()
        assert endpoint.event_types == ["task.moved"]
        assert endpoint.secret in page.content.decode()
        assert "no-store" in page.headers["Cache-Control"]
        later = client.get(address(WebhookEndpoint, "change", endpoint.pk)).content.decode()
        assert "whsec_" not in later
        url = address(WebhookEndpoint, "rotate_secret", endpoint.pk)
        assert "whsec_" not in client.get(url).content.decode()
        assert stored(cast, endpoint).secret == endpoint.secret
        rotated = client.post(url).content.decode()
        assert stored(cast, endpoint).secret in rotated
        assert endpoint.secret not in rotated

    def test_a_bad_address_is_refused_on_the_form(self, cast: Cast) -> None:
        form = {"url": "https://10.0.0.1/", "is_active": "on"}
        page = browser(cast.admin).post(address(WebhookEndpoint, "add"), form)
        assert "not one of the public internet" in page.content.decode()

    def test_an_endpoint_is_tested_and_a_delivery_replayed(self, cast: Cast) -> None:
        endpoint = endpoint_of(cast)
        client, confirmed = browser(cast.admin), {"_form_submitted": "True"}
        client.post(address(WebhookEndpoint, "test", endpoint.pk), confirmed)
        with cast.acting():
            delivery = WebhookDelivery.objects.get()
        assert delivery.event_type == "webhook.test"
        change(cast, status="parked", closed_at=Now())
        assert "webhook.test" in client.get(address(WebhookDelivery, "changelist")).content.decode()
        client.post(address(WebhookDelivery, "replay", delivery.pk), confirmed)
        assert stored(cast, delivery).status == DeliveryStatus.QUEUED

    def test_a_removed_endpoint_is_gone_and_its_log_stays(self, cast: Cast) -> None:
        endpoint = endpoint_of(cast)
        told(cast, endpoint)
        client = browser(cast.admin)
        client.post(address(WebhookEndpoint, "delete", endpoint.pk), {"post": "yes"})
        assert stored(cast, endpoint).removed_at is not None
        client.get("/admin/")  # It says that it was removed, once.
        page = client.get(address(WebhookEndpoint, "changelist")).content.decode()
        assert "hooks.example" not in page
        assert (
            "hooks.example" in client.get(address(WebhookDelivery, "changelist")).content.decode()
        )
