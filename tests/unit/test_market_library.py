import re
from datetime import date
from pathlib import Path

import pytest

from regions.calendars import WorkingCalendar, WorkingWeek
from regions.dimensions import SIDES, Dimension, Side, contradicts, dimension_of
from regions.hours import Interval
from regions.library import (
    PLATFORM_DEFAULT,
    LibraryMarket,
    MarketFileError,
    Scope,
    UnknownLibraryMarket,
    Urgency,
    library_market,
    load_library,
    read_market,
)
from regions.offsets import QuietPolicy

GULF = ["AE", "BH", "KW", "OM", "QA", "SA"]
CODES = sorted([*GULF, "AU", "DE", "ES", "FR", "GB", "JP", "NZ", "PH", "RO", "US"])

MON_TO_FRI = frozenset({1, 2, 3, 4, 5})
SUN_TO_THU = frozenset({7, 1, 2, 3, 4})
SAT_TO_WED = frozenset({6, 7, 1, 2, 3})

VALID = """
code = "XY"
name = "Somewhere"
country = "FR"
region = "EMEA"
time_zone = "Europe/Paris"
languages = ["fr-FR"]
currency = "EUR"

[[working_weeks]]
holds_from = 2010-01-01
weekdays = ["monday", "tuesday"]
source = "platform default"

[business_hours]
monday = ["09:00-12:00", "13:00-17:00"]
source = "platform default"

[[quiet_periods]]
name = "August"
start = 2026-08-01
end = 2026-08-31
policy = "after"
source = "platform default"

[[reports]]
article = "C"
practitioner = "Somebody"

[[reports.statements]]
dimension = "trust"
side = "continuity"
text = "Continuity is reported to matter."

[[reports.phrases]]
language = "fr-FR"
phrase = "Bonjour"
meaning = "Hello"
urgency = "low"
"""


@pytest.fixture
def market_file(tmp_path: Path) -> Path:
    path = tmp_path / "xy.toml"
    path.write_text(VALID, encoding="utf-8")
    return path


def working_week(market: LibraryMarket, day: date) -> frozenset[int]:
    return [week.weekdays for week in market.working_weeks if week.holds_from <= day][-1]


class TestTheLibrary:
    def test_it_has_exactly_its_sixteen_markets(self) -> None:
        assert list(load_library()) == CODES

    def test_a_market_is_found_whatever_the_case(self) -> None:
        assert library_market(" jp ").name == "Japan"

    @pytest.mark.parametrize(
        ("code", "suggestion"), [("Japn", "JP"), ("SAU", "SA"), ("Germany", "DE"), ("UAE", "AE")]
    )
    def test_an_unknown_market_is_answered_with_the_nearest(
        self, code: str, suggestion: str
    ) -> None:
        with pytest.raises(UnknownLibraryMarket) as caught:
            library_market(code)
        assert caught.value.suggestions[0] == suggestion
        assert len(caught.value.suggestions) <= 3

    def test_a_code_near_to_nothing_is_answered_with_all_of_them(self) -> None:
        with pytest.raises(UnknownLibraryMarket) as caught:
            library_market("%%%%")
        assert list(caught.value.suggestions) == CODES

    def test_england_and_new_south_wales_are_the_subdivisions_it_starts_with(self) -> None:
        with_subdivision = {
            code: market.subdivision
            for code, market in load_library().items()
            if market.subdivision
        }
        assert with_subdivision == {"GB": "ENG", "AU": "NSW"}
        assert "England" in library_market("GB").holidays_note
        assert "New South Wales" in library_market("AU").holidays_note


