"""What a digital step sends: a template, made into a message for one reader. Pure.

A template is text with blanks. Its first line is the subject where an empty line follows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from governance.vocabulary import StepKind
from playbooks.changes import Fields, StepDocument
from playbooks.placeholders import BadTemplate, filled_in, placeholders_in
from playbooks.sayings import Said, say

MAIL = "email"
"""The one channel by which steps carry themselves out."""


@dataclass(frozen=True, slots=True)
class Message:
    """A template with its blanks filled in; ``missing`` names those that could not be.

    ``language`` is empty for the one in which the playbook is written.
    """

    subject: str
    paragraphs: tuple[str, ...]
    language: str
    missing: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole body."""
        return "\n\n".join(self.paragraphs)


def sends_itself(fields: Fields) -> bool:
    """Return whether nobody has to carry a step out: it is digital, by mail, and has words."""
    is_digital = fields.get("kind") == StepKind.DIGITAL and fields.get("channel") == MAIL
    return is_digital and bool(fields.get("message"))


def template_for(step: StepDocument, reader: str) -> Said:
    """Return the template of a step in the reader's language, else as the playbook is written."""
    return say(step, "message", reader)


def message_of(template: Said, values: Mapping[str, str]) -> Message:
    """Fill in the blanks of a template. One without a value stays as it is, and is named."""
    subject, body = _parted(str(template.words))
    known = {name: value for name, value in values.items() if value}
    plain = {name: " ".join(value.split()) for name, value in known.items()}
    isolated = _isolated(plain)
    paragraphs = (_filled(part, isolated) for part in body.split("\n\n"))
    return Message(
        subject=_filled(subject, plain),
        paragraphs=tuple(part.strip("\n") for part in paragraphs if part.strip()),
        language=template.language,
        missing=_missing(f"{subject}\n{body}", known),
    )


def _parted(template: str) -> tuple[str, str]:
    """Return subject and body; all is body where no line stands alone at the beginning."""
    text = template.replace("\r\n", "\n").strip()
    first, _newline, rest = text.partition("\n")
    after, _newline, body = rest.partition("\n")
    if first and not after.strip() and body.strip():
        return first.strip(), body.strip("\n")
    return "", text


def _isolated(values: Mapping[str, str]) -> dict[str, str]:
    """Return values whose direction does not leak into the text around them.

    Source: Unicode Standard Annex 9, section 2.4 (first strong isolate).
    """
    return {name: f"\u2068{value}\u2069" for name, value in values.items()}


def _filled(template: str, values: Mapping[str, str]) -> str:
    try:
        return filled_in(template, dict(values))
    except BadTemplate:
        return template


def _missing(template: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """Return the blanks without a value; a template that cannot be read misses all its words."""
    try:
        return tuple(name for name in placeholders_in(template) if name not in known)
    except BadTemplate as error:
        return (str(error),)
