"""What Django answers by itself, before or beyond any view: the API's share of it as problems."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from toolkit.api.problems import MEDIA_TYPE, problem

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses, for example for its ``Host``."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    return _problem(400, _("This is no request that can be read."), code="bad_request")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer where we failed."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    return _problem(500, _("Something went wrong here; we have noted it."), code="error")


def _problem(status: int, detail: str, *, code: str) -> HttpResponse:
    body = problem(status, detail, code=code)
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
