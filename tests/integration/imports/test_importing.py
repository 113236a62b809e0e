"""What a file does to the accounts, and what it does not."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts import imports
from accounts import services as accounts_services
from accounts.choices import ImportStatus
from accounts.imports import ImportOptions
from accounts.models import Account
from engagement.models import Enrolment
from regions.choices import MarketStatus
from regions.models import Assignment, Market
from tenants import services as tenants_services
from tenants.models import AuditEntry, Membership
from tests import factories
from tests.conftest import Cast
from tests.integration.imports.files import NOW, lines, reasons, run, stored, uploaded
from toolkit.errors import InvalidInput

THREE = lines(
    'Acme,France,ann@x.example,"1,200.50",2027-01-01',
    "Beta,DE,Bob@x.example,900,",
    "Gamma,Japan,,,2027-02-01",
)


class TestTheFirstFile:
    def test_makes_accounts_markets_and_members(self, acting: Cast) -> None:
        made = run(acting, THREE)
        assert made.status == ImportStatus.DONE
        assert stored("name", "market__code", "owner__email", "arr", "renewal_date") == [
            ("Acme", "FR", "ann@x.example", Decimal("1200.50"), dt.date(2027, 1, 1)),
            ("Beta", "DE", "bob@x.example", Decimal(900), None),
            ("Gamma", "JP", None, None, dt.date(2027, 2, 1)),
        ]

    def test_plans_nothing_in_a_market_before_somebody_opens_it(self, acting: Cast) -> None:
        run(acting, THREE)
        assert set(Market.objects.values_list("status", flat=True)) == {MarketStatus.PREPARING}
        assert not Enrolment.objects.exists()

    def test_prepares_owners_without_inviting_them(self, acting: Cast) -> None:
        run(acting, THREE)
        ann = Membership.objects.get(email="ann@x.example")
        assert (ann.user_id, ann.role, ann.name) == (None, "csm", "ann")

    def test_names_new_owners_as_the_file_does(self, acting: Cast) -> None:
        content = lines("A,FR,ann@x.example,Ann Ash", header="Name,Country,Owner e-mail,Owner name")
        run(acting, content)
        assert Membership.objects.get(email="ann@x.example").name == "Ann Ash"

    def test_gives_new_accounts_the_day_of_the_import_and_the_first_stage(
        self, acting: Cast
    ) -> None:
        run(acting, THREE)
        assert set(stored("start_date", "stage")) == {(NOW.date(), "onboarding")}

    def test_enrols_accounts_of_an_open_market_at_once(self, acting: Cast) -> None:
        factories.market("FR")
        factories.cadence(tier="tier_1", stage="onboarding")
        run(acting, lines("Acme,France,,1000,"))
        assert Enrolment.objects.get().account.name == "Acme"


class TestTheSameFileTwice:
    def test_changes_nothing(self, acting: Cast) -> None:
        run(acting, THREE)
        before = stored("pk", "version")
        entries = AuditEntry.objects.exclude(table__contains="import").count()
        again = run(acting, THREE)
        assert (again.unchanged_rows, again.written_rows) == (3, 0)
        assert stored("pk", "version") == before
        assert AuditEntry.objects.exclude(table__contains="import").count() == entries

    def test_changes_only_what_differs(self, acting: Cast) -> None:
        run(acting, THREE)
        again = run(acting, THREE.replace(b"900", b"950"))
        assert (again.changed_rows, again.unchanged_rows) == (1, 2)
        assert stored("name", "arr", "version")[1] == ("Beta", Decimal(950), 2)

    def test_leaves_alone_what_no_column_is_about(self, acting: Cast) -> None:
        account = factories.account(name="Acme", city="Lyon", stage="value")
        run(acting, lines("Acme,FR,2027-01-01", header="Name,Country,Renewal date"))
        account.refresh_from_db()
        assert (account.city, account.stage, account.tier) == ("Lyon", "value", "tier_1")
        assert account.renewal_date == dt.date(2027, 1, 1)

    def test_clears_what_its_cell_leaves_empty(self, acting: Cast) -> None:
        account = factories.account(name="Acme", city="Lyon", owner=acting.csm, arr=5)
        run(acting, lines("Acme,FR,,,", header="Name,Country,City,Owner e-mail,ARR"))
        account.refresh_from_db()
        assert (account.city, account.owner, account.arr) == ("", None, None)

    def test_keeps_what_an_account_cannot_be_without(self, acting: Cast) -> None:
        account = factories.account(name="Acme", currency="EUR", stage="value")
        header = "Name,Country,Currency,Tier,Stage,Customer since"
        made = run(acting, lines("Acme,FR,,,,", header=header))
        account.refresh_from_db()
        assert made.unchanged_rows == 1
        assert (account.currency, account.stage, account.version) == ("EUR", "value", 1)

    def test_moves_an_account_by_its_external_id(self, acting: Cast) -> None:
        factories.market("DE")
        account = factories.account(name="Acme", external_id="7")
        run(acting, lines("7,Acme SE,DE", header="Account ID,Name,Country"))
        account.refresh_from_db()
        assert (account.name, account.search_name) == ("Acme SE", "acme se")
        assert account.market.code == "DE"

    def test_takes_part_of_the_columns_where_ids_tell_the_accounts(self, acting: Cast) -> None:
        account = factories.account(name="Acme", external_id="7")
        run(acting, lines("7,500", header="Account ID,ARR"))
        account.refresh_from_db()
        assert account.arr == 500

    def test_replans_what_moved(self, acting: Cast) -> None:
        cadence = factories.cadence(tier="tier_2", stage="value")
        account = factories.account(name="Acme", external_id="7")
        run(acting, lines("7,tier 2", header="Account ID,Tier"))
        assert Enrolment.objects.get(account=account).cadence == cadence


class TestAnAccount:
    def test_is_known_by_its_external_id_before_its_name(self, acting: Cast) -> None:
        first = factories.account(name="Acme", external_id="1")
        second = factories.account(name="Acme", external_id="2")
        run(acting, lines("2,Acme,FR,Lyon", header="Account ID,Name,Country,City"))
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.city, second.city) == ("", "Lyon")

    def test_is_known_by_name_and_market_whatever_case_and_accents(self, acting: Cast) -> None:
        account = factories.account(name="Société Générale")
        made = run(acting, lines("SOCIETE GENERALE,France,,,"))
        account.refresh_from_db()
        assert (made.changed_rows, account.name) == (1, "SOCIETE GENERALE")

    def test_of_another_market_is_another_one(self, acting: Cast) -> None:
        factories.account(name="Acme")
        made = run(acting, lines("Acme,Spain,,,"))
        assert made.new_rows == 1

    def test_without_an_external_id_takes_the_one_that_the_file_brings(self, acting: Cast) -> None:
        account = factories.account(name="Acme")
        made = run(acting, lines("7,Acme,FR", header="Account ID,Name,Country"))
        account.refresh_from_db()
        assert (made.changed_rows, account.external_id) == (1, "7")

    def test_is_not_picked_where_two_have_its_name(self, acting: Cast) -> None:
        factories.account(name="Acme")
        factories.account(name="ACME")
        made = run(acting, lines("Acme,FR,,,"))
        assert reasons(made) == [(2, "Name", "Acme", "2 accounts of this market have this name.")]

    def test_in_use_is_picked_before_an_archived_one(self, acting: Cast) -> None:
        old = factories.account(name="Acme", city="Lyon")
        accounts_services.archive_account(old, at=NOW)
        account = factories.account(name="Acme")
        run(acting, lines("Acme,FR,Paris", header="Name,Country,City"))
        account.refresh_from_db()
        old.refresh_from_db()
        assert (account.city, old.city) == ("Paris", "Lyon")

    def test_stands_in_a_file_once(self, acting: Cast) -> None:
        made = run(acting, lines("Acme,FR,,,", "Other,FR,,,", "acme,France,,,"))
        assert [(row, reason) for row, _, _, reason in reasons(made)] == [
            (2, "This account stands in row 4, too."),
            (4, "This account stands in row 2, too."),
        ]
        assert not Account.objects.exists()

    def test_may_not_be_told_by_two_rows_in_two_ways(self, acting: Cast) -> None:
        account = factories.account(name="Acme", external_id="7")
        header = "Platform id,Account ID,Name,Country"
        made = run(acting, lines(f"{account.pk},7,Acme,FR", ",7,Acme,FR", header=header))
        assert made.bad_rows == 2

    def test_cannot_take_the_external_id_of_another(self, acting: Cast) -> None:
        account = factories.account(name="Acme", external_id="1")
        factories.account(name="Beta", external_id="2")
        made = run(acting, lines(f"{account.pk},2", header="Platform id,Account ID"))
        assert reasons(made) == [(2, "Account ID", "2", "Another account has this external id.")]

    @pytest.mark.parametrize("pk", ["7", "01a200ad-143c-7b53-83b8-57f24a6a4f3b"])
    def test_is_not_made_up_from_an_id_of_ours(self, acting: Cast, pk: str) -> None:
        made = run(acting, lines(f"{pk},Acme,FR", header="Platform id,Name,Country"))
        assert reasons(made) == [(2, "Platform id", pk, "There is no account with this id here.")]


class TestBadRows:
    ROWS = lines("Acme,France,,x,", ",France,nobody,,2027-02-30", "Good,France,,5,")

    def test_are_all_named_with_row_column_value_and_reason(self, acting: Cast) -> None:
        made = run(acting, self.ROWS)
        assert made.status == ImportStatus.CHECKED
        assert (made.rows, made.bad_rows) == (3, 2)
        assert reasons(made) == [
            (2, "ARR", "x", "This is not an amount. Write it as 1234.50."),
            (3, "Name", "", "This must not be empty."),
            (3, "Owner e-mail", "nobody", "This is not an e-mail address."),
            (3, "Renewal date", "2027-02-30", "There is no such day."),
        ]

    def test_leave_nothing(self, acting: Cast) -> None:
        run(acting, self.ROWS)
        assert not Account.objects.exists()
        assert not Market.objects.exists()
        assert not Membership.objects.filter(user=None).exists()

    def test_are_passed_over_where_the_good_ones_are_enough(self, acting: Cast) -> None:
        made = run(acting, self.ROWS, good_rows_only=True)
        assert made.status == ImportStatus.DONE
        assert stored("name", "arr") == [("Good", Decimal(5))]
        assert made.bad_rows == 2

    def test_keep_an_import_from_being_applied(self, acting: Cast) -> None:
        made = imports.check(uploaded(acting, self.ROWS), by=acting.leader, at=NOW)
        with pytest.raises(imports.ImportNotClean):
            imports.apply(made, by=acting.leader, at=NOW)

    def test_come_from_too_long_texts(self, acting: Cast) -> None:
        content = lines(f"{'x' * 201},FR,", f"A,FR,{'y' * 101}", header="Name,Country,City")
        assert [reason for *_, reason in reasons(run(acting, content))] == [
            "At most 200 characters fit; these are 201.",
            "At most 100 characters fit; these are 101.",
        ]

    def test_come_from_a_name_that_search_cannot_hold(self, acting: Cast) -> None:
        made = run(acting, lines("\ufdfa" * 200 + ",FR,,,"))
        assert [reason for *_, reason in reasons(made)] == [
            "This name is too long once it is spelled out."
        ]

    def test_come_from_amounts_that_do_not_fit(self, acting: Cast) -> None:
        rows = [
            f"A{n},FR,{arr}" for n, arr in enumerate(("-1", "1234.567", "1e5", "9" * 14, "9" * 60))
        ]
        made = run(acting, lines(*rows, header="Name,Country,ARR"))
        assert [reason for *_, reason in reasons(made)] == [
            "This must not be negative.",
            "At most two decimals fit.",
            "This is not an amount. Write it as 1234.50.",
            "This is too large.",
            "This is too large.",
        ]

    def test_come_from_an_owner_who_is_not_active(self, acting: Cast) -> None:
        acting.csm.is_active = False
        tenants_services.save_member(acting.csm)
        made = run(acting, lines(f"Acme,FR,{acting.csm.email},,"))
        assert [reason for *_, reason in reasons(made)] == ["This member is not active."]


class TestMarkets:
    def test_are_asked_for_where_a_value_leaves_them_open(self, acting: Cast) -> None:
        made = run(acting, lines("Acme,Brazil,,,", "Beta,Atlantis,,,"))
        assert {(value, reason) for _, _, value, reason in reasons(made)} == {
            (name, "There is no market for this yet: say which one, or leave it out.")
            for name in ("Brazil", "Atlantis")
        }

    def test_are_taken_as_a_person_says(self, acting: Cast) -> None:
        market = factories.handmade_market(name="Brazil South", country="BR", code="BR-S")
        content = lines("Acme,Brasilia,,,", "Beta,Atlantis,,,", "Gamma,Germany,,,")
        made = run(
            acting,
            content,
            countries={"brasilia": f"market:{market.code}", "Atlantis": "leave_out"},
        )
        assert (made.new_rows, made.left_out_rows) == (2, 1)
        assert stored("name", "market__code") == [("Acme", "BR-S"), ("Gamma", "DE")]

    def test_of_one_country_have_to_be_told_apart(self, acting: Cast) -> None:
        factories.handmade_market(code="US-W", country="US", name="West", languages=["en-US"])
        factories.handmade_market(code="US-E", country="US", name="East", languages=["en-US"])
        made = run(acting, lines("Acme,USA,,,", "Beta,US-W,,,", "Gamma,east,,,"))
        assert [(row, value) for row, _, value, _ in reasons(made)] == [(2, "USA")]

    def test_of_the_organization_come_before_those_of_the_library(self, acting: Cast) -> None:
        factories.handmade_market(code="X1", country="FR", name="Hexagone", languages=["fr-FR"])
        run(acting, lines("Acme,France,,,"))
        assert stored("market__code") == [("X1",)]


class TestTiers:
    HEADER = "Name,Country,ARR"

    def test_follow_the_revenue_a_tenth_and_two_more(self, acting: Cast) -> None:
        rows = [f"A{n:02},FR,{1000 - n}" for n in range(20)]
        run(acting, lines(*rows, "Z,FR,", header=self.HEADER))
        tiers = [tier for (tier,) in stored("tier")]
        assert tiers == ["tier_1"] * 2 + ["tier_2"] * 4 + ["tier_3"] * 15

    def test_begin_where_a_person_says(self, acting: Cast) -> None:
        content = lines("A,FR,100", "B,FR,50", "C,FR,49.99", header=self.HEADER)
        run(acting, content, tier_floors={"USD": ["100", "50"]})
        assert stored("tier") == [("tier_1",), ("tier_2",), ("tier_3",)]

    def test_are_found_for_each_currency_alone(self, acting: Cast) -> None:
        rows = ("A,FR,100,EUR", "B,FR,9000,JPY", "C,FR,8000,JPY")
        run(acting, lines(*rows, header="Name,Country,ARR,Currency"))
        assert stored("tier") == [("tier_1",), ("tier_1",), ("tier_3",)]

    def test_of_accounts_that_are_there_stay(self, acting: Cast) -> None:
        account = factories.account(name="Acme", tier="tier_3")
        run(acting, lines("Acme,FR,1000000", header=self.HEADER))
        account.refresh_from_db()
        assert (account.arr, account.tier) == (Decimal(1_000_000), "tier_3")


class TestMoney:
    HEADER = "Name,Country,ARR"

    def test_brings_its_currency_along(self, acting: Cast) -> None:
        run(acting, lines("A,FR,€ 5", "B,FR,7 GBP", "C,FR,$9", header=self.HEADER))
        assert stored("arr", "currency") == [(5, "EUR"), (7, "GBP"), (9, "USD")]

    def test_is_in_the_currency_that_a_person_says(self, acting: Cast) -> None:
        run(acting, lines("A,FR,5", "B,FR,$9", header=self.HEADER), default_currency="AUD")
        assert stored("arr", "currency") == [(5, "AUD"), (9, "AUD")]

    def test_is_in_that_of_the_home_market_otherwise(self, acting: Cast) -> None:
        from regions.services import set_home_market

        set_home_market(factories.market("JP"))
        run(acting, lines("A,FR,5", header=self.HEADER))
        assert stored("currency") == [("JPY",)]

    def test_does_not_take_a_dollar_for_a_euro(self, acting: Cast) -> None:
        made = run(acting, lines("A,FR,$5,EUR", header="Name,Country,ARR,Currency"))
        assert reasons(made) == [(2, "ARR", "5.00", "The account's currency is EUR.")]


class TestWhatIsAsked:
    def test_an_order_of_day_and_month_is_never_guessed(self, acting: Cast) -> None:
        # Every day is above 12, so that a guess would even be right.
        content = lines("A,FR,,,25/06/2026", "B,FR,,,26/06/2026")
        made = run(acting, content)
        assert [reason for *_, reason in reasons(made)] == [
            "Say in which order day, month and year are written here."
        ] * 2
        proposal = imports.propose(uploaded(acting, content))
        assert proposal.asks_date_format
        assert proposal.date_formats == ("day_first",)

    def test_both_orders_are_offered_where_both_read_every_day(self, acting: Cast) -> None:
        proposal = imports.propose(uploaded(acting, lines("A,FR,,,05/06/2026")))
        assert proposal.date_formats == ("day_first", "month_first")

    @pytest.mark.parametrize(
        ("form", "day"),
        [("day_first", dt.date(2026, 6, 5)), ("month_first", dt.date(2026, 5, 6))],
    )
    def test_the_order_that_was_told_is_used(self, acting: Cast, form: str, day: dt.date) -> None:
        run(acting, lines("A,FR,,,05/06/2026", "B,FR,,,2026-03-04"), date_format=form)
        assert stored("renewal_date") == [(day,), (dt.date(2026, 3, 4),)]

    def test_a_decimal_mark_that_could_be_another_is_asked_for(self, acting: Cast) -> None:
        content = lines("A,FR,,1.234,", "B,FR,,5,")
        assert imports.propose(uploaded(acting, content)).asks_number_format
        assert run(acting, content).bad_rows == 1
        run(acting, content, number_format="comma")
        assert stored("arr") == [(1234,), (5,)]

    def test_two_columns_of_one_name_are_told_apart_by_a_person(self, acting: Cast) -> None:
        content = lines("A,B,FR", header="Name,Name,Country")
        proposal = imports.propose(uploaded(acting, content))
        assert [column.header for column in proposal.columns] == ["Name", "Name (2)", "Country"]
        assert [column.field for column in proposal.doubtful] == ["name"]
        run(acting, content, columns={"Name (2)": "name"})
        assert stored("name") == [("B",)]

    def test_a_file_without_names_and_ids_is_refused(self, acting: Cast) -> None:
        made = uploaded(acting, lines("FR", header="Country"))
        with pytest.raises(InvalidInput):
            imports.check(made, by=acting.leader, at=NOW)

    def test_an_unknown_encoding_can_be_told_later(self, acting: Cast) -> None:
        content = "Name,Country\nMüller,DE\n".encode("cp1252")
        made = uploaded(acting, content)
        trouble = imports.propose(made).trouble
        assert trouble is not None
        assert (trouble.about, trouble.offers[0]) == ("encoding", "windows-1252")
        options = ImportOptions(encoding="windows-1252")
        made = imports.configure(made, options=options)
        imports.run_now(made, by=acting.leader, at=NOW)
        assert stored("name") == [("Müller",)]

    def test_an_owner_column_is_known_by_what_it_holds(self, acting: Cast) -> None:
        content = lines("A,FR,ann@x.example", header="Name,Country,Account Owner")
        fields = [column.field for column in imports.propose(uploaded(acting, content)).columns]
        assert fields == ["name", "country", "owner_email"]


class TestOneWhoWorksInSomeMarkets:
    def check(self, cast: Cast, content: bytes) -> set[str]:
        made = imports.upload(content=content, name="a.csv", by=cast.csm)
        made = imports.check(made, by=cast.csm, at=NOW)
        return {reason for *_, reason in reasons(made)}

    @pytest.fixture(autouse=True)
    def works_in_france(self, acting: Cast) -> None:
        Assignment.objects.create(membership=acting.csm, market=factories.market("FR"))
        factories.market("DE")

    def test_imports_there(self, acting: Cast) -> None:
        assert self.check(acting, lines("Acme,FR,,,")) == set()

    def test_imports_nowhere_else(self, acting: Cast) -> None:
        assert self.check(acting, lines("Acme,DE,,,")) == {"You do not work in this market."}

    def test_takes_no_account_away_from_others(self, acting: Cast) -> None:
        factories.account(name="Acme", external_id="7", market=factories.market("DE"))
        content = lines("7,Acme,FR", header="Account ID,Name,Country")
        assert self.check(acting, content) == {"You do not work in the market of this account."}

    def test_changes_no_account_of_others(self, acting: Cast) -> None:
        factories.account(name="Acme", external_id="7", market=factories.market("DE"))
        assert self.check(acting, lines("7,5", header="Account ID,ARR")) == {
            "You do not work in the market of this account."
        }

    def test_adds_no_market_and_no_member(self, acting: Cast) -> None:
        assert self.check(acting, lines("Acme,JP,,,", "Beta,FR,new@x.example,,")) == {
            "A CS leader has to add this market first.",
            "There is no member with this address; a CS leader can add one.",
        }


class TestAnImport:
    def test_is_judged_anew_when_it_is_written(self, acting: Cast) -> None:
        made = imports.check(uploaded(acting, THREE), by=acting.leader, at=NOW)
        factories.account(name="Beta", market=factories.market("DE"))
        factories.account(name="BETA", market=factories.market("DE"))
        made = imports.apply(made, by=acting.leader, at=NOW)
        assert made.status == ImportStatus.CHECKED
        assert made.failure == "The accounts changed since the check: look at it again."
        assert made.bad_rows == 1
        assert Account.objects.count() == 2

    def test_changes_fresh_accounts_and_says_so(self, acting: Cast) -> None:
        account = factories.account(name="Acme")
        made = imports.check(uploaded(acting, THREE), by=acting.leader, at=NOW)
        account.city = "Lyon"
        accounts_services.save_account(account)
        made = imports.apply(made, by=acting.leader, at=NOW)
        account.refresh_from_db()
        assert (made.changed_rows, account.version, account.city) == (1, 3, "Lyon")

    def test_has_to_be_checked_first(self, acting: Cast) -> None:
        with pytest.raises(imports.ImportNotChecked):
            imports.apply(uploaded(acting, THREE), by=acting.leader, at=NOW)

    def test_has_to_be_checked_again_after_its_options_changed(self, acting: Cast) -> None:
        made = imports.check(uploaded(acting, THREE), by=acting.leader, at=NOW)
        made = imports.configure(made, options=ImportOptions(default_stage="value"))
        assert (made.status, made.rows) == (ImportStatus.UPLOADED, None)
        with pytest.raises(imports.ImportNotChecked):
            imports.apply(made, by=acting.leader, at=NOW)

    def test_is_written_once(self, acting: Cast) -> None:
        made = run(acting, THREE)
        with pytest.raises(imports.ImportOver):
            imports.apply(made, by=acting.leader, at=NOW)

    def test_is_over_once_it_is_cancelled(self, acting: Cast) -> None:
        made = imports.cancel(uploaded(acting, THREE))
        assert made.status == ImportStatus.CANCELLED
        with pytest.raises(imports.ImportOver):
            imports.check(made, by=acting.leader, at=NOW)

    def test_keeps_its_bytes_and_problems_out_of_the_audit_trail(self, acting: Cast) -> None:
        run(acting, lines("Canary,Nowhere,,x,"))
        trail = str(list(AuditEntry.objects.values_list("table", "before", "after")))
        assert "accounts_accountimport" in trail
        assert "importproblem" not in trail
        assert "content" not in trail

    def test_of_an_empty_list_does_nothing(self, acting: Cast) -> None:
        made = run(acting, lines())
        assert (made.status, made.rows, made.written_rows) == (ImportStatus.DONE, 0, 0)

    def test_is_invisible_to_another_organization(self, cast: Cast, outsiders: Cast) -> None:
        with outsiders.acting():
            factories.account(name="Acme", external_id="7")
        with cast.acting():
            made = run(cast, lines("7,Acme,FR", header="Account ID,Name,Country"))
            assert made.new_rows == 1
        with outsiders.acting():
            assert Account.objects.get().version == 1
