"""What the platform writes to people: the words, in the reader's language, as text and as HTML.

A letter is a few paragraphs, perhaps lists, and at most one link. Both forms are made of the same
words, so that they cannot differ.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import get_language_bidi, get_supported_language_variant
from django.utils.translation import gettext as _

from tenants.signals import letters_written

LONGEST_SUBJECT = 250
FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter, ready to be sent. One that holds a secret is not kept once it was sent.

    ``unsubscribe`` is where its reader says, without signing in, that she wants no more of them,
    and ``reply_to`` who gets her answer, if she writes one.
    """

    to: str
    subject: str
    text: str
    html: str
    language: str
    has_secret: bool = False
    unsubscribe: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, and what is to be said of it in small."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list under a heading; ``rest`` tells of what it leaves out."""

    title: str
    items: Sequence[Item]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """The one thing that a letter asks for."""

    label: str
    url: str


def send(drafts: Sequence[Draft]) -> None:
    """Hand letters to whoever sends them, as part of this transaction."""
    letters_written.send(sender=Draft, drafts=drafts)


def invitation(
    *, to: str, name: str, organization: str, by: str, token: str, days: int, language: str
) -> Draft:
    """Word the invitation to become a member; the link is for her alone."""
    with speaking(language) as spoken:
        words = {"organization": isolated(organization), "days": days}
        opening = (
            _("%(by)s invites you to work with %(organization)s.") % {"by": isolated(by), **words}
            if by
            else _("You are invited to work with %(organization)s.") % words
        )
        return compose(
            to=to,
            language=spoken,
            subject=_("Your invitation to %(organization)s") % {"organization": organization},
            greeting=hello(name),
            paragraphs=[
                opening,
                _(
                    "Open this page to join: choose a password, or sign in if you have one here "
                    "already. The link is for you alone and works once, for %(days)d days."
                )
                % words,
            ],
            link=Link(_("Accept the invitation"), address("invitation", token)),
            closing=_("If you expected no invitation, do nothing: nothing happens then."),
            has_secret=True,
        )


def password_reset(*, to: str, name: str, token: str, language: str) -> Draft:
    """Word the way to a new password; the link is for her alone."""
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("A new password for you"),
            greeting=hello(name),
            paragraphs=[
                _(
                    "Somebody, probably you, asked for a new password for this address. Open this "
                    "page to choose one. The link works once, for one hour."
                )
            ],
            link=Link(_("Choose a password"), address("password", token)),
            closing=_("If it was not you, do nothing: your password stays as it is."),
            has_secret=True,
        )


def password_changed(*, to: str, name: str, language: str) -> Draft:
    """Tell of a new password, so that a thief cannot change it unseen."""
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("Your password was changed"),
            greeting=hello(name),
            paragraphs=[
                _("Your password was changed just now, and you were signed out everywhere else.")
            ],
            closing=_(
                "If it was not you, ask for a new password on the sign-in page at once, and tell "
                "an admin of your organization."
            ),
        )


def confirm_address(*, to: str, name: str, token: str, language: str) -> Draft:
    """Ask whether a new address is hers; the link is for her alone."""
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("Is this your new address?"),
            greeting=hello(name),
            paragraphs=[
                _(
                    "You want to sign in with this address from now on. Open this page, signed in "
                    "as before, to say that it is yours. The link works once, for one day."
                )
            ],
            link=Link(_("This is my address"), address("address", token)),
            closing=_("If it was not you, do nothing: nothing changes then."),
            has_secret=True,
        )


def address_taken(*, to: str, language: str) -> Draft:
    """Tell the person behind an address that somebody wanted it for another user.

    A secret like the letter that it takes the place of: nothing may tell the two apart.
    """
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("You sign in with this address already"),
            greeting=_("Hello,"),
            paragraphs=[
                _(
                    "Somebody, perhaps you, asked to sign in with this address in place of another "
                    "one. It has a password here already, so nothing was changed."
                )
            ],
            closing=_("If it was not you, do nothing."),
            has_secret=True,
        )


def address_notice(*, to: str, name: str, new: str, language: str) -> Draft:
    """Tell the old address that a new one was asked for."""
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("Another address for your sign-in"),
            greeting=hello(name),
            paragraphs=[
                _("You asked to sign in as %(new)s from now on. We have written there.")
                % {"new": isolated(new)}
            ],
            closing=_("If it was not you, change your password at once: somebody knows it."),
        )


def address_changed(*, to: str, name: str, new: str, language: str) -> Draft:
    """Tell the old address that it is the old one."""
    with speaking(language) as spoken:
        return compose(
            to=to,
            language=spoken,
            subject=_("Your address was changed"),
            greeting=hello(name),
            paragraphs=[
                _("You sign in as %(new)s now. We will not write to this address any more.")
                % {"new": isolated(new)}
            ],
            closing=_("If it was not you, tell an admin of your organization at once."),
        )


def agreement_shared(
    *, to: str, name: str, organization: str, by: str, token: str, days: int, language: str
) -> Draft:
    """Word the way of a customer to what was agreed with her; the link is for her alone."""
    with speaking(language) as spoken:
        words = {"organization": isolated(organization), "by": isolated(by), "days": days}
        return compose(
            to=to,
            language=spoken,
            subject=_("How we work together: %(organization)s") % {"organization": organization},
            greeting=hello(name),
            paragraphs=[
                _("%(by)s of %(organization)s shows you what you agreed on working together.")
                % words,
                _(
                    "Open this page to see it, and to propose a correction if something should be "
                    "otherwise. You need no account. The link is for you alone and works for "
                    "%(days)d days."
                )
                % words,
            ],
            link=Link(_("See what is agreed"), address("agreement", token)),
            closing=_("If you do not know what this is about, do nothing."),
            has_secret=True,
        )


def isolated(text: str) -> str:
    """Return text whose direction does not leak into its surroundings.

    Source: Unicode Standard Annex 9, section 2.4 (first strong isolate).
    """
    return f"\u2068{text}\u2069"


def address(page: str, *args: str) -> str:
    """Return the public address of one of ``LETTER_PAGES``."""
    return urljoin(settings.PUBLIC_URL, reverse(settings.LETTER_PAGES[page], args=args))


def hello(name: str) -> str:
    """Greet somebody by name."""
    return _("Hello %(name)s,") % {"name": isolated(name)}


@contextmanager
def speaking(language: str) -> Iterator[str]:
    """Speak a language while the block lasts, or English where we do not know it."""
    try:
        language = get_supported_language_variant(language)
    except LookupError:
        language = FALLBACK_LANGUAGE
    with translation.override(language):
        yield language


def compose(
    *,
    to: str,
    language: str,
    subject: str,
    greeting: str,
    paragraphs: Sequence[str],
    closing: str,
    link: Link | None = None,
    has_secret: bool = False,
    sections: Sequence[Section] = (),
    unsubscribe: str = "",
    reply_to: str = "",
) -> Draft:
    """Make a letter of its words, in the language that is spoken."""
    context = {
        "subject": subject,
        "greeting": greeting,
        "paragraphs": paragraphs,
        "link": link,
        "closing": closing,
        "sections": sections,
        "unsubscribe": unsubscribe,
        "language": language,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    # A line break would begin another header.
    subject = Truncator(" ".join(subject.split())).chars(LONGEST_SUBJECT)
    return Draft(
        to=to,
        subject=subject,
        text=render_to_string("tenants/mail/letter.txt", context),
        html=render_to_string("tenants/mail/letter.html", context),
        language=language,
        has_secret=has_secret,
        unsubscribe=unsubscribe,
        reply_to=reply_to,
    )
