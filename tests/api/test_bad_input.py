"""No input gives a 500: bad values in every field, filter, address and body of every route."""

import json
import time
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from cs_platform.api import router
from tests import factories
from tests.architecture.rows import make_row
from tests.conftest import Cast, signed_in

JSON = "application/json"
ROUTES: dict[str, Any] = {prefix: view for prefix, view, _name in router.registry}

SHIPPED = {"library-markets": "FR", "library-playbooks": "onboarding"}
"""What ships is no row, so one is named by its key."""


def row_of(prefix: str, cast: Cast) -> str:
    """Return what names a row of a route; empty where there are figures only."""
    view = ROUTES[prefix]
    if not hasattr(view, "retrieve"):
        return ""
    return SHIPPED.get(prefix) or str(make_row(view.queryset.model, cast).pk)


BAD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "\0",
    "\ud800",
    "x" * 10_000,
    "٢٠٢٦",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "99999-01-01",
    "2026-02-30",
    "9999-12-31T23:59:59-23:59",
    "2026-01-01T00:00:00+23:55",
    "25:00",
    "NaN",
    "localtime",
    "Europe/../Paris",
    "00000000-0000-0000-0000-000000000000",
    [],
    [None],
    [1, "1", 8, -1],
    {},
    {"id": 1},
    [[["x"]]],
)

# What gets past the type of a field, and so reaches constraints, services and planning.
EXTREMES: tuple[Any, ...] = (
    None,
    True,
    0,
    32_767,
    "",
    "x",
    "0001-01-01",
    "9999-12-31",
    "localtime",
    [],
    [1],
)

BAD_TEXTS = [value for value in BAD_VALUES if isinstance(value, str)]

BAD_BODIES: tuple[Any, ...] = (
    "",
    "null",
    "[]",
    '"text"',
    "1",
    "{",
    '{"a": 1, "a": 2}',
    '{"a": NaN}',
    '{"a": 1e999}',
    '{"a": %s}' % ("9" * 5_000),
    "[" * 5_000,
    '{"a":' * 100 + "1" + "}" * 100,
    '{"name": "\\ud800"}',
    '{"\\u0000": 1}',
    b"\xff\xfe",
)


@pytest.fixture
def admin(cast: Cast) -> APIClient:
    return signed_in(cast.admin)


def is_problem(response: Any) -> bool:
    return bool(
        400 <= response.status_code < 500
        and response.headers["Content-Type"] == "application/problem+json"
        and response.json()["status"] == response.status_code
    )


