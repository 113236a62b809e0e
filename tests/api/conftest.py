"""Every answer in these tests is held against the API's own document."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.api import contract


@pytest.fixture(autouse=True)
def keeps_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check whatever a client is answered."""
    request = APIClient.request

    def checked(client: APIClient, **kwargs: Any) -> Any:
        response = request(client, **kwargs)
        contract.check(response)
        return response

    monkeypatch.setattr(APIClient, "request", checked)
