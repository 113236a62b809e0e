"""What is written about deployment is what the code reads."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cs_platform import health
from cs_platform.doctor.configuration import LEAST_KEY_LENGTH, LEAST_OPERATOR_KEY_LENGTH
from cs_platform.embedded.errors import ROOT

HANDBOOK = (ROOT / "docs/deployment.md").read_text()
CONTAINERFILE = (ROOT / "Containerfile").read_text()
# Read by Python, Django, gunicorn and the postgres image.
READ_ELSEWHERE = {
    "DJANGO_SETTINGS_MODULE",
    "POSTGRES_PASSWORD",
    "PYTHONTZPATH",
    "WEB_CONCURRENCY",
}
OWNERS = {"setup", "migrate", "postgres"}
OURS = {"setup", "migrate", "web", "worker", "beat"}
READS = re.compile(r"""(?:env\.\w+|environ\.get)\(\s*"([A-Z_]+)"|environ\["([A-Z_]+)"\]""")


def read_by_the_code() -> set[str]:
    """Return the variables that an installation reads."""
    files = [
        *(ROOT / f"cs_platform/settings/{name}.py" for name in ("base", "production", "security")),
        ROOT / "cs_platform/management/commands/setup_database.py",
    ]
    return {first or second for path in files for first, second in READS.findall(path.read_text())}


def variables(path: Path) -> dict[str, str]:
    """Return what an example file sets."""
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert isinstance(services, dict)
    return services


class TestTheHandbook:
    def test_lists_every_variable_that_is_read_once_and_no_other(self) -> None:
        listed = re.findall(r"^\| `([A-Z_]+)` \|", HANDBOOK, re.MULTILINE)
        assert sorted(listed) == sorted(read_by_the_code() | READ_ELSEWHERE)

    def test_asks_for_no_shorter_key_than_the_doctor(self) -> None:
        assert f"{LEAST_OPERATOR_KEY_LENGTH} random characters or more" in HANDBOOK
        assert f"at least {LEAST_KEY_LENGTH} random characters" in HANDBOOK

    def test_sets_alarms_where_the_probe_does(self) -> None:
        assert f"over {health.WORKER_SILENT_AFTER_SECONDS} |" in HANDBOOK
        assert f"over {health.PLANNING_LATE_AFTER_SECONDS}, ticket" in HANDBOOK
        assert f"| `oldest_letter_seconds` | over {health.LETTER_LATE_AFTER_SECONDS} |" in HANDBOOK

    def test_names_files_that_are_there(self) -> None:
        links = re.findall(r"\]\(([^)]+)\)", HANDBOOK)
        assert links
        for link in links:
            assert (ROOT / "docs" / link).exists(), link


class TestTheExamples:
    @pytest.mark.parametrize("name", ["deploy.env.example", "deploy.owner.env.example"])
    def test_set_only_what_the_handbook_explains_and_no_secret(self, name: str) -> None:
        for variable, value in variables(ROOT / name).items():
            assert f"| `{variable}` |" in HANDBOOK
            if "SECRET" in variable or "PASSWORD" in variable:
                assert value == "" or value.startswith("change-me")
            for password in re.findall(r"://\w+:([^@]+)@", value):
                assert password.startswith("change-me")

    def test_keep_the_owner_from_who_serves(self) -> None:
        serving = variables(ROOT / "deploy.env.example")
        assert not {name for name in serving if "OWNER" in name or "SUPERUSER" in name}


class TestTheComposeFile:
    def test_gives_the_owner_only_to_who_needs_it(self, services: dict[str, Any]) -> None:
        given = {
            name
            for name, service in services.items()
            if "deploy.owner.env" in service.get("env_file", [])
        }
        assert given == OWNERS

    def test_runs_nothing_of_ours_with_rights_it_does_not_need(
        self, services: dict[str, Any]
    ) -> None:
        for name in OURS:
            assert services[name]["read_only"] is True
            assert services[name]["cap_drop"] == ["ALL"]

    def test_migrates_before_anything_serves(self, services: dict[str, Any]) -> None:
        for name in ("web", "worker", "beat"):
            condition = services[name]["depends_on"]["migrate"]["condition"]
            assert condition == "service_completed_successfully"

    def test_opens_only_the_proxy(self, services: dict[str, Any]) -> None:
        assert [name for name, service in services.items() if "ports" in service] == ["proxy"]

    def test_starts_what_the_units_start(self, services: dict[str, Any]) -> None:
        for name in ("worker", "beat"):
            unit = (ROOT / f"deploy/systemd/cs-{name}.service").read_text()
            (line,) = re.findall(r"^ExecStart=/opt/cs/venv/bin/(.+)$", unit, re.MULTILINE)
            assert line.split() == services[name]["command"]


class TestTheContainerfile:
    def test_ends_as_nobody_in_particular_and_without_a_secret(self) -> None:
        final = CONTAINERFILE.split("\nFROM ")[2]
        assert re.search(r"^USER [1-9]\d*$", final, re.MULTILINE)
        assert "SECRET_KEY" not in final
        assert "HEALTHCHECK" in final

    def test_names_the_version_of_what_it_stands_on(self) -> None:
        images = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
        images += re.findall(r"image: (docker\S+)", (ROOT / "compose.yaml").read_text())
        assert len(images) == 5
        for image in images:
            assert re.search(r":\d", image), image