@pytest.mark.parametrize("market", load_library().values(), ids=lambda market: market.code)
class TestEveryMarket:
    def test_every_statement_is_worded_as_a_report_and_names_its_source(
        self, market: LibraryMarket
    ) -> None:
        assert market.statements
        for statement in market.statements:
            assert re.search("report|the practitioner", statement.text), statement.text
            assert statement.source.title
            assert statement.source.practitioner or statement.source.author
            if statement.source.practitioner:
                assert statement.source.employer

    def test_no_statement_speaks_of_people_by_their_nationality(
        self, market: LibraryMarket
    ) -> None:
        nationalities = (
            r"\b(Americans?|British|Brits?|French|Germans?|Spanish|Spaniards?|Romanians?|Japanese"
            r"|Filipinos?|Australians?|Saudis?|Emiratis?|Qataris?|Kuwaitis?|Bahrainis?|Omanis?"
            r"|Arabs?|Kiwis?|Muslims?)\b"
        )
        for statement in market.statements:
            assert not re.search(nationalities, statement.text), statement.text

    def test_what_nobody_reported_is_marked_as_ours(self, market: LibraryMarket) -> None:
        assert market.business_hours.source == PLATFORM_DEFAULT
        assert {season.source for season in market.seasons} <= {PLATFORM_DEFAULT}
        assert {period.source for period in market.quiet_periods} <= {PLATFORM_DEFAULT}

    def test_every_working_day_has_hours_and_no_other(self, market: LibraryMarket) -> None:
        worked = set(market.working_weeks[-1].weekdays)
        assert set(market.business_hours.weekly) == worked
        assert all(set(season.weekly) == worked for season in market.seasons)

    def test_its_own_language_leads(self, market: LibraryMarket) -> None:
        assert market.languages[0].endswith(f"-{market.country}")


class TestWorkingWeeks:
    @pytest.mark.parametrize(
        ("code", "day", "expected"),
        [
            ("AE", date(2021, 12, 31), SUN_TO_THU),
            ("AE", date(2022, 1, 1), MON_TO_FRI),
            ("SA", date(2013, 6, 28), SAT_TO_WED),
            ("SA", date(2013, 6, 29), SUN_TO_THU),
            ("OM", date(2013, 4, 30), SAT_TO_WED),
            ("OM", date(2013, 5, 1), SUN_TO_THU),
            ("QA", date(2010, 1, 1), SUN_TO_THU),
            ("KW", date(2026, 11, 21), SUN_TO_THU),
            ("BH", date(2026, 11, 21), SUN_TO_THU),
            ("JP", date(2026, 11, 21), MON_TO_FRI),
        ],
    )
    def test_each_holds_from_its_day(self, code: str, day: date, expected: frozenset[int]) -> None:
        assert working_week(library_market(code), day) == expected

    def test_the_first_working_day_of_2022_in_the_united_arab_emirates_is_a_monday(self) -> None:
        weeks = library_market("AE").working_weeks
        calendar = WorkingCalendar(
            weeks=tuple(WorkingWeek(week.holds_from, week.weekdays) for week in weeks),
            holidays=(),
            closures=(),
            extra_days=(),
            first_day=date(2021, 1, 1),
            last_day=date(2022, 12, 31),
        )
        assert calendar.is_working_day(date(2021, 12, 30))
        assert calendar.shift(date(2021, 12, 30), 1) == date(2022, 1, 3)


class TestHours:
    def test_friday_ends_at_noon_in_the_united_arab_emirates(self) -> None:
        assert library_market("AE").business_hours.weekly[5] == (Interval(540, 720),)

    @pytest.mark.parametrize("code", GULF)
    def test_ramadan_is_shorter_and_next_year_s_is_estimated(self, code: str) -> None:
        market = library_market(code)
        assert [season.estimated for season in market.seasons] == [False, True]
        for season in market.seasons:
            assert season.weekly[1] == (Interval(540, 900),)
            assert "aw" in season.note or "Resolution" in season.note

    def test_ramadan_2026_began_a_day_later_in_oman(self) -> None:
        starts = {code: library_market(code).seasons[0].start for code in GULF}
        assert starts.pop("OM") == date(2026, 2, 19)
        assert set(starts.values()) == {date(2026, 2, 18)}

    def test_only_the_gulf_has_seasons(self) -> None:
        assert [code for code, market in load_library().items() if market.seasons] == GULF


