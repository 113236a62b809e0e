"""The doctor on installations that are broken, one way each."""

import datetime as dt
import json
import os
import smtplib
import subprocess
import sys
import time
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import time_machine
from celery.app.control import Control
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from cs_platform.doctor import configuration, database, running, supplies
from cs_platform.doctor.examination import CHECKS, Check, examine
from cs_platform.doctor.findings import Entry, Finding, Verdict, as_text, ok, warning, wrong
from cs_platform.doctor.first_aid import PRODUCTION, missing, unreadable
from cs_platform.embedded.errors import ROOT
from cs_platform.embedded.process import free_ports
from engagement.models import RegionPlanning
from engagement.services import ensure_region_planning
from engagement.tasks import PULSE_KEY
from outbox.models import Letter
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast
from tests.deployment.visit import mail_server

A_TABLE = "regions_quietperiod"
A_FUNCTION = "lease_due_regions(integer, integer)"
LONG_KEY = "correct-horse-battery-staple-correct-horse-battery-staple"


def good(finding: Finding) -> bool:
    return finding.verdict == Verdict.OK


def is_wrong(finding: Finding) -> bool:
    return finding.verdict == Verdict.WRONG and bool(finding.do)


def is_warning(finding: Finding) -> bool:
    return finding.verdict == Verdict.WARNING and bool(finding.do)


class TestFirstAid:
    def test_names_every_variable_that_is_missing(self) -> None:
        found = missing({"DJANGO_SETTINGS_MODULE": PRODUCTION, "REDIS_URL": "redis://here"})
        assert [entry.finding.what for entry in found] == [
            "SECRET_KEY is not set.",
            "DATABASE_URL is not set.",
            "ALLOWED_HOSTS is not set.",
            "PUBLIC_URL is not set.",
            "EMAIL_URL is not set.",
        ]

    def test_finds_no_fault_with_settings_that_can_be_read(self) -> None:
        assert unreadable("cs_platform.settings.test") == []

    def test_says_which_settings_there_are_not(self) -> None:
        (entry,) = unreadable("cs_platform.settings.prod")
        assert "cs_platform.settings.prod" in entry.finding.what

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SECRET_KEY", ""),
            ("DATABASE_URL", "db.example.com"),
            ("WORKER_CONCURRENCY", "many"),
            ("EMAIL_URL", "pigeon://loft"),
            ("DJANGO_SETTINGS_MODULE", "cs_platform.settings.prod"),
        ],
    )
    def test_speaks_when_the_settings_cannot(self, name: str, value: str) -> None:
        code, entries = doctor_of(**{name: value})
        assert code == 1
        assert [name in entry["what"] for entry in entries] == [True]


class TestConfiguration:
    def test_wants_the_production_settings(self, settings: Settings) -> None:
        assert is_warning(configuration.settings_module())
        settings.SETTINGS_MODULE = PRODUCTION
        assert good(configuration.settings_module())
        settings.DEBUG = True
        assert is_wrong(configuration.settings_module())

    @pytest.mark.parametrize("key", ["short", "a" * 60])
    def test_wants_a_key_that_nobody_guesses(self, settings: Settings, key: str) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = LONG_KEY, []
        assert good(configuration.secret_key())
        settings.SECRET_KEY_FALLBACKS = [LONG_KEY[::-1]]
        assert is_warning(configuration.secret_key())
        settings.SECRET_KEY_FALLBACKS = [key]
        assert is_wrong(configuration.secret_key())
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, []
        assert is_wrong(configuration.secret_key())

    @pytest.mark.parametrize("key", ["short", "a" * 60])
    def test_wants_an_operator_key_that_nobody_guesses(self, settings: Settings, key: str) -> None:
        for sound in ("", LONG_KEY):
            settings.OPERATOR_KEY = sound
            assert good(configuration.operator_key())
        settings.OPERATOR_KEY = key
        assert is_wrong(configuration.operator_key())

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ALLOWED_HOSTS", ["*"]),
            ("CSRF_TRUSTED_ORIGINS", ["http://cs.example.com"]),
            ("PUBLIC_URL", "https://other.example.com"),
            ("PUBLIC_URL", "http://cs.example.com"),
        ],
    )
    def test_wants_addresses_that_fit_together(
        self, settings: Settings, name: str, value: Any
    ) -> None:
        settings.ALLOWED_HOSTS = ["cs.example.com"]
        settings.PUBLIC_URL = "https://cs.example.com"
        settings.SESSION_COOKIE_SECURE = True
        assert good(configuration.addresses())
        setattr(settings, name, value)
        assert is_wrong(configuration.addresses())

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SESSION_COOKIE_SECURE", False),
            ("CSRF_COOKIE_SECURE", False),
            ("SECURE_SSL_REDIRECT", False),
            ("SECURE_HSTS_SECONDS", 60),
        ],
    )
    def test_wants_no_open_lines(self, settings: Settings, name: str, value: Any) -> None:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
        assert good(configuration.tls())
        setattr(settings, name, value)
        assert is_warning(configuration.tls())

    def test_wants_a_mail_server(self, settings: Settings) -> None:
        assert is_warning(configuration.mail_server())
        settings.EMAIL_BACKEND = configuration.SMTP
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", next(free_ports())
        assert is_wrong(configuration.mail_server())
        with mail_server(settings.EMAIL_PORT):
            assert good(configuration.mail_server())


