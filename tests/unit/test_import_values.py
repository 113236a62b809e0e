"""From the text of a cell to a value: strict, and never by guessing."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.imports.columns import BY_FIELD, SPELLINGS, Field, spelled
from accounts.imports.values import (
    DateFormat,
    Formats,
    NumberFormat,
    Unfit,
    is_date_in_question,
    is_number_in_question,
    read_amount,
    read_currency,
    read_date,
)
from regions.countries import country_of
from toolkit.tables import BadCell

CLEAR = Formats()
JUNE_5 = dt.date(2026, 6, 5)
MAY_6 = dt.date(2026, 5, 6)


class TestADate:
    @pytest.mark.parametrize(
        "text",
        ["2026-06-05", " 2026-06-05 ", "2026-06-05T00:00:00Z", "2026-06-05 00:00", "2026年6月5日"],
    )
    def test_that_leaves_no_doubt_is_read_in_any_format(self, text: str) -> None:
        for order in DateFormat:
            assert read_date(text, Formats(dates=order)) == JUNE_5

    @pytest.mark.parametrize("text", ["05/06/2026", "25/06/2026", "5.6.2026", "2026/06/05"])
    def test_of_unknown_order_is_asked_for(self, text: str) -> None:
        assert is_date_in_question(text)
        with pytest.raises(Unfit, match="order"):
            read_date(text, CLEAR)

    @pytest.mark.parametrize(
        ("order", "text", "day"),
        [
            (DateFormat.DAY_FIRST, "05/06/2026", JUNE_5),
            (DateFormat.DAY_FIRST, "5.6.2026", JUNE_5),
            (DateFormat.DAY_FIRST, "5. 6. 2026", JUNE_5),
            (DateFormat.DAY_FIRST, "05-06-2026 00:00", JUNE_5),
            (DateFormat.MONTH_FIRST, "05/06/2026", MAY_6),
            (DateFormat.YEAR_FIRST, "2026/06/05", JUNE_5),
        ],
    )
    def test_is_read_in_the_order_that_was_told(
        self, order: DateFormat, text: str, day: dt.date
    ) -> None:
        assert read_date(text, Formats(dates=order)) == day

    @pytest.mark.parametrize(
        "text",
        ["05/06/26", "31/04/2026", "2026-02-29", "05/06-2026", "soon", "0000-01-01", "46178",
         "2026-06-05T13:00", "1899-12-31", "٠٥/٠٦/٢٠٢٦", "2026-6-5-1"],
    )  # fmt: skip
    def test_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(Unfit):
            read_date(text, Formats(dates=DateFormat.DAY_FIRST))

    def test_of_a_workbook_is_taken_as_it_is(self) -> None:
        assert read_date(JUNE_5, CLEAR) == JUNE_5


class TestAnAmount:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1234", "1234"),
            ("1234.5", "1234.50"),
            ("1234,5", "1234.50"),
            ("1,234,567", "1234567"),
            ("1.234.567,89", "1234567.89"),
            ("1,234.50", "1234.50"),
            ("12,34,567.00", "1234567"),
            ("1 234 567,5", "1234567.50"),
            ("1\u00a0234,50", "1234.50"),
            ("1\u202f234,50", "1234.50"),
            ("1'234'567.50", "1234567.50"),
            ("0.125e", None),
            ("+5", "5"),
            ("1,20", "1.20"),
            ("0,500", "0.50"),
            ("1234567.00", "1234567"),
        ],
    )
    def test_without_doubt_is_read(self, text: str, value: str | None) -> None:
        if value is None:
            with pytest.raises(Unfit):
                read_amount(text, CLEAR)
        else:
            assert not is_number_in_question(text)
            assert read_amount(text, CLEAR).value == Decimal(value)

    @pytest.mark.parametrize("text", ["1.234", "1,234", "€ 12.000", "999,000 EUR"])
    def test_that_could_be_two_is_asked_for(self, text: str) -> None:
        assert is_number_in_question(text)
        with pytest.raises(Unfit, match="point or a comma"):
            read_amount(text, CLEAR)

    @pytest.mark.parametrize(
        ("form", "text", "value"),
        [
            (NumberFormat.POINT, "1,234", "1234"),
            (NumberFormat.POINT, "1.23", "1.23"),
            (NumberFormat.COMMA, "1.234", "1234"),
            (NumberFormat.COMMA, "1.234,5", "1234.50"),
            (NumberFormat.COMMA, "1,5", "1.50"),
        ],
    )
    def test_is_read_by_the_mark_that_was_told(
        self, form: NumberFormat, text: str, value: str
    ) -> None:
        assert read_amount(text, Formats(numbers=form)).value == Decimal(value)

    @pytest.mark.parametrize(
        ("form", "text"),
        [
            (NumberFormat.COMMA, "1.23"),
            (NumberFormat.COMMA, "12.50"),
            (NumberFormat.POINT, "12,50"),
            (NumberFormat.POINT, "1.234.567"),
        ],
    )
    def test_against_the_mark_that_was_told_is_refused(self, form: NumberFormat, text: str) -> None:
        with pytest.raises(Unfit):
            read_amount(text, Formats(numbers=form))

    @pytest.mark.parametrize(
        "text",
        ["-5", "(5)", "1.2.3", "1,2,3", "5k", "5%", "٥", "1e9", "12345678901234", "1.005.5", "5 €€",
         "EUR 5 USD", "", "--5", "1,,5"],
    )  # fmt: skip
    def test_that_makes_no_sense_is_refused(self, text: str) -> None:
        with pytest.raises(Unfit):
            read_amount(text, CLEAR)

    @pytest.mark.parametrize(
        ("text", "currencies"),
        [
            ("€5", {"EUR"}),
            ("5 £", {"GBP"}),
            ("EUR 5", {"EUR"}),
            ("5 usd", {"USD"}),
            ("US$5", {"USD"}),
            ("A$ 5", {"AUD"}),
            ("5 lei", {"RON"}),
            ("5円", {"JPY"}),
            ("5", set()),
        ],
    )
    def test_tells_its_currency(self, text: str, currencies: set[str]) -> None:
        assert read_amount(text, CLEAR).currencies == currencies

    def test_in_dollars_may_be_of_several_countries(self) -> None:
        assert {"USD", "AUD", "NZD"} < read_amount("$5", CLEAR).currencies

    def test_of_a_cell_without_value_is_refused_with_its_reason(self) -> None:
        with pytest.raises(Unfit, match="formula"):
            read_amount(BadCell("=1", "A formula."), CLEAR)


@pytest.mark.parametrize("text", ["eur", "EUR", " eur "])
def test_a_currency_is_three_letters(text: str) -> None:
    assert read_currency(text) == "EUR"


@pytest.mark.parametrize("text", ["Euro", "€", "EU", "E1R"])
def test_anything_else_is_no_currency(text: str) -> None:
    with pytest.raises(Unfit):
        read_currency(text)


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Account Name", Field.NAME),  # Salesforce, Dynamics, Zoho
        ("Company name", Field.NAME),  # HubSpot
        ("Organization - Name", Field.NAME),  # Pipedrive
        ("Billing Country", Field.COUNTRY),
        ("Country/Region", Field.COUNTRY),
        ("Address 1: Country/Region", Field.COUNTRY),
        ("Account Owner: Email", Field.OWNER_EMAIL),
        ("owner_email", Field.OWNER_EMAIL),
        ("Owner E-Mail", Field.OWNER_EMAIL),
        ("Annual Recurring Revenue", Field.ARR),
        ("Contract End Date", Field.RENEWAL_DATE),
        ("Record ID", Field.EXTERNAL_ID),
        ("País", Field.COUNTRY),
        ("Pays", Field.COUNTRY),
        ("Land", Field.COUNTRY),
        ("会社名", Field.NAME),
        ("تاريخ التجديد", Field.RENEWAL_DATE),
        ("Țară", Field.COUNTRY),
    ],
)
def test_titles_of_crms_are_known(title: str, field: Field) -> None:
    assert SPELLINGS[spelled(title)][0] is field


@pytest.mark.parametrize("title", ["Annual Revenue", "Phone", "Revenue", "Email", ""])
def test_titles_of_something_else_are_not(title: str) -> None:
    assert spelled(title) not in SPELLINGS


@pytest.mark.parametrize("column", BY_FIELD.values(), ids=[str(field) for field in BY_FIELD])
def test_what_an_export_writes_is_found_again(column: object) -> None:
    title, field = column.title, column.field  # type: ignore[attr-defined]
    assert SPELLINGS[spelled(title)] == (field, 0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FR", "FR"),
        ("fra", "FR"),
        ("France", "FR"),
        ("Deutschland", "DE"),
        ("UK", "GB"),
        ("Royaume-Uni", "GB"),
        ("U.S.A.", "US"),
        ("Estados Unidos", "US"),
        ("日本", "JP"),
        ("المملكة العربية السعودية", "SA"),
        ("KSA", "SA"),
        ("Emirates", "AE"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_known_in_the_languages_of_the_pages(text: str, code: str | None) -> None:
    assert country_of(text) == code