class TestReports:
    def test_the_three_phrases_of_the_united_kingdom(self) -> None:
        assert [
            (phrase.phrase, phrase.meaning, phrase.urgency)
            for phrase in library_market("GB").phrases
        ] == [
            ("I am slightly concerned", "I am extremely concerned", Urgency.HIGH),
            (
                "Can you kindly please update me on what's happened",
                "What on earth is going on?",
                Urgency.HIGH,
            ),
            ("We think that there is value here", "We are very interested", Urgency.NORMAL),
        ]
        assert [code for code, market in load_library().items() if market.phrases] == ["GB"]

    def test_response_clocks_are_reported_for_the_united_states_alone(self) -> None:
        [code] = [code for code, market in load_library().items() if market.response]
        assert code == "US"
        response = library_market("US").response
        assert response
        assert (response.reply_within_hours, response.gone_dark_after_days) == (24, 3)
        assert response.source.article == "A"

    def test_teams_and_customers_are_told_apart(self) -> None:
        about_teams = {
            code
            for code, market in load_library().items()
            if any(statement.scope is Scope.TEAMS for statement in market.statements)
        }
        assert about_teams == {"PH", "RO", "US"}
        assert all(s.scope is Scope.TEAMS for s in library_market("PH").statements)

    def test_thin_evidence_is_said(self) -> None:
        assert "thin evidence" in library_market("NZ").statements[0].source.note
        for code in GULF:
            notes = [statement.source.note for statement in library_market(code).statements]
            assert any("One voice for six markets" in note for note in notes)
            assert any("from outside" in note for note in notes)

    def test_in_france_a_visit_comes_before_a_call(self) -> None:
        sides = {s.dimension: s.side for s in library_market("FR").statements if s.side}
        assert sides[Dimension.MEETING_STYLE] is Side.IN_PERSON


