"""The address of a member's calendar, as she sees it made: at both widths, and by axe."""

import pytest

from tests.browser.test_accessibility import Eyes, company, eyes  # noqa: F401  # fixtures
from tests.conftest import Cast, signed_in, user_of

NARROW, WIDE = 390, 1280


@pytest.mark.parametrize("language", ["en", "ar"])
def test_is_made_without_being_cut_off(
    eyes: Eyes,  # noqa: F811
    company: Cast,  # noqa: F811
    language: str,
) -> None:
    with company.acting():
        user = user_of(company.csm)
        user.language = language
        user.save()
    page = eyes.of(signed_in(company.csm))
    eyes.open(page, "/me/")
    page.click("form[action='/me/calendar/'] button")
    page.wait_for_selector("code.secret")
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    eyes.look(page, "/me/calendar/", widths=(NARROW, WIDE))
    assert not eyes.found, eyes.report()
