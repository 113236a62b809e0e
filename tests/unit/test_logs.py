"""What is not written into logs."""

import pytest

from cs_platform.logs import _without_secrets

OPENED_BY_A_LINK = (
    *("invitation", "agreement", "letters", "messages", "password/reset", "me/e-mail"),
    *("operator", "calendar"),
)


@pytest.mark.parametrize("page", OPENED_BY_A_LINK)
def test_the_secret_of_an_address_is_not_logged(page: str) -> None:
    said = _without_secrets(None, "info", {"request": f"GET /{page}/a-secret-link/"})
    assert said["request"] == f"GET /{page}/***/"
