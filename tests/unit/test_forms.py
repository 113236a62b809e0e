"""Form fields that every app shares."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from toolkit.forms import LAST_MINUTE, MinuteOfDayField


class TestMinuteOfDay:
    @pytest.mark.parametrize(
        ("text", "minutes"),
        [("09:30", 570), ("9:30", 570), (" 00:00 ", 0), ("23:59", 1439), ("24:00", 1440)],
    )
    def test_reads_hours_and_minutes(self, text: str, minutes: int) -> None:
        assert MinuteOfDayField().clean(text) == minutes

    @pytest.mark.parametrize("text", ["24:01", "25:00", "12:60", "noon", "570", "-1:00", "٠٩:٣٠"])
    def test_refuses_what_is_no_time(self, text: str) -> None:
        with pytest.raises(ValidationError):
            MinuteOfDayField().clean(text)

    def test_keeps_what_somebody_typed(self) -> None:
        assert MinuteOfDayField().prepare_value("noon") == "noon"

    def test_reads_nothing_as_nothing(self) -> None:
        assert MinuteOfDayField(required=False).clean("") is None

    @given(st.integers(0, LAST_MINUTE))
    def test_reads_back_what_it_shows(self, minutes: int) -> None:
        field = MinuteOfDayField()
        assert field.clean(field.prepare_value(minutes)) == minutes
        assert not field.has_changed(minutes, field.prepare_value(minutes))
