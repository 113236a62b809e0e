"""Markets: adopting them, their calendar, and the distance between days."""

import pytest
from rest_framework.test import APIClient

from regions.models import Market, Season
from regions.services import save_part
from tests import factories
from tests.conftest import Cast, day, signed_in


@pytest.fixture
def leader(cast: Cast) -> APIClient:
    return signed_in(cast.leader)


@pytest.fixture
def japan(cast: Cast) -> Market:
    with cast.acting():
        return factories.market("JP")


class TestTheLibrary:
    def test_is_listed_and_read(self, leader: APIClient) -> None:
        codes = [market["code"] for market in leader.get("/api/v1/library-markets/").json()]
        assert codes == sorted(codes)
        assert "JP" in codes
        market = leader.get("/api/v1/library-markets/JP/").json()
        assert market["time_zone"] == "Asia/Tokyo"
        assert market["statements"][0]["source"]["title"]

    def test_lacks_what_nobody_described(self, leader: APIClient) -> None:
        assert leader.get("/api/v1/library-markets/XX/").status_code == 404


class TestAdopting:
    def test_copies_a_market_of_the_library(self, leader: APIClient) -> None:
        answer = leader.post("/api/v1/markets/adopt/", {"code": "JP"})
        assert answer.status_code == 201
        market = answer.json()
        assert (market["name"], market["library_code"]) == ("Japan", "JP")
        assert leader.get("/api/v1/phrases/", {"market": market["id"]}).status_code == 200

    def test_twice_is_refused(self, japan: Market, leader: APIClient) -> None:
        answer = leader.post("/api/v1/markets/adopt/", {"code": "JP"})
        assert (answer.status_code, answer.json()["code"]) == (409, "MarketExists")

    def test_an_unknown_market_is_refused(self, leader: APIClient) -> None:
        answer = leader.post("/api/v1/markets/adopt/", {"code": "XX"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "code"


class TestTheCalendar:
    def test_says_why_a_day_is_not_worked(self, japan: Market, leader: APIClient) -> None:
        query = {"from": "2026-05-01", "to": "2026-05-09"}
        days = leader.get(f"/api/v1/markets/{japan.pk}/calendar/", query).json()
        assert [each["working"] for each in days] == [True] + 5 * [False] + [True, True, False]
        assert [each["kind"] for each in days[1:4]] == ["rest_day", "holiday", "holiday"]
        constitution_day = days[2]["names"]
        assert constitution_day["en"] == "Constitution Day"
        assert constitution_day["ja"] == "憲法記念日"

    @pytest.mark.parametrize(
        ("first", "last", "path"),
        [
            ("2026-01-01", "2027-03-01", "to"),
            ("2026-01-02", "2026-01-01", "to"),
            ("1900-01-01", "1900-01-02", "from"),
            ("2150-01-01", "2150-01-02", "from"),
            ("9999-12-31", "9999-12-31", "from"),
            ("soon", "2026-01-01", "from"),
        ],
    )
    def test_refuses_days_that_it_cannot_tell(
        self, japan: Market, leader: APIClient, first: str, last: str, path: str
    ) -> None:
        query = {"from": first, "to": last}
        answer = leader.get(f"/api/v1/markets/{japan.pk}/calendar/", query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == path

    def test_says_which_years_are_known(self, japan: Market, leader: APIClient) -> None:
        query = {"from": "2150-01-01", "to": "2150-01-02"}
        answer = leader.get(f"/api/v1/markets/{japan.pk}/calendar/", query)
        assert "2010-01-01 to 2050-12-31" in answer.json()["detail"]


class TestShifting:
    @pytest.mark.parametrize(
        ("query", "date"),
        [
            ({"date": "2026-05-01", "offset": "1", "unit": "business_days"}, "2026-05-07"),
            ({"date": "2026-05-07", "offset": "-1", "unit": "business_days"}, "2026-05-01"),
            ({"date": "2026-04-01", "offset": "31", "unit": "days"}, "2026-05-07"),
            (
                {"date": "2026-04-01", "offset": "31", "unit": "days", "roll": "preceding"},
                "2026-05-01",
            ),
            ({"date": "2026-01-31", "offset": "3", "unit": "months"}, "2026-04-30"),
        ],
    )
    def test_leads_over_golden_week(
        self, japan: Market, leader: APIClient, query: dict[str, str], date: str
    ) -> None:
        answer = leader.get(f"/api/v1/markets/{japan.pk}/shift/", query)
        assert answer.json()["date"] == date

    def test_gives_the_instant_in_utc(self, japan: Market, leader: APIClient) -> None:
        query = {"date": "2026-05-01", "offset": "0", "unit": "days"}
        answer = leader.get(f"/api/v1/markets/{japan.pk}/shift/", query).json()
        assert answer["due_at"].startswith("2026-05-01T0")
        assert answer["due_at"].endswith("Z")

    def test_gives_no_instant_on_a_day_off(self, japan: Market, leader: APIClient) -> None:
        query = {"date": "2026-05-03", "offset": "0", "unit": "days", "roll": "none"}
        answer = leader.get(f"/api/v1/markets/{japan.pk}/shift/", query)
        assert answer.json() == {"date": "2026-05-03", "due_at": None}

    @pytest.mark.parametrize(
        ("query", "path"),
        [
            ({"date": "2150-01-01", "offset": "1", "unit": "days"}, "date"),
            ({"date": "2050-12-31", "offset": "9000", "unit": "months"}, "date"),
            ({"date": "2026-01-01", "offset": "9" * 30, "unit": "days"}, "offset"),
            ({"date": "2026-01-01", "offset": "1", "unit": "years"}, "unit"),
            ({"date": "2026-01-01", "offset": "1", "unit": "days", "rol": "none"}, "rol"),
        ],
    )
    def test_refuses_what_it_cannot_tell(
        self, japan: Market, leader: APIClient, query: dict[str, str], path: str
    ) -> None:
        answer = leader.get(f"/api/v1/markets/{japan.pk}/shift/", query)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == path


class TestParts:
    def test_hours_must_not_overlap(self, japan: Market, leader: APIClient) -> None:
        body = {"market": str(japan.pk), "weekday": 1, "opens": 0, "closes": 1440}
        answer = leader.post("/api/v1/business-hours/", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "opens"

    def test_hours_belong_to_a_season_of_their_market(
        self, cast: Cast, japan: Market, leader: APIClient
    ) -> None:
        with cast.acting():
            ramadan = save_part(
                Season(
                    market=factories.handmade_market(),
                    name="Ramadan",
                    start=day("2026-02-18"),
                    end=day("2026-03-19"),
                )
            )
        body = {
            "market": str(japan.pk),
            "season": str(ramadan.pk),
            "weekday": 1,
            "opens": 600,
            "closes": 900,
        }
        answer = leader.post("/api/v1/business-hours/", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == "season"

    def test_the_first_working_week_stays(self, japan: Market, leader: APIClient) -> None:
        weeks = leader.get("/api/v1/working-weeks/", {"market": str(japan.pk)}).json()["results"]
        address = f"/api/v1/working-weeks/{weeks[0]['id']}/"
        removed = leader.delete(address)
        moved = leader.patch(address, {"holds_from": "2026-01-01"})
        assert (removed.status_code, moved.status_code) == (400, 400)

    def test_a_closure_shows_in_the_calendar_at_once(
        self, japan: Market, leader: APIClient
    ) -> None:
        query = {"from": "2026-06-01", "to": "2026-06-01"}
        address = f"/api/v1/markets/{japan.pk}/calendar/"
        assert leader.get(address, query).json()[0]["working"]
        body = {
            "market": str(japan.pk),
            "name": "Founding day",
            "start": "2026-06-01",
            "end": "2026-06-01",
        }
        assert leader.post("/api/v1/closures/", body).status_code == 201
        assert leader.get(address, query).json()[0]["names"] == {"und": "Founding day"}


class TestTheProfile:
    def test_is_confirmed_and_withdrawn_by_people(
        self, cast: Cast, japan: Market, leader: APIClient
    ) -> None:
        listed = leader.get("/api/v1/cultural-statements/", {"market": str(japan.pk)}).json()
        address = f"/api/v1/cultural-statements/{listed['results'][0]['id']}/"
        confirmed = leader.post(f"{address}confirm/").json()
        assert confirmed["confirmed_by"] == str(cast.leader.pk)
        assert confirmed["confirmed_at"]
        withdrawn = leader.post(f"{address}withdraw/").json()
        assert withdrawn["withdrawn_at"]
        query = {"market": str(japan.pk), "withdrawn": "true"}
        assert len(leader.get("/api/v1/cultural-statements/", query).json()["results"]) == 1

    def test_is_not_confirmed_by_writing_so(self, japan: Market, leader: APIClient) -> None:
        listed = leader.get("/api/v1/cultural-statements/", {"market": str(japan.pk)}).json()
        address = f"/api/v1/cultural-statements/{listed['results'][0]['id']}/"
        answer = leader.patch(address, {"confirmed_at": "2026-01-01T00:00:00Z"})
        assert answer.status_code == 400
