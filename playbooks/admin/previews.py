"""What the message of a step looks like, in each language, beside the words that make it."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from playbooks.changes import global_step
from playbooks.messages import message_of, sends_itself
from playbooks.models import Step
from playbooks.placeholders import PLACEHOLDERS
from playbooks.sayings import Said, sayings

NAMED = {name: f"[{name}]" for name in PLACEHOLDERS}
"""Whose words will stand in the blanks is not known yet, so that they show their names."""


def message_preview(step: Step) -> SafeString | None:
    """Return the message of a stored step as it will be sent; None for one without words."""
    document = global_step(step.key, step.document)
    letters = [_letter(said) for said in sayings(document, "message")]
    if not letters:
        return None
    how = (
        _("It goes out by itself: the step is digital, by e-mail, and has words.")
        if sends_itself(document.fields)
        else _("A person sends it: only digital steps by e-mail go out by themselves.")
    )
    return format_html("<p>{}</p>{}", how, format_html_join("", "{}", ((one,) for one in letters)))


def _letter(said: Said) -> SafeString:
    message = message_of(said, NAMED)
    subject = message.subject or _("A subject of ours: no line stands alone at the beginning.")
    paragraphs = format_html_join(
        "", '<p style="white-space: pre-line">{}</p>', ((text,) for text in message.paragraphs)
    )
    return format_html(
        '<div dir="auto"{}><p><strong>{}</strong></p>{}</div>',
        format_html(' lang="{}"', said.language) if said.language else "",
        subject,
        paragraphs,
    )
