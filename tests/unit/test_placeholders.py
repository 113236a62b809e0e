"""The placeholders of message templates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.placeholders import PLACEHOLDERS, BadTemplate, filled_in, placeholders_in

BROKEN = [
    "Dear {",
    "Dear }",
    "Dear {contact_name",
    "Dear {}",
    "Dear {0}",
    "Dear {contact name}",
    "Dear {contact_name!r}",
    "Dear {contact_name:>9}",
    "Dear {contact_name.__class__}",
    "Dear {contact_name[0]}",
    "Dear {contact_name:{date}}",
]


class TestATemplate:
    def test_names_its_placeholders_in_order_and_once(self) -> None:
        template = "{date}: dear {contact_name}, {date}"
        assert placeholders_in(template) == ["date", "contact_name"]

    def test_may_hold_braces_of_its_own(self) -> None:
        assert placeholders_in("{{date}} and {{{date}}}") == ["date"]
        assert filled_in("{{date}} is {date}", {"date": "today"}) == "{date} is today"

    def test_keeps_a_placeholder_without_a_value(self) -> None:
        assert filled_in("Dear {contact_name}", {}) == "Dear {contact_name}"

    def test_never_reads_what_it_is_filled_with(self) -> None:
        assert filled_in("Dear {contact_name}", {"contact_name": "{date}", "date": "x"}) == (
            "Dear {date}"
        )

    @pytest.mark.parametrize("template", BROKEN)
    def test_that_is_broken_is_refused(self, template: str) -> None:
        with pytest.raises(BadTemplate):
            placeholders_in(template)
        with pytest.raises(BadTemplate):
            filled_in(template, dict.fromkeys(PLACEHOLDERS, "x"))

    @given(st.text(alphabet="ab{}:!.[] 0", max_size=20))
    def test_is_read_or_refused_whatever_it_is(self, template: str) -> None:
        try:
            names = placeholders_in(template)
        except BadTemplate:
            return
        assert all(name.isidentifier() for name in names)
        filled_in(template, {})

    @given(st.text())
    def test_with_its_braces_doubled_is_plain_text(self, text: str) -> None:
        written = text.replace("{", "{{").replace("}", "}}")
        assert filled_in(written, {}) == text