class TestReadingAFile:
    def test_a_sound_file_is_read(self, market_file: Path) -> None:
        market = read_market(market_file)
        assert market.business_hours.weekly == {1: (Interval(540, 720), Interval(780, 1020))}
        assert market.working_weeks[0].weekdays == {1, 2}
        assert market.quiet_periods[0].policy is QuietPolicy.AFTER
        assert market.statements[0].source.practitioner == "Somebody"

    def test_an_interval_may_begin_when_the_one_before_it_ends(self, market_file: Path) -> None:
        market_file.write_text(VALID.replace("13:00-", "12:00-"), encoding="utf-8")
        assert read_market(market_file).business_hours.weekly[1][1] == Interval(720, 1020)

    @pytest.mark.parametrize(
        ("right", "wrong", "key", "reason"),
        [
            ('name = "Somewhere"', "", "name", "missing"),
            ('name = "Somewhere"', "name = 5", "name", "a text is needed"),
            ('name = "Somewhere"', 'name = " "', "name", "a text is needed"),
            ('code = "XY"', 'code = "XZ"', "code", "name of the file"),
            ('country = "FR"', 'country = "XX"', "country", "no holiday data"),
            (
                'country = "FR"',
                'country = "FR"\nsubdivision = "NSW"',
                "subdivision",
                "no holiday data",
            ),
            ('currency = "EUR"', 'currency = "Euro"', "currency", "ISO 4217"),
            ('currency = "EUR"', 'currency = "EUR"\ncolor = "red"', "color", "unknown key"),
            ('"Europe/Paris"', '"Factory"', "time_zone", "IANA"),
            ('"Europe/Paris"', '"Paris"', "time_zone", "IANA"),
            ('["fr-FR"]', '["french"]', "languages", "BCP 47"),
            ('["fr-FR"]', "[]", "languages", "missing"),
            ('["monday", "tuesday"]', '["lundi"]', "working_weeks[0].weekdays", "not a weekday"),
            ('["monday", "tuesday"]', '["monday", "monday"]', "working_weeks[0].weekdays", "twice"),
            ('["monday", "tuesday"]', "[]", "working_weeks[0].weekdays", "missing"),
            ("2010-01-01", "2011-01-01", "working_weeks", "no week holds"),
            ("2010-01-01", '"2010-01-01"', "working_weeks[0].holds_from", "a date"),
            ("2010-01-01", "2010-01-01T00:00:00", "working_weeks[0].holds_from", "a date"),
            ('"13:00-17:00"', '"11:00-17:00"', "business_hours.monday", "overlaps"),
            ('"13:00-17:00"', '"17:00-13:00"', "business_hours.monday", "close later"),
            ('"13:00-17:00"', '"13:00-24:30"', "business_hours.monday", "close later"),
            ('"13:00-17:00"', '"1pm-5pm"', "business_hours.monday", "09:00-17:30"),
            ("monday = [", "mondag = [", "business_hours.monday", "at least one weekday"),
            ("monday = [", "mon = []\nmonday = [", "business_hours.mon", "unknown key"),
            ("end = 2026-08-31", "end = 2026-07-31", "quiet_periods[0].end", "is before"),
            ('policy = "after"', 'policy = "never"', "quiet_periods[0].policy", "none of"),
            ('article = "C"', 'article = "Z"', "reports[0].article", "none of"),
            ('"trust"', '"humor"', "reports[0].statements[0].dimension", "none of"),
            ('"continuity"', '"direct"', "reports[0].statements[0].side", "not a side of trust"),
            ('urgency = "low"', 'urgency = "LOW"', "reports[0].phrases[0].urgency", "none of"),
            ("code =", "code = = ", "file", "line 2"),
        ],
    )
    def test_a_mistake_names_the_file_the_key_and_the_reason(
        self, market_file: Path, right: str, wrong: str, key: str, reason: str
    ) -> None:
        assert right in VALID
        market_file.write_text(VALID.replace(right, wrong, 1), encoding="utf-8")
        with pytest.raises(MarketFileError) as caught:
            read_market(market_file)
        assert caught.value.key == key
        assert reason in caught.value.reason
        assert str(caught.value).startswith("xy.toml: ")

    def test_working_weeks_follow_each_other(self, market_file: Path) -> None:
        again = '[[working_weeks]]\nholds_from = 2010-01-01\nweekdays = ["friday"]\nsource = "x"\n'
        market_file.write_text(VALID + again, encoding="utf-8")
        with pytest.raises(MarketFileError, match="later day than the last"):
            read_market(market_file)

    def test_shared_reports_come_from_their_own_file(
        self, market_file: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "region.toml").write_text(
            '[[reports]]\narticle = "D"\n[[reports.statements]]\ndimension = "trust"\ntext = "It."',
            encoding="utf-8",
        )
        market_file.write_text('shared_reports = ["region"]\n' + VALID, encoding="utf-8")
        market = read_market(market_file, reports=tmp_path)
        assert [statement.source.article for statement in market.statements] == ["C", "D"]

    def test_a_shared_report_that_does_not_exist_is_named(self, market_file: Path) -> None:
        market_file.write_text('shared_reports = ["moon"]\n' + VALID, encoding="utf-8")
        with pytest.raises(MarketFileError, match=r"moon\.toml: file"):
            read_market(market_file)


class TestDimensions:
    def test_every_side_belongs_to_one_dimension(self) -> None:
        assert sorted(side for sides in SIDES.values() for side in sides) == sorted(Side)
        assert set(SIDES) == set(Dimension)
        assert dimension_of(Side.REMOTE) is Dimension.MEETING_STYLE

    def test_opposite_sides_contradict_each_other_both_ways(self) -> None:
        assert contradicts(Side.DIRECT, Side.INDIRECT)
        assert contradicts(Side.INDIRECT, Side.DIRECT)
        assert contradicts(Side.INDIVIDUAL, Side.GROUP)

    def test_a_side_contradicts_neither_itself_nor_one_that_may_stand_beside_it(self) -> None:
        assert not contradicts(Side.DIRECT, Side.DIRECT)
        assert not contradicts(Side.INDIVIDUAL, Side.HIERARCHICAL)
        assert not contradicts(Side.EFFICIENCY, Side.RELIABILITY)
        assert not contradicts(Side.DIRECT, Side.IN_PERSON)
