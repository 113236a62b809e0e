"""What customers are written by digital steps: the words around a message, in its language."""

from django.utils.translation import gettext as _

from playbooks.messages import Message
from tenants.letters import FALLBACK_LANGUAGE, Draft, compose, isolated, speaking


def draft(
    message: Message,
    *,
    to: str,
    organization: str,
    account: str,
    reply_to: str,
    unsubscribe: str = "",
    is_test: bool = False,
) -> Draft:
    """Word a message as a letter; answers go to ``reply_to``. A test says so in its subject."""
    with speaking(message.language or FALLBACK_LANGUAGE) as spoken:
        subject = message.subject or _("A message from %(organization)s") % {
            "organization": organization
        }
        if is_test:
            subject = _("Test: %(subject)s") % {"subject": subject}
        opening, *rest = message.paragraphs or ("",)
        return compose(
            to=to,
            language=message.language or spoken,
            subject=subject,
            greeting=opening,
            paragraphs=rest,
            closing=_("You get this from %(organization)s as a contact of %(account)s.")
            % {"organization": isolated(organization), "account": isolated(account)},
            unsubscribe=unsubscribe,
            reply_to=reply_to,
        )
