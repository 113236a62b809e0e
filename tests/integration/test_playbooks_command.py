"""``manage.py playbooks``, and what its page in the documentation says."""

import re
import shlex
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from playbooks.code import schema
from playbooks.code.values import REQUIRED, Key
from playbooks.models import Playbook, PlaybookVersion
from tests import factories
from tests.conftest import Cast
from tests.integration.test_code import RULES, SMALL

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "playbooks.md").read_text()
SECTION = PAGE.partition("## Playbooks as code\n")[2].partition("\n## ")[0]


def run(cast: Cast, *arguments: Any) -> str:
    """Run the command as the leader, and return what it prints."""
    output = StringIO()
    who = ("--organization", cast.organization.slug, "--email", cast.leader.email)
    call_command("playbooks", *map(str, arguments), *who, stdout=output, stderr=output)
    return output.getvalue()


def refused(cast: Cast, *arguments: Any) -> str:
    """Run the command, which fails, and return why."""
    with pytest.raises(CommandError) as caught:
        run(cast, *arguments)
    return str(caught.value)


@pytest.fixture
def path(cast: Cast, tmp_path: Path) -> Path:
    """A file that can be imported."""
    with cast.acting():
        factories.market("FR")
    file = tmp_path / "small.yaml"
    file.write_text(SMALL + RULES)
    return file


class TestCommand:
    def test_imports_and_says_what_it_did(self, cast: Cast, path: Path) -> None:
        printed = run(cast, "import", path)
        assert "playbook small: added" in printed
        assert "4 added, 0 changed, 0 unchanged." in printed
        with cast.acting():
            assert PlaybookVersion.objects.get().created_by == cast.leader
        assert run(cast, "import", path) == "0 added, 0 changed, 4 unchanged.\n"

    def test_names_each_problem_with_file_line_and_column(self, cast: Cast, path: Path) -> None:
        path.write_text(path.read_text().replace("kind: call", "kind: cal") + "qqq: 1\n")
        said = refused(cast, "import", path)
        assert f"{path}:11:11: “cal” is not one of" in said
        assert "(playbooks[0].steps[0].kind)" in said
        assert said.endswith("Nothing was written.")
        assert f"{path}:35:1: There is no key “qqq”" in said
        with cast.acting():
            assert not Playbook.objects.exists()

    def test_checks_without_writing(self, cast: Cast, path: Path) -> None:
        assert run(cast, "check", path) == "The file can be imported and published.\n"
        path.write_text(path.read_text().replace("kind: call", "kind: call\n    message: '{x}'"))
        assert refused(cast, "check", path) == "The file could not be published as it is."
        with cast.acting():
            assert not Playbook.objects.exists()

    def test_shows_differences(self, cast: Cast, path: Path) -> None:
        assert refused(cast, "diff", path) == "The file differs from what is there."
        run(cast, "import", path)
        assert run(cast, "diff", path) == "Nothing would change.\n"

    def test_exports_to_a_file_or_prints(self, cast: Cast, path: Path, tmp_path: Path) -> None:
        run(cast, "import", path)
        target = tmp_path / "exported.yaml"
        assert run(cast, "export", target) == ""
        assert target.read_text() == run(cast, "export")
        assert "cadences" not in run(cast, "export", "--playbook", "small")
        assert "Did you mean “small”" in refused(cast, "export", "--playbook", "smal")

    def test_reads_standard_input(
        self, cast: Cast, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(path.read_bytes())))
        printed = run(cast, "import", "-", "--playbook", "small")
        assert printed.endswith("2 added, 0 changed, 0 unchanged.\n")

    def test_names_a_file_that_is_not_there(self, cast: Cast, tmp_path: Path) -> None:
        assert "No such file" in refused(cast, "import", tmp_path / "none.yaml")
        assert "No such file" in refused(cast, "export", tmp_path / "none" / "x.yaml")

    def test_acts_only_for_members(self, cast: Cast, path: Path) -> None:
        with pytest.raises(CommandError, match="No active member"):
            call_command("playbooks", "import", path, organization="birch", email="x@y.example")


class TestPage:
    def test_its_commands_answer_as_it_says(
        self, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with cast.acting():
            factories.market("FR")
        monkeypatch.chdir(tmp_path)
        (example,) = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)
        Path("first-value.yaml").write_text(example)
        (session,) = re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL)
        assert isinstance(session, str)
        for command, answer in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", session, re.MULTILINE):
            words = shlex.split(command.replace("lea@alder.example", cast.leader.email))
            assert words[:2] == ["manage.py", "playbooks"]
            output = StringIO()
            call_command(*words[1:], stdout=output)
            assert output.getvalue() == answer
        assert Path("exported.yaml").read_text() == example

    @pytest.mark.parametrize(
        ("title", "keys"),
        [
            ("The file", schema.FILE.keys),
            ("A playbook", schema.PLAYBOOK.keys),
            ("A step", schema.STEP.keys),
            ("A condition", schema.CONDITION.keys),
            ("A translation", schema.TRANSLATION.keys),
            ("A localization", schema.LOCALIZATION.keys),
            ("A reason", schema.REASON.keys),
            ("A cadence", schema.CADENCE.keys),
            ("A contact budget", schema.CONTACT_BUDGET.keys),
        ],
    )
    def test_names_every_key_with_its_default(self, title: str, keys: tuple[Key, ...]) -> None:
        table = SECTION.partition(f"### {title}\n")[2].partition("\n### ")[0]
        rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", table, re.MULTILINE)
        assert [name for name, _what, _default in rows] == [key.name for key in keys]
        for key, (_name, what, default) in zip(keys, rows, strict=True):
            assert (key.default is REQUIRED) is (default == "needed")
            if key.default and key.default is not REQUIRED:
                assert default == f"`{key.default}`"
            known = getattr(key.kind, "known", ())
            if known and key.name not in ("assumption", "channel"):
                assert re.findall(r"`(\w+)`", what) == [word for word in known if word]
