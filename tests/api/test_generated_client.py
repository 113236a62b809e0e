"""A client that a program wrote from our document does an integrator's work."""

import datetime as dt
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from tenants import services as tenants_services
from tenants.choices import Scope
from tests import factories
from tests.conftest import Cast, make_cast
from tests.integration.pages import a_task
from toolkit.api.files import XLSX
from toolkit.uuid7 import uuid7

PACKAGE = "generated_client"
GENERATOR = "import openapi_python_client.cli as cli; cli.app()"
CONFIG = {
    "post_hooks": [],
    # What a file may be, the generator does not know: bytes.
    "content_type_overrides": dict.fromkeys(("text/csv", XLSX), "application/octet-stream"),
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of the API, as a file."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    call_command("spectacular", "--format", "openapi-json", "--file", str(path))
    return path


@pytest.fixture(scope="module")
def package(document: Path) -> Iterator[ModuleType]:
    """The generated client. A warning of the generator, which leaves things out then, fails."""
    folder = document.parent
    config = folder / "config.json"
    config.write_text(json.dumps(CONFIG))
    made = subprocess.run(
        [sys.executable, "-c", GENERATOR, "generate", "--meta", "none", "--fail-on-warning"]
        + ["--path", document, "--config", config, "--output-path", folder / PACKAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(folder))


@dataclass(frozen=True)
class Generated:
    """The generated client, signed in, with its functions found by what they ask for."""

    document: dict[str, Any]
    client: Any

    def call(self, method: str, path: str, *ids: UUID, **arguments: Any) -> Any:
        """Call the function of one operation."""
        operation = self.document["paths"][f"/api/v1/{path}"][method]
        tag = operation["tags"][0].replace("-", "_")
        module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation['operationId']}")
        return module.sync_detailed(*ids, client=self.client, **arguments)


def model(name: str) -> Any:
    """Return a class of the client."""
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


def test_has_every_operation(document: Path, package: ModuleType) -> None:
    paths = json.loads(document.read_text())["paths"].values()
    operations = {operation["operationId"] for methods in paths for operation in methods.values()}
    made = {file.stem for file in (document.parent / PACKAGE / "api").glob("*/*.py")}
    assert made - {"__init__"} == operations


class TestAnIntegrator:
    @pytest.fixture
    def company(self, transactional_db: None) -> Cast:
        return make_cast("Alder")

    @pytest.fixture
    def api(
        self, document: Path, package: ModuleType, company: Cast, live_server: LiveServer
    ) -> Iterator[Generated]:
        with company.acting():
            _key, text = tenants_services.create_api_key(
                membership=company.admin, name="sync", scope=Scope.WRITE
            )
        signed_in = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient
        with signed_in(live_server.url, text, raise_on_unexpected_status=True) as client:
            yield Generated(json.loads(document.read_text()), client)

    def test_creates_an_account(self, api: Generated, company: Cast) -> None:
        with company.acting():
            market = factories.market("FR")
        body = model("AccountRequest")(
            market=market.pk,
            name="Maison Lumière",
            tier=model("TierEnum").TIER_1,
            start_date=dt.date(2026, 1, 5),
        )
        made = api.call("post", "accounts/", body=body)
        assert made.status_code == 201
        assert made.parsed.name == "Maison Lumière"
        read = api.call("get", "accounts/{id}/", made.parsed.id)
        assert read.parsed == made.parsed
        assert read.headers["ETag"] == f'"{made.parsed.version}"'

    def test_reads_tasks_and_completes_one(self, api: Generated, company: Cast) -> None:
        with company.acting():
            task = a_task(factories.account(), "2026-03-02")
        listed = api.call("get", "tasks/").parsed
        assert [row.id for row in listed.results] == [task.pk]
        body = model("CompletionRequest")(note="All is well.")
        done = api.call("post", "tasks/{id}/complete/", task.pk, body=body)
        assert done.status_code == 200
        assert done.parsed.status == model("TaskStatusEnum").DONE
        assert done.parsed.note == "All is well."

    def test_is_told_what_is_wrong(self, api: Generated) -> None:
        answer = api.call("get", "accounts/{id}/", uuid7())
        assert answer.status_code == 404
        assert answer.parsed.code == "not_found"
