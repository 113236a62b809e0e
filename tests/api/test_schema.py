"""The description of the API is complete: generating it warns of nothing."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from cs_platform.api import router


def test_the_schema_is_valid_and_without_warnings() -> None:
    schema = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=schema)
    for prefix, _view, _name in router.registry:
        assert f"/api/v1/{prefix}/:" in schema.getvalue()


@pytest.mark.django_db
class TestTheSchema:
    def test_documents_problems_for_every_operation(self) -> None:
        response = APIClient().get("/api/schema/", headers={"Accept": "application/json"})
        paths = response.json()["paths"]
        operations = [
            operation
            for path, methods in paths.items()
            if path.startswith("/api/v1/")
            for operation in methods.values()
        ]
        assert len(operations) > 100
        for operation in operations:
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/Refused"}

    def test_can_be_read_as_a_page(self) -> None:
        client = APIClient()
        page = client.get("/api/docs/").content.decode()
        assert "https://" not in page
        (script,) = re.findall(r'<script src="(/api/docs/[^"]*)">', page)
        assert "/api/schema/" in client.get(script).content.decode()
