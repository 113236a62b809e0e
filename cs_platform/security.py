"""Tell browsers on every answer what our pages may do."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


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
