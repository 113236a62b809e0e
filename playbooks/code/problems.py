"""What is wrong with a file, with lines and columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from playbooks.code.document import Mark
from toolkit.errors import DomainError

MOST_PROBLEMS = 500
LONGEST_GUESS = 100


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. Lines and columns count from 1; ``path`` names what stands there."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


class CodeError(DomainError):
    """A file that cannot be taken; ``problems`` are all that is wrong with it, in its order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        said = {(each.line, each.column, each.message): each for each in sorted(problems)[::-1]}
        self.problems = tuple(sorted(said.values()))
        self.extensions = {
            "problems": [
                {
                    "line": each.line,
                    "column": each.column,
                    "path": each.path,
                    "detail": each.message,
                }
                for each in self.problems
            ]
        }
        super().__init__("\n".join(map(str, self.problems)))


def refusal(mark: Mark, message: str, path: str = "") -> CodeError:
    """Return the refusal of a file for one thing."""
    return CodeError([Problem(mark.line, mark.column, path, message)])


def with_guess(message: str, value: str, known: Iterable[str]) -> str:
    """Return a message, with the nearest of what is known if something comes near."""
    close = get_close_matches(value, list(known), n=1) if len(value) <= LONGEST_GUESS else []
    return f"{message} {_('Did you mean “%(name)s”?') % {'name': close[0]}}" if close else message


def shortened(value: str) -> str:
    """Return a value as a message quotes it."""
    return value if len(value) <= LONGEST_GUESS else f"{value[:LONGEST_GUESS]}…"
