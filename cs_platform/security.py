"""Whom to believe of a request, and what browsers are told to refuse."""

import ipaddress
from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ProxyMiddleware:
    """Believe the proxy, and nobody else, about the client's address and TLS.

    From here inwards ``REMOTE_ADDR`` is the client, for limits and logs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Take over what a trusted proxy says; forget what anybody else claims."""
        trusted: list[str] = settings.TRUSTED_PROXIES
        if "*" in trusted or request.META["REMOTE_ADDR"] in trusted:
            # The last one is what the proxy itself saw.
            client = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            if _is_address(client):
                request.META["REMOTE_ADDR"] = client
        else:
            for claim in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
                request.META.pop(claim, None)
        return self.get_response(request)


class BrowserPolicyMiddleware(CSPMiddleware):
    """Send the content security policy of the place, and the permissions policy."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add both headers."""
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return super().process_response(request, response)

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the policy, with what the place needs on top."""
        parts = super().get_policy_parts(request, response, report_only)
        parts.update = self._additions(request.path_info) | (parts.update or {})
        return parts

    def _additions(self, path: str) -> dict[str, Any]:
        for place, additions in settings.CONTENT_SECURITY_POLICY_ADDITIONS.items():
            if path.startswith(place):
                return dict(additions)
        return {}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