@pytest.mark.parametrize("prefix", ROUTES)
class TestEveryRoute:
    def test_survives_bad_values_in_its_fields(
        self, prefix: str, cast: Cast, admin: APIClient
    ) -> None:
        view = ROUTES[prefix]
        if getattr(view, "write_right", None) is None or prefix in SHIPPED:
            pytest.skip("nothing is written here")
        row = make_row(view.queryset.model, cast)
        address = f"/api/v1/{prefix}/"
        serializer = view(action="create", request=None, format_kwarg=None).get_serializer()
        fields = [name for name, field in serializer.fields.items() if not field.read_only]
        # Encoded here: what the test client would not send, others may.
        for value in BAD_VALUES:
            body = json.dumps(dict.fromkeys(fields, value))
            assert admin.generic("POST", address, body, content_type=JSON).status_code < 500
        for name in fields if hasattr(view, "partial_update") else ():
            for value in EXTREMES:
                body, target = json.dumps({name: value}), f"{address}{row.pk}/"
                assert admin.generic("PATCH", target, body, content_type=JSON).status_code < 500

    def test_survives_bad_values_in_its_parameters(
        self, prefix: str, cast: Cast, admin: APIClient
    ) -> None:
        filterset = getattr(ROUTES[prefix], "filterset_class", None)
        names = [*(filterset.base_filters if filterset else ()), "page_size", "cursor", "ordering"]
        for name in names:
            for text in BAD_TEXTS:
                parameter = {name: text.encode("utf-8", "surrogatepass")}
                response = admin.get(f"/api/v1/{prefix}/", parameter)
                assert response.status_code == 200 or is_problem(response), (name, text)

    def test_answers_404_to_an_id_that_is_none(self, prefix: str, admin: APIClient) -> None:
        for text in ("x", "1", "-1", "9" * 40, "%00", "%ED%A0%80", "٢", "a b"):
            response = admin.get(f"/api/v1/{prefix}/{text}/")
            assert response.status_code == 404
            assert is_problem(response)

    def test_refuses_a_body_that_is_no_object(
        self, prefix: str, cast: Cast, admin: APIClient
    ) -> None:
        for body in BAD_BODIES:
            response = admin.generic("POST", f"/api/v1/{prefix}/", body, content_type=JSON)
            assert is_problem(response), body

    def test_refuses_a_parameter_that_nobody_declared(self, prefix: str, admin: APIClient) -> None:
        response = admin.get(f"/api/v1/{prefix}/", {"page_sise": "1"})
        assert is_problem(response)
        assert response.json()["errors"][0]["path"] == "page_sise"

    @pytest.mark.parametrize("wanted", ["json", "xml"])
    def test_takes_the_format_from_the_accept_header_only(
        self, prefix: str, admin: APIClient, wanted: str
    ) -> None:
        response = admin.get(f"/api/v1/{prefix}/", {"format": wanted})
        assert response.status_code == 400
        assert response.json()["errors"][0]["path"] == "format"

    def test_refuses_a_parameter_where_none_is_taken(
        self, prefix: str, cast: Cast, admin: APIClient
    ) -> None:
        view = ROUTES[prefix]
        row = row_of(prefix, cast)
        asked = [("get", f"{row}/?page_size=1"), ("head", f"{row}/?page_size=1")] if row else []
        if hasattr(view, "create"):
            asked.append(("post", "?page_size=1"))
        for extra in view.get_extra_actions():
            address = f"{row}/{extra.url_path}/" if extra.detail else f"{extra.url_path}/"
            # What comes in pages of its own takes their size.
            name = "unheard_of" if "query_serializer_class" in extra.kwargs else "page_size"
            asked += [(method, f"{address}?{name}=1") for method in extra.mapping]
        for method, address in asked:
            response = getattr(admin, method)(f"/api/v1/{prefix}/{address}")
            assert response.status_code == 400, (method, address)

    def test_answers_head_as_get_without_a_body(
        self, prefix: str, cast: Cast, admin: APIClient
    ) -> None:
        row = row_of(prefix, cast)
        for address in (f"/api/v1/{prefix}/", *([f"/api/v1/{prefix}/{row}/"] if row else [])):
            read, head = admin.get(address), admin.head(address)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers.get("ETag") == read.headers.get("ETag")

    def test_names_what_it_takes_when_asked_for_anything_else(
        self, prefix: str, admin: APIClient
    ) -> None:
        for method in ("OPTIONS", "TRACE", "PURGE"):
            response = admin.generic(method, f"/api/v1/{prefix}/")
            assert response.status_code == 405
            assert "GET" in response.headers["Allow"]
            assert method not in response.headers["Allow"]
            assert is_problem(response)


class TestParameters:
    @pytest.mark.parametrize("text", ["%00", "%FF", "%ED%A0%80"])
    def test_that_are_no_text_are_refused(self, admin: APIClient, text: str) -> None:
        answer = admin.get(f"/api/v1/accounts/?name=a{text}")
        assert is_problem(answer)
        assert [error["path"] for error in answer.json()["errors"]] == ["name"]


class TestBodies:
    def test_of_another_kind_are_refused(self, admin: APIClient) -> None:
        response = admin.generic(
            "POST", "/api/v1/regions/", "code=x", content_type="application/x-www-form-urlencoded"
        )
        assert response.status_code == 415
        assert is_problem(response)

    @pytest.mark.parametrize(
        ("body", "path", "code"),
        [
            ('{"name": "a", "code": "x", "name": "b"}', "name", "duplicate_key"),
            (
                '{"operations": [{}, {"id": {"a": 1, "a": 1}}]}',
                "operations[1].id.a",
                "duplicate_key",
            ),
            ('{"ab": {"name": "\\u0000"}}', "ab.name", "unstorable_character"),
            ('{"days": ["mon", "\\ud800"]}', "days[1]", "unstorable_character"),
            ('{"in": {"\\u0000": 1}}', "in", "unstorable_character"),
            ('{"a": {"\\ud800": 1}}', "a", "unstorable_character"),
            ('{"arr": %s}' % ("9" * 5_000), "arr", "too_many_digits"),
            ('{"arr": -1e999}', "arr", "too_many_digits"),
            ('{"arr": [0, NaN]}', "arr[1]", "no_number"),
            ('{"a": %s}' % ("[" * 40 + "]" * 40), "a" + "[0]" * 32, "too_deep"),
            ("[" * 100_000, "", "too_deep"),
            ("{", "", "no_json"),
            (b'{"name": "\xff"}', "", "no_json"),
        ],
    )
    def test_name_the_place_of_what_cannot_be_taken(
        self, admin: APIClient, body: Any, path: str, code: str
    ) -> None:
        answer = admin.generic("POST", "/api/v1/regions/", body, content_type=JSON)
        assert is_problem(answer)
        assert answer.json()["code"] == "parse_error"
        (error,) = answer.json()["errors"]
        assert (error["path"], error["code"]) == (path, code)

    def test_that_take_long_to_look_through_are_refused_at_once(self, admin: APIClient) -> None:
        many = ", ".join(f'"{number}": 1' for number in range(60_000))
        long = "x" * 500_000
        for body, path in (
            (f'{{{many}, "0": 1}}', "0"),
            (f'{{"{long}": [{"1, " * 150_000} NaN]}}', f"{long}[150000]"),
        ):
            begun = time.process_time()
            answer = admin.generic("POST", "/api/v1/regions/", body, content_type=JSON)
            assert answer.json()["errors"][0]["path"] == path
            assert time.process_time() - begun < 5

    def test_that_are_huge_are_refused(self, admin: APIClient) -> None:
        body = json.dumps({"name": "x" * 1_100_000})
        response = admin.generic("POST", "/api/v1/regions/", body, content_type=JSON)
        assert response.status_code == 413
        assert is_problem(response)


