"""What becomes of a form in the admin: saved by a service, or refused without losing a word."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts_services
from accounts.models import Account, WorkingAgreement
from engagement.services import plan_region_now
from outbox.models import Letter
from playbooks.models import Cadence
from regions import services as regions_services
from regions.models import BusinessHours, Closure, Market, Region, WorkingWeek
from talent.models import Leave
from tenants import services as tenants_services
from tenants.models import AuditEntry, Invitation, Membership, User
from tests import factories
from tests.admin_pages import add_line, address, browser, shown_form, typed
from tests.conftest import Cast


def messages_of(response: object) -> str:
    return " ".join(str(message) for message in response.context["messages"])  # type: ignore[attr-defined]


class TestAForm:
    def test_sent_back_as_it_was_changes_nothing_but_the_version(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("JP")
            before = Market.objects.filter(pk=market.pk).values().get()
            hours = list(BusinessHours.objects.order_by("pk").values())
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        assert client.post(url, shown_form(client.get(url))).status_code == 302
        with cast.acting():
            after = Market.objects.filter(pk=market.pk).values().get()
            assert after == before | {"version": before["version"] + 1}
            assert list(BusinessHours.objects.order_by("pk").values()) == hours

    def test_writes_the_audit_trail_through_the_door_of_the_admin(self, cast: Cast) -> None:
        client = browser(cast.leader)
        response = client.post(address(Region, "add"), {"code": "emea", "name": "EMEA"})
        assert response.status_code == 302
        with cast.acting():
            entry = AuditEntry.objects.get(table="regions_region")
            assert (entry.door, entry.actor_id) == ("admin", cast.leader.pk)

    def test_names_the_day_that_nobody_can_mean(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account()
            factories.cadence(every=1, unit="weeks")
        client = browser(cast.admin)
        url = address(Account, "change", account.pk)
        response = client.post(url, typed(shown_form(client.get(url)), start_date="9999-12-31"))
        assert response.status_code == 200
        errors = response.context["adminform"].form.errors
        assert errors == {"start_date": ["The year must lie between 1900 and 2199."]}

    def test_names_the_field_that_the_service_refuses(self, cast: Cast) -> None:
        with cast.acting():
            market = factories.market("GB")
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        response = client.post(
            url, typed(shown_form(client.get(url)), subdivision="XYZ", name="UK")
        )
        assert response.status_code == 200
        assert "subdivision" in response.context["adminform"].form.errors
        assert 'value="UK"' in response.content.decode()

    def test_says_that_a_code_is_taken(self, cast: Cast) -> None:
        with cast.acting():
            factories.region(code="emea")
        response = browser(cast.admin).post(
            address(Region, "add"), {"code": "emea", "name": "Another"}
        )
        assert "There is a region with this code." in response.content.decode()

    def test_asks_why_a_market_differs(self, cast: Cast) -> None:
        with cast.acting():
            cadence, market = factories.cadence(), factories.market("FR")
        client = browser(cast.admin)
        url = address(Cadence, "change", cadence.pk)
        response = client.post(url, typed(shown_form(client.get(url)), market=market.pk))
        assert "Say why it differs" in response.content.decode()

    def test_tells_the_second_person_who_was_faster(self, cast: Cast) -> None:
        with cast.acting():
            region = factories.region(name="Europe")
        url = address(Region, "change", region.pk)
        second = browser(cast.leader)
        opened = shown_form(second.get(url))
        first = browser(cast.admin)
        first.post(url, typed(shown_form(first.get(url)), name="EMEA"))

        told = second.post(url, typed(opened, name="Europe and more"))
        page = told.content.decode()
        assert "Admin of Alder changed this on" in page
        assert 'value="Europe and more"' in page
        assert "<del>Europe</del>" in page
        assert "<ins>EMEA</ins>" in page
        with cast.acting():
            assert Region.objects.get(pk=region.pk).name == "EMEA"

        assert second.post(url, shown_form(told)).status_code == 302
        with cast.acting():
            assert Region.objects.get(pk=region.pk).name == "Europe and more"

    def test_tells_of_an_agreement_that_somebody_changed_meanwhile(self, cast: Cast) -> None:
        with cast.acting():
            agreement = factories.agreement(account=factories.account(), decides="The CFO")
        client = browser(cast.admin)
        url = address(Account, "change", agreement.account_id)
        opened = shown_form(client.get(url))
        with cast.acting(cast.csm):
            stored = WorkingAgreement.objects.get()
            stored.decides = "The CEO"
            accounts_services.save_agreement(stored)
        name = next(name for name in opened if name.endswith("-0-decides"))
        response = client.post(url, typed(opened, **{name: "The board"}))
        page = response.content.decode()
        assert "CSM of Alder changed this" in page
        assert "<ins>The CEO</ins>" in page
        with cast.acting():
            assert WorkingAgreement.objects.get().decides == "The CEO"


class TestTheLinesOfAMarket:
    @pytest.fixture
    def market(self, cast: Cast) -> Market:
        with cast.acting():
            return factories.market("DE")

    def test_take_times_as_people_write_them(self, cast: Cast, market: Market) -> None:
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        page = client.get(url)
        assert 'value="09:00"' in page.content.decode()
        form = add_line(
            shown_form(page), "businesshours_set", weekday=6, opens="22:00", closes="24:00"
        )
        assert client.post(url, form).status_code == 302
        with cast.acting():
            saturday = BusinessHours.objects.get(market=market, weekday=6)
            assert (saturday.opens, saturday.closes) == (22 * 60, 24 * 60)

    def test_show_what_a_service_refuses_on_the_line(self, cast: Cast, market: Market) -> None:
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        form = add_line(
            shown_form(client.get(url)),
            "businesshours_set",
            weekday=1,
            opens="09:15",
            closes="23:00",
        )
        response = client.post(url, form)
        assert response.status_code == 200
        hours = next(
            inline.formset
            for inline in response.context["inline_admin_formsets"]
            if inline.opts.model is BusinessHours
        )
        assert "overlap" in str(hours.forms[-1].errors)
        assert 'value="23:00"' in response.content.decode()

    @pytest.mark.parametrize("change", [{"name": "Mine"}, {"DELETE": "on"}])
    def test_tell_who_changed_one_since_the_page_was_opened(
        self, cast: Cast, market: Market, change: dict[str, str]
    ) -> None:
        day = dt.date(2026, 5, 15)
        with cast.acting():
            closure = Closure(market=market, name="Bridge day", start=day, end=day)
            regions_services.save_part(closure)
        client, url = browser(cast.admin), address(Market, "change", market.pk)
        opened = shown_form(client.get(url))
        with cast.acting(cast.leader):
            closure.name = "Theirs"
            regions_services.save_part(closure)
        line = {f"closure_set-0-{name}": value for name, value in change.items()}
        told = client.post(url, typed(opened, **line))
        assert told.status_code == 200
        assert "CS leader of Alder changed this on" in told.content.decode()
        with cast.acting():
            assert Closure.objects.get().name == "Theirs"
        again = typed(shown_form(told), **line)
        assert client.post(url, again).status_code == 302
        with cast.acting():
            assert [row.name for row in Closure.objects.all()] == (
                ["Mine"] if "name" in change else []
            )

    def test_keep_one_working_week(self, cast: Cast, market: Market) -> None:
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        form = typed(shown_form(client.get(url)), **{"workingweek_set-0-DELETE": "on"})
        response = client.post(url, form)
        assert response.status_code == 200
        assert "One working week must hold" in response.content.decode()
        with cast.acting():
            assert WorkingWeek.objects.filter(market=market).exists()

    def test_change_the_working_days_by_checkbox(self, cast: Cast, market: Market) -> None:
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        form = typed(shown_form(client.get(url)), **{"workingweek_set-0-weekdays": [1, 2, 3, 4]})
        assert client.post(url, form).status_code == 302
        with cast.acting():
            assert WorkingWeek.objects.get(market=market).weekdays == [1, 2, 3, 4]

    def test_go_when_they_are_removed(self, cast: Cast, market: Market) -> None:
        with cast.acting():
            closure = regions_services.save_part(
                Closure(
                    market=market,
                    name="Bridge day",
                    start=dt.date(2026, 5, 15),
                    end=dt.date(2026, 5, 15),
                )
            )
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        form = typed(shown_form(client.get(url)), **{"closure_set-0-DELETE": "on"})
        assert client.post(url, form).status_code == 302
        with cast.acting():
            assert not Closure.objects.filter(pk=closure.pk).exists()


class TestRemoving:
    def test_a_region_in_use_is_refused_with_the_reason(self, cast: Cast) -> None:
        with cast.acting():
            region = factories.market("FR").region
        response = browser(cast.admin).post(
            address(Region, "delete", region.pk), {"post": "yes"}, follow=True
        )
        assert "still holds markets" in messages_of(response)

    def test_an_empty_region_goes(self, cast: Cast) -> None:
        with cast.acting():
            region = factories.region()
        browser(cast.admin).post(address(Region, "delete", region.pk), {"post": "yes"})
        with cast.acting():
            assert not Region.objects.exists()

    @pytest.mark.parametrize("make", [factories.account, factories.cadence, factories.market])
    def test_what_is_archived_or_closed_cannot_be_removed(self, cast: Cast, make: object) -> None:
        with cast.acting():
            row = make()  # type: ignore[operator]
        assert browser(cast.admin).get(address(row, "delete", row.pk)).status_code == 403


class TestMembers:
    def test_a_new_one_is_invited(self, cast: Cast) -> None:
        client = browser(cast.admin)
        form = {"email": "Noor@Example.com", "name": "Noor", "role": "csm", "language": "ar"}
        assert client.post(address(Membership, "add"), form).status_code == 302
        with cast.acting():
            letter = Letter.objects.get()
            invitation = Invitation.objects.select_related("membership").get()
        assert (letter.to, letter.language) == ("noor@example.com", "ar")
        assert invitation.membership.role == "csm"
        assert invitation.sent_by_id == cast.admin.pk
        assert not User.objects.filter(email="noor@example.com").exists()

    def test_a_leader_lets_in_who_does_the_work(self, cast: Cast) -> None:
        client = browser(cast.leader)
        url = address(Membership, "add")
        offered = client.get(url).context["adminform"].form.fields["role"].choices
        assert [value for value, _label in offered] == ["", "csm", "analyst"]
        form = {"email": "noor@example.com", "name": "Noor", "language": "en"}
        for role, status in (("admin", 200), ("csm", 302)):
            assert client.post(url, form | {"role": role}).status_code == status
        with cast.acting():
            assert Membership.objects.get(email="noor@example.com").role == "csm"

    def test_a_regional_manager_lets_nobody_in(self, cast: Cast) -> None:
        with cast.acting():
            prepared = tenants_services.prepare_members([tenants_services.Person("a@b.example")])
        client = browser(cast.manager)
        assert client.get(address(Membership, "add")).status_code == 403
        page = client.get(address(Membership, "change", prepared["a@b.example"].pk))
        assert "Send the invitation" not in page.content.decode()

    def test_the_invitation_is_sent_again_and_withdrawn(self, cast: Cast) -> None:
        with cast.acting():
            prepared = tenants_services.prepare_members([tenants_services.Person("a@b.example")])
        pk = prepared["a@b.example"].pk
        client = browser(cast.leader)
        page = client.get(address(Membership, "change", pk)).content.decode()
        assert "Send the invitation" in page
        assert "Withdraw the invitation" not in page
        for action, open_after in (("invite", True), ("withdraw_invitation", False)):
            url = reverse(f"admin:tenants_membership_{action}", args=[pk])
            assert client.post(url, {"_form_submitted": "True"}).status_code == 302
            with cast.acting():
                still_open = Invitation.objects.filter(membership=pk, withdrawn_at=None)
                assert still_open.exists() is open_after

    def test_many_are_invited_at_once(self, cast: Cast) -> None:
        with cast.acting():
            people = [tenants_services.Person(f"{name}@b.example") for name in "abc"]
            prepared = tenants_services.prepare_members(people)
        chosen = [member.pk for member in prepared.values()] + [cast.csm.pk]
        response = browser(cast.leader).post(
            address(Membership, "changelist"),
            {"action": "invite_selected", "_selected_action": chosen},
            follow=True,
        )
        assert "3 members are invited." in messages_of(response)
        with cast.acting():
            assert Letter.objects.count() == 3

    def test_who_leaves_may_still_own_accounts(self, cast: Cast) -> None:
        with cast.acting():
            factories.account(owner=cast.csm)
            factories.account()
            cast.csm.is_active = False
            tenants_services.save_member(cast.csm)
        client = browser(cast.admin)
        page = client.get(address(Membership, "change", cast.csm.pk)).content.decode()
        assert "owns 1 account and is inactive" in page
        listed = client.get(address(Account, "changelist"), {"owner__id__exact": str(cast.csm.pk)})
        assert len(listed.context["cl"].result_list) == 1

    def test_nobody_joins_twice(self, cast: Cast) -> None:
        form = {"email": "csm@alder.example", "name": "X", "role": "admin", "language": "en"}
        response = browser(cast.admin).post(address(Membership, "add"), form)
        assert "is a member already" in response.content.decode()

    def test_the_last_admin_stays(self, cast: Cast) -> None:
        client = browser(cast.admin)
        url = address(Membership, "change", cast.admin.pk)
        response = client.post(url, typed(shown_form(client.get(url)), role="analyst"))
        assert "is the last admin" in response.content.decode()

    def test_a_leader_notes_leave(self, cast: Cast) -> None:
        client = browser(cast.leader)
        url = address(Membership, "change", cast.csm.pk)
        form = add_line(shown_form(client.get(url)), "leaves", start="2026-08-03", end="2026-08-14")
        assert client.post(url, form).status_code == 302
        with cast.acting():
            assert Leave.objects.get().membership_id == cast.csm.pk


class TestNoInput:
    """No input gives a 500."""

    @pytest.mark.parametrize(
        "query",
        [
            "?p=x",
            "?q=%00",
            "?tier__exact=%00",
            "?archived=%00",
            "?market__id__exact=x",
            "?start_date__year=0",
            "?owner__user__email__startswith=a",
            "?o=1.2.-9",
            "?_to_field=x",
        ],
    )
    def test_breaks_a_list(self, cast: Cast, query: str) -> None:
        response = browser(cast.admin).get(address(Account, "changelist") + query)
        assert response.status_code in {200, 302, 400}

    @pytest.mark.parametrize("wrong", ["x", "%00", "0", "9" * 40, "٣"])
    @pytest.mark.parametrize("model", [Account, AuditEntry])
    def test_breaks_a_page(self, cast: Cast, model: type, wrong: str) -> None:
        url = address(model, "changelist") + f"{wrong}/change/"
        assert browser(cast.admin).get(url).headers["Location"] == "/admin/"

    @pytest.mark.parametrize(
        ("prefix", "line"),
        [
            ("quietperiod_set", {"start": "2020-01-01", "end": "9999-12-31", "policy": "after"}),
            ("closure_set", {"start": "0001-01-01", "end": "9999-12-31"}),
        ],
    )
    def test_leaves_planning_without_a_day(
        self, cast: Cast, prefix: str, line: dict[str, str]
    ) -> None:
        with cast.acting():
            market = factories.market("FR")
            factories.cadence(every=1, unit="weeks")
            factories.account(market=market)
            plan_region_now(region=market.region, now=timezone.now())
        client = browser(cast.admin)
        url = address(Market, "change", market.pk)
        form = add_line(shown_form(client.get(url)), prefix, name="For ever", **line)
        response = client.post(url, form)
        assert response.status_code == 200
        assert "would find no working day" in response.content.decode()
