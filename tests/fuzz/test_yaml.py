"""Files of playbooks that nobody would write: each is refused with its lines, or taken whole.

``FUZZ_CASES=20000`` sends as many as the product is held to.
"""

import datetime as dt
import os
import re
from random import Random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from playbooks.code.document import Document
from playbooks.code.problems import CodeError, Problem
from playbooks.code.reading import read
from playbooks.code.writing import write
from playbooks.library import FOLDER
from playbooks.models import Cadence, ContactBudget, LocalChange, Playbook, Step
from playbooks.services.code import export_playbooks, import_file
from talent.models import Role
from tests import factories
from tests.conftest import Cast
from tests.unit.test_code_reading import GOOD

CASES = int(os.environ.get("FUZZ_CASES", "300"))
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
SHIPPED = [path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))]
MODELS = (Playbook, Step, LocalChange, Cadence, ContactBudget, Role)

TOKENS = (
    *("NO", "on", "1:30", "012", "null", "~", "''", '""', "true", "[]", "{}", "[", "]", "{", "}"),
    *(
        "&a ",
        "*a",
        "&a [*a]",
        "!!python/object:x ",
        "! ",
        "|",
        ">-",
        "---",
        "...",
        "%YAML 1.2",
        "?",
    ),
    *("? ", ": ", "- ", "<<: ", "#", "\t", "\r", "\x00", "\x85", "\u2028", "\ufeff", '"\\ud800"'),
    *(
        '"\\x00"',
        '"\\U00110000"',
        "9" * 40,
        "-" * 9,
        "x" * 5000,
        "١",
        "é",
        "🌍",
        "'",
        '"',
        "`",
        "@",
    ),
    *("[" * 40, "{a: " * 40, "key", "kickoff", "translations.fr", "FR", "drop", "add", "step_end"),
)

BREAKS = re.compile(b"\r\n|[\r\n]|\xc2\x85|\xe2\x80[\xa8\xa9]")
"""Where YAML begins a new line."""

fuzz = settings(
    max_examples=CASES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def taken(content: bytes) -> tuple[Document | None, tuple[Problem, ...]]:
    """Return what a file says, or all that is wrong with it."""
    try:
        return read(content).document, ()
    except CodeError as error:
        return None, error.problems


def damaged(content: bytes, random: Random) -> bytes:
    """Return a file with a few bytes, tokens or lines changed."""
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        content = random.choice((_byte, _token, _token, _word, _line, _line))(content, random)
    return content


def _byte(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.randbytes(random.choice((0, 1, 1, 3))) + content[at + 1 :]


def _token(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] + random.choice(TOKENS).encode() + content[at:]


def _word(content: bytes, random: Random) -> bytes:
    """Put a token in the place of a value."""
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    key, colon, _value = lines[at].partition(b": ")
    lines[at] = key + colon + random.choice(TOKENS).encode()
    return b"\n".join(lines)


def _line(content: bytes, random: Random) -> bytes:
    """Remove, repeat, move or indent a line."""
    lines = content.split(b"\n")
    at, to = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines.insert(to, lines.pop(at))
        case _:
            lines[at] = b" " * random.randrange(4) + lines[at].lstrip(b" " * random.randrange(4))
    return b"\n".join(lines)


class TestReading:
    @fuzz
    @given(seed=st.integers(0, 2**64))
    def test_refuses_with_lines_or_takes_what_it_writes_again(self, seed: int) -> None:
        random = Random(seed)
        content = damaged(random.choice((*[GOOD.encode()] * 133, *SHIPPED)), random)
        document, problems = taken(content)
        if document is None:
            lines = len(BREAKS.findall(content)) + 1
            assert problems
            assert all(1 <= each.line <= lines + 1 and each.column >= 1 for each in problems)
        else:
            text = write(document)
            assert write(read(text).document) == text

    @fuzz
    @given(seed=st.integers(0, 2**64))
    def test_finds_what_was_planted_where_it_was(self, seed: int) -> None:
        random = Random(seed)
        lines = random.choice(SHIPPED).decode().split("\n")
        # In a block of text nothing is wrong, so only a line that holds a number will do.
        places = [
            at
            for at, line in enumerate(lines)
            if line.startswith(("    offset: ", "    duration_minutes: "))
        ]
        planted = sorted(random.sample(places, random.randrange(1, min(6, len(places)))))
        for at in planted:
            key = lines[at].partition(":")[0]
            lines[at] = random.choice(
                (f"{key}: two", f"{key}: '2'", f"    qqq{at}: 1", f"{key}: [2]")
            )
        with pytest.raises(CodeError) as caught:
            read("\n".join(lines))
        assert [each.line for each in caught.value.problems] == [at + 1 for at in planted]


@pytest.mark.django_db
class TestImporting:
    @pytest.fixture
    def organization(self, acting: Cast) -> Cast:
        """An organization that has what the good file names."""
        factories.market("FR")
        return acting

    @fuzz
    @given(seed=st.integers(0, 2**64))
    def test_writes_all_of_a_file_or_nothing(self, organization: Cast, seed: int) -> None:
        random = Random(seed)
        content = damaged(GOOD.encode(), random)
        with transaction.atomic():
            problems: tuple[Problem, ...] = ()
            try:
                import_file(content, by=organization.leader, at=NOW)
            except CodeError as error:
                problems = error.problems
            if problems:
                assert not any(model.objects.exists() for model in MODELS)
            else:
                again = import_file(export_playbooks(), by=organization.leader, at=NOW)
                assert again.changes_nothing
            transaction.set_rollback(True)
