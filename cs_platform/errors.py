"""What Django answers by itself, before or beyond any view: the API's share of it as problems."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from toolkit.api.problems import problem, problem_response

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses, for example for its ``Host``."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    said = _("This is no request that can be read.")
    return problem_response(problem(400, said, code="bad_request"))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer where we failed."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    said = _("Something went wrong here; we have noted it.")
    return problem_response(problem(500, said, code="error"))
