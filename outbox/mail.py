"""How a letter becomes a mail."""

from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from outbox.models import Letter

FIRST_PERMANENT_CODE = 500


def deliver(letter: Letter) -> None:
    """Hand a letter to the mail server; raises whatever goes wrong there."""
    mail = EmailMultiAlternatives(
        letter.subject,
        letter.text,
        settings.DEFAULT_FROM_EMAIL,
        [letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": message_id(letter),
            "Content-Language": letter.language,
            # Nobody's holiday should answer a machine. Source: RFC 3834 section 5.
            "Auto-Submitted": "auto-generated",
            **_way_out(letter),
        },
    )
    mail.attach_alternative(letter.html, "text/html")
    mail.send()


def _way_out(letter: Letter) -> dict[str, str]:
    """Return what lets a mail program offer “unsubscribe”. Source: RFC 8058 section 3.1."""
    if not letter.unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{letter.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(letter: Letter) -> str:
    """Return the Message-ID, the same for every attempt: a mailbox can tell a second copy."""
    _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return f"<{letter.pk}@{sender.rpartition('@')[2]}>"


def is_permanent(error: Exception) -> bool:
    """Return whether the server knows no such mailbox. Source: RFC 5321 section 4.2.1."""
    return isinstance(error, SMTPRecipientsRefused) and all(
        code >= FIRST_PERMANENT_CODE for code, _text in error.recipients.values()
    )