class TestAnswers:
    def test_in_another_format_are_refused(self, admin: APIClient) -> None:
        assert is_problem(admin.get("/api/v1/regions/", headers={"Accept": "text/html"}))

    @pytest.mark.parametrize("host", ["a b", "", "[::1"])
    def test_to_a_host_that_cannot_be_are_problems_too(self, admin: APIClient, host: str) -> None:
        assert is_problem(admin.get("/api/v1/regions/", headers={"Host": host}))
        page = admin.get("/", headers={"Host": host})
        assert page.status_code == 400
        assert page.headers["Content-Type"].startswith("text/html")

    def test_to_what_breaks_us_are_problems_too(
        self, admin: APIClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def break_down(*_: object, **__: object) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(ROUTES["regions"], "list", break_down)
        # Not the client of these tests: it refuses an answer that no document tells of.
        reader = Client(raise_request_exception=False)
        reader.cookies = admin.cookies
        answer = reader.get("/api/v1/regions/")
        assert answer.status_code == 500
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 500
        assert b"secret" not in answer.content

    @pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
    def test_at_a_wrong_address_are_problems_too(self, admin: APIClient, method: str) -> None:
        for address in ("/api/", "/api/v1/regionen/", "/api/v1/regions", "/api/v2/regions/"):
            response = getattr(admin, method)(address)
            assert response.status_code == 404
            assert is_problem(response)


class TestDays:
    @pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
    @pytest.mark.parametrize("name", ["start_date", "renewal_date"])
    def test_of_an_account_that_lie_far_off_are_refused(
        self, cast: Cast, admin: APIClient, name: str, day: str
    ) -> None:
        """A cadence counts from them: beyond the last year there is nothing to count to."""
        with cast.acting():
            account = factories.account()
            factories.cadence(stage=account.stage, tier=account.tier, unit="weeks", weekdays=[2])
        body = {"name": "X", "market": str(account.market_id), "tier": account.tier}
        body |= {"stage": account.stage, "start_date": "2026-01-05", name: day}
        for answer in (
            admin.post("/api/v1/accounts/", body),
            admin.patch(f"/api/v1/accounts/{account.pk}/", {name: day}),
        ):
            assert is_problem(answer)
            assert [error["path"] for error in answer.json()["errors"]] == [name]

    def test_at_both_ends_of_what_is_taken_are_planned_for(
        self, cast: Cast, admin: APIClient
    ) -> None:
        with cast.acting():
            account = factories.account()
            factories.cadence(tier="tier_1", stage="value", unit="weeks")
            factories.cadence(tier="tier_2", stage="value", unit="months")
        for tier in ("tier_1", "tier_2"):
            for day in ("1900-01-01", "2199-12-31"):
                change = {"tier": tier, "start_date": day, "renewal_date": day}
                answer = admin.patch(f"/api/v1/accounts/{account.pk}/", change)
                assert answer.status_code == 200

    def test_of_an_agreement_that_lie_far_off_are_refused(
        self, cast: Cast, admin: APIClient
    ) -> None:
        with cast.acting():
            account = factories.account()
        answer = admin.post(
            "/api/v1/working-agreements/", {"account": str(account.pk), "agreed_on": "9999-12-31"}
        )
        assert is_problem(answer)
        assert answer.json()["errors"][0]["path"] == "agreed_on"