@contextmanager
def broken(breaking: str, mending: str) -> Iterator[None]:
    """Break the database as ``owner``, and mend it again."""
    address = connections["owner"].settings_dict
    with psycopg.connect(
        dbname=address["NAME"],
        user=address["USER"],
        password=address["PASSWORD"],
        host=address["HOST"],
        port=address["PORT"],
        autocommit=True,
    ) as owner:
        owner.execute(breaking.encode())
        try:
            yield
        finally:
            owner.execute(mending.encode())


@pytest.mark.django_db
class TestDatabase:
    def test_is_reached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert good(database.reachable())
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        assert is_wrong(database.reachable())

    def test_is_reached_only_as_its_address_says(self) -> None:
        code, entries = doctor_of(query="?sslmode=require")
        assert code == 1
        (reached,) = [entry for entry in entries if entry["check"] == "database"]
        assert "SSL" in reached["what"]

    def test_is_asked_as_a_role_that_row_security_binds(self) -> None:
        assert good(database.serving_role())
        code, entries = doctor_of(DATABASE_URL=os.environ["DATABASE_OWNER_URL"])
        assert code == 1
        (roles,) = [entry for entry in entries if entry["check"] == "database roles"]
        assert roles["verdict"] == "wrong"
        assert "owner" in roles["what"]
        # What would be asked as that role is left out.
        assert "row security" not in [entry["check"] for entry in entries]

    @pytest.mark.parametrize(
        ("check", "sound", "unsound"),
        [
            (database.version, (150_020, "15.20", "9 MB"), (140_011, "14.11", "9 MB")),
            (database.line, ("10.0.0.7", False), ("203.0.114.7", False)),
            (database.line, ("203.0.114.7", True), ("203.0.114.7", False)),
            (database.line, (None, False), ("2001:4860::1", False)),
            (database.durability, ("fsync", "on"), ("fsync", "off")),
            (database.room_for_connections, (80, 100), (81, 100)),
            (database.ownership, ("owner", False), ("postgres", True)),
        ],
    )
    def test_is_as_it_must_be(
        self,
        monkeypatch: pytest.MonkeyPatch,
        check: Callable[[], Finding],
        sound: tuple[Any, ...],
        unsound: tuple[Any, ...],
    ) -> None:
        monkeypatch.setattr(database, "_rows", lambda _: [sound])
        assert good(check())
        monkeypatch.setattr(database, "_rows", lambda _: [unsound])
        assert not good(check())

    def test_belongs_to_one_role(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert good(database.ownership())
        monkeypatch.setattr(database, "_rows", lambda _: [("owner", False), ("other", False)])
        assert is_wrong(database.ownership())

    @pytest.mark.parametrize(
        ("seconds", "verdict"), [(1, Verdict.OK), (5, Verdict.WARNING), (-60, Verdict.WRONG)]
    )
    def test_has_our_time(self, seconds: int, verdict: Verdict) -> None:
        with time_machine.travel(time.time() + seconds):
            assert database.database_clock().verdict == verdict

    def test_has_every_migration(self) -> None:
        assert good(database.migrations())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '0003_planning_state'")
        found = database.migrations()
        assert is_wrong(found)
        assert "engagement.0003_planning_state" in found.what

    @pytest.mark.parametrize(
        ("check", "breaking", "mending"),
        [
            (
                database.row_security,
                f"ALTER TABLE {A_TABLE} NO FORCE ROW LEVEL SECURITY",
                f"ALTER TABLE {A_TABLE} FORCE ROW LEVEL SECURITY",
            ),
            (
                database.row_security,
                f"ALTER TABLE {A_TABLE} DISABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {A_TABLE} ENABLE ROW LEVEL SECURITY",
            ),
            (
                database.row_security,
                f"ALTER POLICY isolation ON {A_TABLE} TO owner",
                f"ALTER POLICY isolation ON {A_TABLE} TO app",
            ),
            (
                database.grants,
                f"REVOKE SELECT ON {A_TABLE} FROM app",
                f"GRANT SELECT ON {A_TABLE} TO app",
            ),
            (
                database.grants,
                f"GRANT TRUNCATE ON {A_TABLE} TO app",
                f"REVOKE TRUNCATE ON {A_TABLE} FROM app",
            ),
            (
                database.grants,
                "GRANT CREATE ON SCHEMA public TO app",
                "REVOKE CREATE ON SCHEMA public FROM app",
            ),
            (
                database.grants,
                "GRANT INSERT ON tenants_auditentry TO app",
                "REVOKE INSERT ON tenants_auditentry FROM app",
            ),
            (
                database.functions,
                f"GRANT EXECUTE ON FUNCTION {A_FUNCTION} TO PUBLIC",
                f"REVOKE EXECUTE ON FUNCTION {A_FUNCTION} FROM PUBLIC",
            ),
            (
                database.functions,
                f"REVOKE EXECUTE ON FUNCTION {A_FUNCTION} FROM app",
                f"GRANT EXECUTE ON FUNCTION {A_FUNCTION} TO app",
            ),
            (
                database.functions,
                f"ALTER FUNCTION {A_FUNCTION} RESET search_path",
                f"ALTER FUNCTION {A_FUNCTION} SET search_path = pg_catalog, public, pg_temp",
            ),
            (
                database.audit_trail,
                f"ALTER TABLE {A_TABLE} DISABLE TRIGGER audit_update",
                f"ALTER TABLE {A_TABLE} ENABLE TRIGGER audit_update",
            ),
        ],
    )
    def test_keeps_its_walls(
        self, check: Callable[[], Finding], breaking: str, mending: str
    ) -> None:
        assert good(check())
        with broken(breaking, mending):
            assert is_wrong(check())
        assert good(check())

    def test_has_the_functions_of_the_migrations(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answers = iter([[], [(0,)]])
        monkeypatch.setattr(database, "_rows", lambda _: next(answers))
        assert is_wrong(database.functions())


@pytest.fixture
def server(settings: Settings) -> Iterator["redis.Redis"]:
    """The Redis of the tests, as it was before afterwards."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    before = client.config_get("maxmemory-policy") | client.config_get("appendonly")
    client.delete(PULSE_KEY)
    yield client
    client.delete(PULSE_KEY)
    for name, value in before.items():
        client.config_set(str(name), str(value))


@pytest.mark.django_db
class TestRunning:
    def test_wants_a_redis(self, settings: Settings, server: "redis.Redis") -> None:
        assert good(running.redis_server())
        server.config_set("maxmemory-policy", "allkeys-lru")
        assert is_wrong(running.redis_server())
        for url in ("redis://127.0.0.1:1/0", "here"):
            settings.REDIS_URL = url
            assert is_wrong(running.redis_server())

    def test_wants_a_recent_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(redis.Redis, "info", lambda *_: {"redis_version": "6.0.16"})
        assert is_wrong(running.redis_server())

    def test_wants_a_redis_that_remembers(self, server: "redis.Redis") -> None:
        server.config_set("appendonly", "no")
        assert is_warning(running.redis_persistence())
        server.config_set("appendonly", "yes")
        assert good(running.redis_persistence())

    def test_wants_a_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "ANSWER_SECONDS", 0.2)
        assert is_wrong(running.workers())
        monkeypatch.setattr(Control, "ping", lambda *_, **__: [{"one": {"ok": "pong"}}])
        assert good(running.workers())

    def test_wants_ticks(self, server: "redis.Redis", settings: Settings) -> None:
        assert is_wrong(running.beat())
        server.set(PULSE_KEY, time.time())
        assert good(running.beat())
        server.set(PULSE_KEY, time.time() - 3 * settings.PLANNING_TICK_SECONDS - 1)
        assert is_wrong(running.beat())

    def test_wants_planning_in_time(self, cast: Cast) -> None:
        assert good(running.planning())
        now = timezone.now()
        with cast.acting():
            ensure_region_planning(market=factories.market("FR"), now=now)
            RegionPlanning.objects.update(failure="France: no calendar")
        assert is_warning(running.planning())
        with cast.acting():
            RegionPlanning.objects.update(next_at=now - dt.timedelta(hours=1))
        assert is_wrong(running.planning())

    def test_wants_letters_to_leave(self, cast: Cast) -> None:
        assert good(running.letters())
        with cast.acting():
            make_row(Letter, cast)
            Letter.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
        assert is_wrong(running.letters())


class TestSupplies:
    def test_want_the_static_files_of_this_release(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        assert good(supplies.static_files())
        settings.STATIC_ROOT = tmp_path / "static"
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {
                "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            },
        }
        assert is_wrong(supplies.static_files())
        call_command("collectstatic", interactive=False, verbosity=0)
        assert good(supplies.static_files())
        manifest = json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())
        style = manifest["paths"].pop("workspace/workspace.css")
        (settings.STATIC_ROOT / "staticfiles.json").write_text(json.dumps(manifest))
        settings.STORAGES = {**settings.STORAGES}
        older = supplies.static_files()
        assert is_wrong(older)
        assert "workspace/workspace.css" in older.what
        manifest["paths"]["workspace/workspace.css"] = style
        (settings.STATIC_ROOT / "staticfiles.json").write_text(json.dumps(manifest))
        (settings.STATIC_ROOT / style).unlink()
        settings.STORAGES = {**settings.STORAGES}
        assert is_wrong(supplies.static_files())

    def test_want_time_zones_as_new_as_the_release(self, tmp_path: Path) -> None:
        before = zoneinfo.TZPATH
        try:
            zoneinfo.reset_tzpath(to=[])
            assert good(supplies.time_zones())
            (tmp_path / "tzdata.zi").write_text("# version 2001a\n")
            zoneinfo.reset_tzpath(to=[tmp_path])
            old = supplies.time_zones()
        finally:
            zoneinfo.reset_tzpath(to=before)
        assert is_warning(old)
        assert "2001a" in old.what

    @pytest.mark.parametrize(
        ("today", "verdict"),
        [
            ("2026-11-22", Verdict.OK),
            ("2027-02-01", Verdict.WARNING),
            ("2048-01-01", Verdict.WRONG),
        ],
    )
    def test_want_holidays_for_years_to_come(self, today: str, verdict: Verdict) -> None:
        with time_machine.travel(today):
            assert supplies.holidays().verdict == verdict


class TestTheExamination:
    def test_leaves_out_what_has_no_ground(self) -> None:
        checks = (
            Check("ground", lambda: wrong("It is not there.", "Put it there.")),
            Check("wall", lambda: ok("It stands."), needs="ground"),
            Check("roof", lambda: ok("It is on."), needs="wall"),
            Check("garden", lambda: ok("It grows.")),
        )
        assert [entry.check for entry in examine(checks)] == ["ground", "garden"]

    def test_goes_on_after_a_check_that_fails_itself(self) -> None:
        def fail() -> Finding:
            raise LookupError("no such thing")

        entries = list(examine((Check("one", fail), Check("two", lambda: ok("Fine.")))))
        assert is_wrong(entries[0].finding)
        assert "no such thing" in entries[0].finding.what
        assert entries[1].check == "two"

    def test_names_each_check_once_and_its_ground_before_it(self) -> None:
        names = [check.name for check in CHECKS]
        assert len(set(names)) == len(names)
        for number, check in enumerate(CHECKS):
            assert not check.needs or check.needs in names[:number]


class TestTheReport:
    def test_tells_people_what_to_do(self) -> None:
        text = as_text([Entry("mail", warning("It waits.", "Send it."))])
        assert "warning" in text
        assert "It waits." in text
        assert "-> Send it." in text


@pytest.mark.django_db
class TestTheCommand:
    def test_ends_with_1_if_something_is_wrong(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as end:
            call_command("doctor", "--json")
        assert end.value.code == 1
        verdicts = {each["check"]: each["verdict"] for each in json.loads(capsys.readouterr().out)}
        unsound = {name for name, verdict in verdicts.items() if verdict == "wrong"}
        # The tests answer to every host, their servers may forget, and no worker runs.
        assert "workers" in unsound
        assert unsound <= {"addresses", "workers", "beat", "durability"}

    def test_sends_a_test_message(self) -> None:
        call_command("doctor", "--send-test", "ana@acme.example")
        assert [message.to for message in mail.outbox] == [["ana@acme.example"]]

    def test_says_why_a_test_message_was_not_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise smtplib.SMTPConnectError(421, "too busy")

        monkeypatch.setattr("cs_platform.management.commands.doctor.send_mail", refuse)
        with pytest.raises(CommandError, match="too busy"):
            call_command("doctor", "--send-test", "ana@acme.example")


class TestAnyCommand:
    def test_where_nothing_runs_says_what_to_start(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", "create_organization", "Acme"],
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "make run" in done.stderr
        assert "Traceback" not in done.stderr


def doctor_of(query: str = "", **changed: str) -> tuple[int, list[dict[str, str]]]:
    """Run the doctor in a process of its own, some variables being changed."""
    address = connections["owner"].settings_dict
    variables = {
        "SECRET_KEY": LONG_KEY,
        "DJANGO_SETTINGS_MODULE": "cs_platform.settings.dev",
        **{name: os.environ[name] for name in ("PATH", "DATABASE_URL", "REDIS_URL")},
        **changed,
    }
    # The test database, whatever the role.
    server, slash, _name = variables["DATABASE_URL"].rpartition("/")
    if slash:
        variables["DATABASE_URL"] = f"{server}/{address['NAME']}{query}"
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "doctor", "--json"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)
