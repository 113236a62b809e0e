"""Checks of the settings: secrets, addresses, TLS, mail."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail

from cs_platform.doctor.findings import Finding, ok, warning, wrong

LEAST_KEY_LENGTH = 50
LEAST_OPERATOR_KEY_LENGTH = 32
LEAST_KEY_VARIETY = 5
DAY_SECONDS = 86_400
SMTP = "django.core.mail.backends.smtp.EmailBackend"
NEW_KEY = "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"


def settings_module() -> Finding:
    """Check that the settings in force are those for production."""
    if settings.DEBUG:
        return wrong("DEBUG is on: error pages show the inside.", "Take DEBUG out of the settings.")
    if not settings.SETTINGS_MODULE.endswith(".production"):
        return warning(
            f"The settings in force are {settings.SETTINGS_MODULE}.",
            "Set DJANGO_SETTINGS_MODULE=cs_platform.settings.production on a server.",
        )
    return ok("The production settings are in force, DEBUG is off.")


def secret_key() -> Finding:
    """Check that sessions and links cannot be forged by guessing the key."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if len(key) < LEAST_KEY_LENGTH or len(set(key)) < LEAST_KEY_VARIETY:
            return wrong("SECRET_KEY or a fallback is short or repeats itself.", NEW_KEY)
    if settings.SECRET_KEY_FALLBACKS:
        return warning(
            "Keys of before are still accepted.",
            "Empty SECRET_KEY_FALLBACKS once SESSION_HOURS have passed since the change.",
        )
    return ok("SECRET_KEY is long and varied.")


def operator_key() -> Finding:
    """Check that nobody guesses the way to the operator's page."""
    key = settings.OPERATOR_KEY
    if not key:
        return ok("There is no operator's page.")
    if len(key) < LEAST_OPERATOR_KEY_LENGTH or len(set(key)) < LEAST_KEY_VARIETY:
        return wrong("OPERATOR_KEY is short or repeats itself.", NEW_KEY)
    return ok("OPERATOR_KEY is long and varied.")


def addresses() -> Finding:
    """Check that the public address is one that we answer to."""
    if "*" in settings.ALLOWED_HOSTS:
        return wrong(
            "ALLOWED_HOSTS holds *: links in mails could be made to lead elsewhere.",
            "Name the hosts that people use.",
        )
    plain = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if not _is_https(origin)]
    if plain and settings.SESSION_COOKIE_SECURE:
        return wrong(
            f"CSRF_TRUSTED_ORIGINS holds {plain[0]}, which is not https.",
            "Write https://cs.example.com; the proxy's own host needs no entry.",
        )
    public = settings.PUBLIC_URL
    host = urlsplit(public).hostname or ""
    if not _allowed(host):
        return wrong(
            f"PUBLIC_URL leads to {host}, which ALLOWED_HOSTS does not hold.",
            "Write the host into ALLOWED_HOSTS.",
        )
    if settings.SESSION_COOKIE_SECURE and not _is_https(public):
        return wrong("PUBLIC_URL is not https.", "Write it as https://cs.example.com.")
    return ok(f"Answers to {', '.join(settings.ALLOWED_HOSTS)}.")


def tls() -> Finding:
    """Check that nothing secret goes over an open line."""
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        return warning(
            "Cookies also go over open lines.", "Use the production settings behind TLS."
        )
    if not settings.SECURE_SSL_REDIRECT:
        return warning(
            "Open requests are not redirected to https.",
            "Remove SECURE_SSL_REDIRECT=false, unless the proxy redirects.",
        )
    if settings.SECURE_HSTS_SECONDS < DAY_SECONDS:
        return warning(
            f"Browsers remember https for {settings.SECURE_HSTS_SECONDS} s only.",
            "Remove SECURE_HSTS_SECONDS once https works: the default is a year.",
        )
    return ok("Cookies are for https only, open requests are redirected, HSTS is on.")


def mail_server() -> Finding:
    """Check that mail can leave; sends nothing."""
    if settings.EMAIL_BACKEND != SMTP:
        return warning(
            f"Mail goes to {settings.EMAIL_BACKEND}: nobody receives it.",
            "Name a mail server in EMAIL_URL.",
        )
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with mail.get_connection(fail_silently=False, timeout=5):
            pass
    except (OSError, smtplib.SMTPException) as error:
        return wrong(f"The mail server {server} cannot be used: {error}.", "Correct EMAIL_URL.")
    return ok(f"The mail server {server} lets us in.")


def _is_https(address: str) -> bool:
    return urlsplit(address).scheme == "https"


def _allowed(host: str) -> bool:
    return any(
        host == allowed or (allowed.startswith(".") and f".{host}".endswith(allowed))
        for allowed in settings.ALLOWED_HOSTS
    )
