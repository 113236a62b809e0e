"""What a step says, in which languages. Pure: no framework, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playbooks.changes import TRANSLATIONS, Level, Origin, StepDocument

_LEVELS = list(Level)


@dataclass(frozen=True, slots=True)
class Said:
    """Words with their language; it is empty for the language in which the playbook is written."""

    words: Any
    language: str = ""


def say(step: StepDocument, part: str, reader: str) -> Said:
    """Return one part of a step in the reader's language, else as the playbook is written."""
    known = list(_translations(step, part))
    base = _language_of(reader)
    for fits in (lambda tag: tag == reader.lower(), lambda tag: _language_of(tag) == base):
        for said in known:
            if fits(said.language.lower()):
                return said
    return Said(step.fields.get(part) or "")


def sayings(step: StepDocument, part: str) -> list[Said]:
    """Return one part of a step in every language in which it is written."""
    own = step.fields.get(part)
    return [*([Said(own)] if own else []), *_translations(step, part)]


def _translations(step: StepDocument, part: str) -> Iterator[Said]:
    """Return the translations of a part that are of its present words.

    Where a place changed the words and not the translation, that speaks of what no longer holds.
    """
    own = _rank(step, part)
    prefix = f"{TRANSLATIONS}."
    for name, words in sorted(step.fields.items()):
        if name.startswith(prefix) and words and words.get(part) and _rank(step, name) >= own:
            yield Said(words[part], name.removeprefix(prefix))


def _rank(step: StepDocument, name: str) -> int:
    return _LEVELS.index(step.origins.get(name, Origin()).level)


def _language_of(tag: str) -> str:
    return tag.lower().partition("-")[0]
