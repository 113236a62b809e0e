"""What a person decides about a file of accounts, with everything proposed already chosen."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Stage
from accounts.imports import COLUMNS, ImportOptions, Proposal
from accounts.imports.markets import LEAVE_OUT
from accounts.imports.values import DateFormat, NumberFormat
from toolkit.tables import DELIMITERS, ENCODINGS, FileKind

DATE_FORMATS = {
    DateFormat.ISO: _("Year-month-day, as in 2026-06-05"),
    DateFormat.DAY_FIRST: _("Day, month, year: 05/06/2026 is in June"),
    DateFormat.MONTH_FIRST: _("Month, day, year: 05/06/2026 is in May"),
    DateFormat.YEAR_FIRST: _("Year, month, day: 2026/06/05 is in June"),
}
NUMBER_FORMATS = {
    NumberFormat.CLEAR: _("Only where there is no doubt"),
    NumberFormat.POINT: _("A point: 1,234.50"),
    NumberFormat.COMMA: _("A comma: 1.234,50"),
}
READING = ("encoding", "delimiter", "sheet")


class UploadForm(forms.Form):
    """Takes a file."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX, at most 30 MB, with the names of the columns in the first row."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )


class ImportForm(forms.Form):
    """The options of one import, made from what its file seems to hold."""

    good_rows_only = forms.BooleanField(
        label=_("Import the good rows even if others are bad"), required=False
    )
    default_currency = forms.CharField(
        label=_("Currency, where the file says none"), required=False, max_length=3
    )
    default_stage = forms.ChoiceField(
        label=_("Stage of new accounts, where the file says none"),
        required=False,
        choices=Stage.choices,
    )
    default_start_date = forms.DateField(
        label=_("Customers since, where the file says nothing"),
        help_text=_("Empty: the day of the import."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any = None, *, proposal: Proposal, options: ImportOptions) -> None:
        super().__init__(
            data,
            initial={
                "good_rows_only": options.good_rows_only,
                "default_currency": options.default_currency or proposal.default_currency,
                "default_stage": options.default_stage or Stage.ONBOARDING,
                "default_start_date": options.default_start_date,
            },
        )
        self._proposal, self._options = proposal, options
        self._add_reading()
        if proposal.table is not None:
            self._add_columns()
            self._add_formats()
            self._add_countries()
            self._add_tiers()

    @property
    def reading_changed(self) -> bool:
        """Whether the file is to be read otherwise, so that all the rest has to be looked at."""
        return any(name in self.changed_data for name in READING)

    def reading(self) -> list[Any]:
        """Return the fields on how the file is read."""
        return [self[name] for name in READING if name in self.fields]

    def columns(self) -> Iterator[tuple[Any, Any]]:
        """Yield every column of the file with its field."""
        for number, column in enumerate(self._proposal.columns):
            yield column, self[f"column-{number}"]

    def countries(self) -> Iterator[tuple[Any, Any]]:
        """Yield every value of the country column with its field."""
        for number, country in enumerate(self._proposal.countries):
            yield country, self[f"country-{number}"]

    def tiers(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield every currency with the fields of its floors."""
        for tier in self._proposal.tiers:
            yield tier, self[f"tier-1-{tier.currency}"], self[f"tier-2-{tier.currency}"]

    def fitting_date_formats(self) -> list[Any]:
        """Return the orders of day and month that read every date of the file."""
        return [DATE_FORMATS[each] for each in self._proposal.date_formats]

    def formats(self) -> list[Any]:
        """Return the fields on dates and numbers."""
        return [self["date_format"], self["number_format"]]

    def defaults(self) -> list[Any]:
        """Return the fields on what new accounts get."""
        return [self["default_currency"], self["default_stage"], self["default_start_date"]]

    def options(self) -> ImportOptions:
        """Return what was chosen.

        :raises InvalidInput: for what makes no sense.
        """
        values = self.cleaned_data
        reading = {name: values[name] for name in READING if name in self.fields}
        if self.reading_changed or self._proposal.table is None:
            return self._options.changed(reading | {"columns": {}, "countries": {}})
        day = values["default_start_date"]
        return self._options.changed(
            reading
            | {
                "columns": {column.header: field.data or "" for column, field in self.columns()},
                "countries": {
                    country.value: field.data for country, field in self.countries() if field.data
                },
                "tier_floors": {
                    tier.currency: [str(values[first.name]), str(values[second.name])]
                    for tier, first, second in self.tiers()
                },
                "date_format": values["date_format"],
                "number_format": values["number_format"],
                "default_currency": values["default_currency"],
                "default_stage": values["default_stage"],
                "default_start_date": day and day.isoformat(),
                "good_rows_only": values["good_rows_only"],
            }
        )

    def _add_reading(self) -> None:
        table, trouble = self._proposal.table, self._proposal.trouble
        if table is None or table.kind == FileKind.CSV:
            names = trouble.offers if trouble and trouble.about == "encoding" else ENCODINGS
            known = [(name, label) for name, label in ENCODINGS.items() if name in names]
            self._choose("encoding", _("Encoding"), known, table and table.encoding)
            delimiters = list(DELIMITERS.items())
            self._choose("delimiter", _("Separator"), delimiters, table and table.delimiter)
        elif len(table.sheets) > 1:
            sheets = [(name, name) for name in table.sheets]
            self._choose("sheet", _("Sheet"), sheets, table.sheet)
        if table is None:
            # What is not told is found out.
            self.fields["delimiter"].required = False

    def _add_columns(self) -> None:
        choices = [("", _("Not imported")), *((each.field, each.label) for each in COLUMNS)]
        for number, column in enumerate(self._proposal.columns):
            self._choose(f"column-{number}", column.header, choices, column.field)

    def _add_formats(self) -> None:
        self._choose("date_format", _("Dates"), DATE_FORMATS.items(), self._options.date_format)
        self._choose(
            "number_format",
            _("Decimals follow"),
            NUMBER_FORMATS.items(),
            self._options.number_format,
        )

    def _add_countries(self) -> None:
        for number, country in enumerate(self._proposal.countries):
            choices = [
                ("", _("Choose…")),
                *_offers(country.offers),
                (LEAVE_OUT, _("Leave these rows out")),
            ]
            self._choose(f"country-{number}", country.value, choices, country.choice)

    def _add_tiers(self) -> None:
        for tier in self._proposal.tiers:
            for number, floor in enumerate(tier.floors, 1):
                self.fields[f"tier-{number}-{tier.currency}"] = forms.DecimalField(
                    label=_("Tier 1 from") if number == 1 else _("Tier 2 from"),
                    initial=floor,
                    min_value=0,
                    max_digits=15,
                    decimal_places=2,
                )

    def _choose(self, name: str, label: Any, choices: Any, initial: Any) -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=list(choices),
            initial=initial or "",
            required=name in ("encoding", "delimiter", "sheet"),
        )


def _offers(offers: Any) -> Iterator[tuple[str, Any]]:
    """Tell the markets that are there from those that the import would add."""
    yield pgettext_lazy("markets", "Yours"), [each for each in offers if each[0][0] == "m"]  # type: ignore[misc]
    yield (
        pgettext_lazy("markets", "From the library"),  # type: ignore[misc]
        [each for each in offers if each[0][0] == "a"],
    )
