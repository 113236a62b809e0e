"""The description of the API is complete: generating it warns of nothing."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from cs_platform.api import router
from tests.api.contract import document, operations, resolved, validator


def test_the_schema_is_valid_and_without_warnings() -> None:
    schema = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=schema)
    for prefix, _view, _name in router.registry:
        assert f"/api/v1/{prefix}/:" in schema.getvalue()


class TestOperations:
    def test_are_described_in_words(self) -> None:
        assert len(list(operations())) > 130
        silent = [told["operationId"] for *_, told in operations() if not told.get("description")]
        assert silent == []

    def test_have_one_name_each(self) -> None:
        names = [told["operationId"] for *_, told in operations()]
        assert len(names) == len(set(names))
        assert {"tasks_complete", "markets_shift", "accounts_bulk"} <= set(names)

    def test_say_every_status_by_which_they_refuse(self) -> None:
        always = {"400", "401", "406", "429"}
        by_method = {
            "get": set(),
            "post": {"403", "409", "413", "415", "422"},
            "put": {"403", "404", "409", "412", "413", "415", "428"},
            "patch": {"403", "404", "409", "412", "413", "415", "428"},
            "delete": {"403", "404", "409", "412", "428"},
        }
        for path, method, told in operations():
            statuses = {status for status in told["responses"] if status >= "400"}
            of_row = {"404"} | ({"412"} if method == "post" else set()) if "{" in path else set()
            assert always | by_method[method] | of_row <= statuses, (method, path)
            assert "default" not in told["responses"]
            assert len([status for status in told["responses"] if status < "300"]) == 1

    def test_name_the_headers_that_they_take_and_give(self) -> None:
        for path, method, told in operations():
            taken = {
                parameter["name"]: parameter["required"]
                for parameter in told["parameters"]
                if parameter["in"] == "header"
            }
            expected = {"put": {"If-Match": True}, "post": {"Idempotency-Key": False}}
            expected["patch"] = expected["delete"] = expected["put"]
            if method == "post" and "{" in path:
                expected["post"] = {"Idempotency-Key": False, "If-Match": False}
            assert taken == expected.get(method, {}), (method, path)
            for answer in told["responses"].values():
                assert "RateLimit-Remaining" in resolved(answer)["headers"]
            assert "Retry-After" in resolved(told["responses"]["429"])["headers"]


class TestExamples:
    def test_fit_what_they_are_examples_of(self) -> None:
        wrong = []
        for path, method, told in operations():
            bodies = [told.get("requestBody", {}), *told["responses"].values()]
            for body in map(resolved, bodies):
                for media_type, content in body.get("content", {}).items():
                    if media_type.startswith("application/vnd."):
                        continue  # a file that is no text
                    judge = validator(content["schema"])
                    errors = judge.iter_errors(content["example"])
                    wrong += [(method, path, error.json_path, error.message) for error in errors]
        assert wrong == []

    def test_would_not_fit_just_anything(self) -> None:
        """The test above would pass with schemas that say nothing."""
        paths = document()["paths"]
        body = paths["/api/v1/accounts/"]["post"]["requestBody"]["content"]["application/json"]
        judge = validator(body["schema"])
        for change in ({"nmae": "x"}, {"tier": "tier_9"}, {"name": None}, {"market": "x"}):
            assert not judge.is_valid(body["example"] | change)


class TestBodies:
    def test_are_described_as_strictly_as_they_are_read(self) -> None:
        schemas = document()["components"]["schemas"]
        requests = {name: each for name, each in schemas.items() if name.endswith("Request")}
        assert len(requests) > 40
        open_ones = [name for name, each in requests.items() if each["additionalProperties"]]
        assert open_ones == []

    def test_of_a_change_leave_out_what_is_set_once(self) -> None:
        schemas = document()["components"]["schemas"]
        assert "account" in schemas["ContactRequest"]["properties"]
        assert "account" not in schemas["ChangedContactRequest"]["properties"]
        assert "account" not in schemas["PatchedChangedContactRequest"]["properties"]

    def test_are_described_for_who_sends_them(self) -> None:
        said = document()["components"]["schemas"]["Account"]["description"]
        assert said == "A customer company."


@pytest.mark.django_db
def test_can_be_read_as_a_page() -> None:
    client = APIClient()
    page = client.get("/api/docs/").content.decode()
    assert "https://" not in page
    (script,) = re.findall(r'<script src="(/api/docs/[^"]*)">', page)
    assert "/api/schema/" in client.get(script).content.decode()
