"""Today: who sees which tasks, where, and what is said of them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from regions.models import Assignment
from tenants.models import Membership
from tests import factories
from tests.conftest import Cast, count_queries, signed_in
from tests.integration.pages import a_cadence, a_task

pytestmark = pytest.mark.django_db

# A Wednesday: 17:00 in Paris, 01:00 of Thursday in Tokyo, 08:00 in Los Angeles.
NOW = "2026-05-13T16:00:00+00:00"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def today(member: Membership, query: str = "", **headers: str) -> str:
    """Return the page as ``member`` sees it."""
    response = signed_in(member).get(f"/{query}", headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def section(page: str, group: str) -> str:
    """Return the part of the page that shows one group."""
    found = re.search(rf'<section aria-labelledby="{group}".*?</section>', page, re.DOTALL)
    assert found
    return found.group()


class TestToday:
    def test_a_task_is_overdue_once_its_day_is_over_where_the_customer_is(self, cast: Cast) -> None:
        with cast.acting():
            for code, name in (("JP", "Tokyo Freight"), ("FR", "Paris Freight")):
                account = factories.account(
                    market=factories.market(code), name=name, owner=cast.csm
                )
                a_task(account, "2026-05-13")

        page = today(cast.csm)

        assert "Tokyo Freight" in section(page, "overdue")
        assert "Paris Freight" not in section(page, "overdue")
        assert "Paris Freight" in section(page, "today")

    def test_what_comes_within_two_weeks_follows_and_no_more(self, cast: Cast) -> None:
        with cast.acting():
            near = factories.account(name="Near", owner=cast.csm)
            far = factories.account(name="Far away", owner=cast.csm)
            a_task(near, "2026-05-27")
            a_task(far, "2026-05-28")

        page = today(cast.csm)

        assert "Near" in section(page, "next")
        assert "Far away" not in page

    def test_closed_tasks_are_not_shown(self, cast: Cast) -> None:
        with cast.acting():
            account = factories.account(name="Finished", owner=cast.csm)
            a_task(account, "2026-05-13", status="skipped")
        assert "Finished" not in today(cast.csm)

    def test_tabs_show_mine_unowned_and_where_i_work(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            Assignment.objects.create(membership=cast.csm, market=france)
            for name, owner, market in (
                ("Of mine", cast.csm, japan),
                ("Of nobody", None, japan),
                ("Of France", cast.leader, france),
            ):
                a_task(factories.account(name=name, owner=owner, market=market), "2026-05-20")

        def shown(query: str) -> list[str]:
            page = today(cast.csm, query)
            return [name for name in ("Of mine", "Of nobody", "Of France") if name in page]

        assert shown("") == ["Of mine"]
        assert shown("?show=unowned") == ["Of nobody"]
        assert shown("?show=region") == ["Of France"]
        # Everything is for leaders; a CSM who asks for it gets her own.
        assert shown("?show=all") == ["Of mine"]
        assert "Of nobody" in today(cast.leader, "?show=all")

    def test_filters_by_name_market_tier_and_channel(self, cast: Cast) -> None:
        with cast.acting():
            france, japan = factories.market("FR"), factories.market("JP")
            call = a_cadence(channel="call")
            paris = factories.account(
                name="Édouard & Fils", owner=cast.csm, market=france, tier="tier_2"
            )
            tokyo = factories.account(name="Sakura", owner=cast.csm, market=japan)
            factories.contact(account=tokyo, preferred_channel="message", is_primary=True)
            factories.agreement(account=tokyo, channel="video")
            for account in (paris, tokyo):
                a_task(account, "2026-05-20", cadence=call)

        def shown(query: str) -> list[str]:
            page = today(cast.csm, query)
            return [name for name in ("Édouard", "Sakura") if name in page]

        assert shown("?q=edou") == ["Édouard"]
        assert shown("?q=duard") == []
        assert shown(f"?market={japan.pk}") == ["Sakura"]
        assert shown("?tier=tier_2") == ["Édouard"]
        assert shown("?channel=call") == ["Édouard"]
        assert shown("?channel=message") == ["Sakura"]
        assert shown("?channel=video") == []

    @pytest.mark.parametrize(
        "query",
        [
            "?q=%00",
            "?market=00000000-0000-0000-0000-000000000000",
            "?market=x&tier=x&channel=x&show=x&group=x",
            "?group=next&after=nonsense",
            "?group=next&after=2026-02-30~x",
            "?after=%00~00000000-0000-0000-0000-000000000000&group=today",
        ],
    )
    def test_nonsense_in_the_address_shows_the_page(self, cast: Cast, query: str) -> None:
        with cast.acting():
            a_task(factories.account(name="Still here", owner=cast.csm), "2026-05-13")
        today(cast.csm, query)

    def test_pages_go_on_where_the_last_one_ended(self, cast: Cast) -> None:
        with cast.acting():
            names = [f"Account {number:03}" for number in range(120)]
            for name in names:
                a_task(factories.account(name=name, owner=cast.csm), "2026-05-20")

        seen: list[str] = []
        query = "?group=next"
        for _ in range(3):
            page = today(cast.csm, query, hx_request="true")
            seen += re.findall(r"<bdi>(Account \d+)</bdi>", page)
            following = re.search(r'hx-get="([^"]*after=[^"]*)"', page)
            if following:
                query = following.group(1).replace("&amp;", "&")

        assert sorted(seen) == names
        assert following is None

    def test_the_number_of_queries_does_not_grow_with_rows(self, cast: Cast) -> None:
        client = signed_in(cast.csm)

        def add(count: int) -> None:
            with cast.acting():
                for number in range(count):
                    market = factories.market(("FR", "JP", "US")[number % 3])
                    account = factories.account(owner=cast.csm, market=market)
                    factories.contact(account=account, is_primary=True)
                    factories.agreement(account=account, channel="video")
                    a_task(account, f"2026-05-{12 + number % 10}")

        add(3)
        client.get("/")  # builds the calendars, once per process
        with count_queries() as few:
            client.get("/")
        add(17)
        with count_queries() as many:
            client.get("/")
        assert len(many) == len(few)

    def test_another_organization_sees_none_of_it(self, cast: Cast, outsiders: Cast) -> None:
        with cast.acting():
            a_task(factories.account(name="Secret", owner=None), "2026-05-13")
        with outsiders.acting():
            factories.market("FR")
        for query in ("", "?show=all", "?show=unowned", "?show=all&q=sec"):
            assert "Secret" not in today(outsiders.leader, query)


class TestRow:
    def row(self, cast: Cast, due: str = "2026-05-14", **values: Any) -> str:
        """Return Today with one task in Tokyo, Thursday 01:00 there."""
        with cast.acting():
            account = factories.account(
                market=factories.market("JP"), name="Sakura", owner=cast.csm
            )
            contact = values.pop("contact", {})
            if contact is not None:
                factories.contact(account=account, is_primary=True, **contact)
            if agreement := values.pop("agreement", None):
                factories.agreement(account=account, **agreement)
            a_task(account, due, **values)
        return today(cast.csm)

    def test_says_when_the_customer_opens(self, cast: Cast) -> None:
        page = self.row(cast)
        assert "01:00 there" in page
        assert "closed, opens 09:00" in page

    def test_says_how_long_the_customer_is_open(self, cast: Cast) -> None:
        with time_machine.travel("2026-05-14T05:05:00+00:00", tick=False):
            page = self.row(cast)
        assert "14:05 there" in page
        assert re.search(r"\d h 55 min left", page)

    def test_agreed_hours_beat_those_of_the_market(self, cast: Cast) -> None:
        page = self.row(cast, agreement={"hours_from": 660, "hours_to": 720})
        assert "closed, opens 11:00" in page

    def test_names_the_day_when_the_customer_opens_later_this_week(self, cast: Cast) -> None:
        with time_machine.travel("2026-05-15T16:00:00+00:00", tick=False):
            assert "closed, opens Mon 09:00" in self.row(cast)

    def test_contact_beats_agreement_beats_cadence(self, cast: Cast) -> None:
        page = self.row(
            cast,
            contact={
                "phone": "+81 3-1234",
                "preferred_channel": "call",
                "language": "ja-JP",
                "name": "田中 美咲",
            },
            agreement={"channel": "video", "language": "en"},
        )
        assert 'href="tel:+8131234"' in page
        assert "田中 美咲" in page
        assert "Japanese" in page

    def test_the_agreement_beats_the_cadence(self, cast: Cast) -> None:
        page = self.row(cast, agreement={"channel": "in_person", "language": "ko"})
        assert "In person · <span" in page
        assert "Korean" in page

    def test_the_cadence_holds_where_nothing_was_agreed(self, cast: Cast) -> None:
        assert "Call · <span" in self.row(cast)

    def test_e_mail_is_a_link(self, cast: Cast) -> None:
        page = self.row(
            cast, contact={"email": "misaki@sakura.example", "preferred_channel": "email"}
        )
        assert 'href="mailto:misaki@sakura.example"' in page

    def test_the_language_of_the_market_holds_when_nothing_else_is_known(self, cast: Cast) -> None:
        page = self.row(cast, contact=None)
        assert "Japanese" in page
        assert "No contact" in page

    def test_says_why_a_task_moved_in_the_words_of_the_reader(self, cast: Cast) -> None:
        move = {
            "from": "2026-05-02",
            "to": "2026-05-07",
            "reason": "rest_day",
            "names": [["en", "Constitution Day"], ["ja", "憲法記念日"]],
        }
        page = self.row(cast, moves=[move])
        assert "Days off there from Sat, May 2 (Constitution Day): moved to Thu, May 7." in page

    def test_says_that_a_stand_in_is_needed_and_that_the_plan_changed(self, cast: Cast) -> None:
        page = self.row(cast, needs_stand_in=True, is_flagged=True)
        assert "Needs a stand-in" in page
        assert "The plan changed" in page

    def test_an_internal_check_in_contacts_nobody(self, cast: Cast) -> None:
        with cast.acting():
            internal = a_cadence(benefit="", title="Look at usage")
        page = self.row(
            cast, cadence=internal, contact={"preferred_channel": "email", "email": "a@b.example"}
        )
        assert "Internal: nobody is contacted" in page
        assert "mailto:" not in page

    def test_what_a_customer_wrote_is_text(self, cast: Cast) -> None:
        page = self.row(cast, contact={"name": "<script>alert(1)</script>"})
        assert "<script>alert" not in page


class TestEmptyLists:
    def test_without_accounts_it_says_who_adds_them(self, cast: Cast) -> None:
        with cast.acting():
            factories.market("FR")
        assert "There are no accounts yet" in today(cast.csm)

    def test_nothing_of_mine_leads_to_what_others_need(self, cast: Cast) -> None:
        with cast.acting():
            factories.account()
        page = today(cast.csm)
        assert "Nothing waits for you" in page
        assert "?show=unowned" in page

    def test_filters_that_hide_everything_can_be_reset(self, cast: Cast) -> None:
        with cast.acting():
            a_task(factories.account(owner=cast.csm), "2026-05-13")
        page = today(cast.csm, "?q=zzz")
        assert "Reset the filters" in page


class TestAnalyst:
    def test_sees_everything_and_no_button(self, cast: Cast) -> None:
        with cast.acting():
            a_task(factories.account(name="Visible", owner=cast.csm), "2026-05-13")
        page = today(cast.analyst)
        assert "Visible" in page
        assert "/done/" not in page
        assert "/move/" not in page
