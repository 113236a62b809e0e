"""Declared attributes through the services, in the admin, and beside imports."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.attributes import declared, in_words
from accounts.models import Account, AccountAttribute
from accounts.services import (
    archive_attribute,
    create_accounts,
    restore_attribute,
    save_account,
    save_attribute,
)
from tenants.models import AuditEntry
from tests import factories
from tests.admin_pages import Form, address, browser, shown_form, typed
from tests.conftest import Cast, count_queries
from tests.integration.imports.files import lines, run
from toolkit.errors import InvalidInput
from toolkit.tables import read_table

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PRESSED = {"_form_submitted": "True"}
VALUES = {"industry": "Retail", "seats": 250, "on-premises": False, "plan": "Basic"}


def declare() -> dict[str, AccountAttribute]:
    """Declare an attribute of each kind."""
    made = (
        AccountAttribute(key="industry", name="Industry", kind="text"),
        AccountAttribute(key="seats", name="Seats", kind="number"),
        AccountAttribute(key="on-premises", name="On premises", kind="boolean"),
        AccountAttribute(key="plan", name="Plan", kind="choice", choices=["Basic", "Pro, yearly"]),
    )
    return {attribute.key: save_attribute(attribute) for attribute in made}


class TestAnAccount:
    def test_keeps_values_whose_attribute_is_archived(self, acting: Cast) -> None:
        attributes = declare()
        account = factories.account(attributes=VALUES)
        archive_attribute(attributes["seats"], at=AT)
        account.city = "Lyon"
        save_account(account)
        account.attributes = VALUES | {"industry": "Banking"}
        save_account(account)
        account.attributes = VALUES | {"seats": 251}
        with pytest.raises(InvalidInput, match="No attribute in use"):
            save_account(account)
        restore_attribute(attributes["seats"])
        save_account(account)

    def test_keeps_a_choice_that_is_taken_away(self, acting: Cast) -> None:
        plan = declare()["plan"]
        account = factories.account(attributes={"plan": "Basic"})
        plan.choices = ["Free"]
        save_attribute(plan)
        account.attributes = {"plan": "Basic", "seats": 3}
        save_account(account)
        account.attributes = {"plan": "Pro, yearly"}
        with pytest.raises(InvalidInput, match="Choose one of Free"):
            save_account(account)

    def test_tells_true_from_one(self, acting: Cast) -> None:
        declare()
        account = factories.account(attributes={"seats": 1, "on-premises": True})
        for key, value in (("seats", True), ("on-premises", 1)):
            account.attributes = account.attributes | {key: value}
            with pytest.raises(InvalidInput):
                save_account(account)
            account.refresh_from_db()

    def test_asks_for_declarations_only_when_a_value_changes(self, acting: Cast) -> None:
        declare()
        account = factories.account(attributes=VALUES)
        counts = []
        for values in (VALUES, VALUES | {"seats": 1}, VALUES | {"seats": 1}):
            account.attributes = values
            with count_queries() as captured:
                save_account(account)
            counts.append(sum("accountattribute" in query["sql"] for query in captured))
        assert counts == [0, 1, 0]

    def test_is_judged_among_many(self, acting: Cast) -> None:
        declare()
        market = factories.market("FR")
        values: dict[str, Any] = {"market": market, "tier": "tier_1", "start_date": AT.date()}
        create_accounts([Account(name="A", attributes={"seats": 5}, **values)])
        with pytest.raises(InvalidInput, match="Give a number"):
            create_accounts([Account(name="B", attributes={"seats": "5"}, **values)])
        assert Account.objects.get().attributes == {"seats": 5}

    def test_says_in_words_what_is_known(self, acting: Cast) -> None:
        declare()
        assert in_words(VALUES | {"gone": 1}, declared()) == [
            "Industry: Retail",
            "On premises: no",
            "Plan: Basic",
            "Seats: 250",
        ]


class TestAnImport:
    def test_leaves_attributes_and_complexity_alone(self, acting: Cast) -> None:
        declare()
        first = lines("Acme,France,,900,")
        run(acting, first)
        account = Account.objects.get()
        assert (account.attributes, account.complexity) == ({}, "")
        account.attributes, account.complexity = VALUES, "high"
        save_account(account)
        changed = run(acting, first.replace(b"900", b"950"))
        assert changed.changed_rows == 1
        account.refresh_from_db()
        assert (account.attributes, account.complexity) == (VALUES, "high")
        assert run(acting, first.replace(b"900", b"950")).unchanged_rows == 1


class TestTheAdminOfAttributes:
    @pytest.fixture
    def leader(self, cast: Cast) -> Client:
        return browser(cast.leader)

    def test_declares_one_with_choices_line_by_line(self, cast: Cast, leader: Client) -> None:
        form = {"key": "plan", "name": "Plan", "kind": "choice", "choices": "Basic\r\n\r\nPro, y\n"}
        assert leader.post(address(AccountAttribute, "add"), form).status_code == 302
        with cast.acting():
            attribute = AccountAttribute.objects.get()
        assert attribute.choices == ["Basic", "Pro, y"]
        url = address(AccountAttribute, "change", attribute.pk)
        shown = shown_form(leader.get(url))
        assert shown["choices"] == ["Basic\nPro, y"]
        changed = typed(shown, name="Tariff", key="tariff", kind="text")
        assert leader.post(url, changed).status_code == 302
        with cast.acting():
            attribute.refresh_from_db()
        assert (attribute.name, attribute.key, attribute.kind) == ("Tariff", "plan", "choice")
        refused = leader.post(url, typed(shown_form(leader.get(url)), choices="A\nA"))
        assert "Each choice is there once." in refused.content.decode()

    def test_says_what_a_kind_without_choices_lacks(self, leader: Client) -> None:
        form = {"key": "plan", "name": "Plan", "kind": "choice", "choices": ""}
        page = leader.post(address(AccountAttribute, "add"), form).content.decode()
        assert "Choices belong to the kind" in page

    def test_archives_restores_and_exports(self, cast: Cast, leader: Client) -> None:
        with cast.acting():
            seats = declare()["seats"]
        leader.post(address(AccountAttribute, "archive", seats.pk), PRESSED)
        found = read_table(leader.get(address(AccountAttribute, "export")).content)
        assert [row.cells[0] for row in found.rows()] == ["industry", "on-premises", "plan"]
        leader.post(address(AccountAttribute, "restore", seats.pk), PRESSED)
        with cast.acting():
            assert len(declared()) == 4

    @pytest.mark.parametrize("who", ["manager", "analyst"])
    def test_lets_only_read_who_does_not_answer_for_all(self, cast: Cast, who: str) -> None:
        with cast.acting():
            seats = declare()["seats"]
        client = browser(getattr(cast, who))
        assert client.get(address(AccountAttribute, "changelist")).status_code == 200
        assert client.post(address(AccountAttribute, "add"), {}).status_code == 403
        for page in ("change", "archive"):
            url = address(AccountAttribute, page, seats.pk)
            assert client.post(url, PRESSED).status_code == 403


class TestTheAdminOfAccounts:
    @pytest.fixture
    def account(self, cast: Cast) -> Account:
        with cast.acting():
            declare()
            return factories.account(name="Acme", attributes=VALUES)

    def save(self, cast: Cast, account: Account, **values: Any) -> Any:
        """Send the form of an account with some attributes typed in."""
        client, url = browser(cast.leader), address(Account, "change", account.pk)
        form: Form = shown_form(client.get(url))
        named = {f"attributes.{key.replace('_', '-')}": value for key, value in values.items()}
        answer = client.post(url, typed(form, **named))
        with cast.acting():
            account.refresh_from_db()
        return answer

    def test_shows_each_as_a_field(self, cast: Cast, account: Account) -> None:
        page = browser(cast.leader).get(address(Account, "change", account.pk))
        form = shown_form(page)
        assert {key: form[f"attributes.{key}"] for key in VALUES} == {
            "industry": ["Retail"],
            "seats": ["250"],
            "on-premises": ["no"],
            "plan": ["Basic"],
        }
        assert "{" not in "".join(form["attributes.industry"])

    def test_sent_back_as_it_was_changes_nothing(self, cast: Cast, account: Account) -> None:
        assert self.save(cast, account).status_code == 302
        assert account.attributes == VALUES
        assert account.version == 2

    def test_saves_what_is_typed_and_forgets_what_is_emptied(
        self, cast: Cast, account: Account
    ) -> None:
        answer = self.save(cast, account, seats="0.5", on_premises="yes", industry="", plan="")
        assert answer.status_code == 302
        assert account.attributes == {"seats": 0.5, "on-premises": True}
        self.save(cast, account, seats="12.0", on_premises="")
        assert account.attributes == {"seats": 12}

    def test_says_beside_the_field_what_is_wrong(self, cast: Cast, account: Account) -> None:
        answer = self.save(cast, account, seats="many", industry="a\x85b")
        errors = answer.context["adminform"].form.errors
        assert set(errors) == {"attributes.seats"}
        answer = self.save(cast, account, industry="a\x85b")
        assert set(answer.context["adminform"].form.errors) == {"attributes.industry"}
        assert account.attributes == VALUES

    def test_leaves_alone_what_it_does_not_show(self, cast: Cast, account: Account) -> None:
        with cast.acting():
            archive_attribute(AccountAttribute.objects.get(key="industry"), at=AT)
            plan = AccountAttribute.objects.get(key="plan")
            plan.choices = ["Free"]
            save_attribute(plan)
        assert self.save(cast, account, seats="3").status_code == 302
        assert account.attributes == VALUES | {"seats": 3}

    def test_adds_an_account_with_them(self, cast: Cast, account: Account) -> None:
        client, url = browser(cast.leader), address(Account, "add")
        values = {"name": "New", "market": account.market_id, "tier": "tier_1"}
        form = typed(shown_form(client.get(url)), **values, start_date="2026-01-05")
        answer = client.post(url, typed(form, **{"attributes.seats": 7}))
        assert answer.status_code == 302
        with cast.acting():
            assert Account.objects.get(name="New").attributes == {"seats": 7}

    def test_tells_readers_in_words(self, cast: Cast, account: Account) -> None:
        page = browser(cast.analyst).get(address(Account, "change", account.pk)).content.decode()
        assert "Industry: Retail; On premises: no; Plan: Basic; Seats: 250" in page
        assert 'name="attributes.' not in page

    def test_tells_the_history_in_words(self, cast: Cast, account: Account) -> None:
        self.save(cast, account, seats="3")
        with cast.acting():
            entry = AuditEntry.objects.filter(table="accounts_account").latest("pk")
            assert entry.after == {"version": 2, "attributes": VALUES | {"seats": 3}}
        page = browser(cast.leader).get(address(Account, "history", account.pk)).content.decode()
        assert "seats: 3" in page
        assert "&#x27;seats&#x27;" not in page
