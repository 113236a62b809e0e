"""One effect for a request that is sent again. Source: draft-ietf-httpapi-idempotency-key-header.

The row of a key is inserted first, in the request's own transaction: whoever sends the same at
the same time waits for it, and then gets the same answer. What is refused leaves no row, so that
it may be tried again.
"""

import hashlib
import re
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from tenants.authentication import Identity
from tenants.models import KeptAnswer
from tenants.permissions import identity_of
from toolkit.api.problems import problem, problem_response
from toolkit.tables import MOST_BYTES

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
ADDRESSES = "/api/v1/"
KEPT_HEADERS = ("Content-Type", "ETag")
KEPT_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255

_KEY = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_KEY}}}")


class IdempotencyMiddleware:
    """Answer a POST that was answered before as it was answered then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer ``request``, from memory if its key was used before."""
        identity = identity_of(request)
        key = request.headers.get(HEADER)
        if key is None or identity is None or request.method != "POST":
            return self.get_response(request)
        if not request.path.startswith(ADDRESSES):
            return self.get_response(request)
        if not _KEY.fullmatch(key):
            return _bad_key()
        body = request.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            said = _("This is too long; send less at once.")
            return problem_response(problem(413, said, code="too_large"))
        # Where Django itself keeps a body that was read; it does so up to a size that files exceed.
        request._body = body
        fingerprint = _fingerprint(request)
        mine = _new_answer(identity, key, fingerprint)
        kept = _claim(mine)
        if kept.pk != mine.pk:
            return _replay(kept) if kept.fingerprint == fingerprint else _reused_key()
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code < 400:
            _keep(mine, response)
        return response


def forget_kept_answers() -> int:
    """Remove the answers of all organizations that are older than a day; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_kept_answers(%s)", [KEPT_SECONDS])
        (count,) = cursor.fetchone()
        return int(count)


def _fingerprint(request: HttpRequest) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request.body)
    return digest.hexdigest()


def _new_answer(identity: Identity, key: str, fingerprint: str) -> KeptAnswer:
    return KeptAnswer(
        membership_id=identity.membership_id,
        api_key_id=identity.api_key_id,
        key=key,
        fingerprint=fingerprint,
    )


def _claim(mine: KeptAnswer) -> KeptAnswer:
    """Insert a row, or return the one that somebody else has inserted for the same key."""
    same = KeptAnswer.objects.filter(
        membership=mine.membership_id, api_key=mine.api_key_id, key=mine.key
    )
    while True:
        # Waits while a request with this key is being answered; not forever, as that one ends.
        KeptAnswer.objects.bulk_create([mine], ignore_conflicts=True)
        # There is none if it was forgotten just now.
        if kept := same.first():
            return kept


def _keep(answer: KeptAnswer, response: HttpResponse) -> None:
    """Keep an answer, unless it says that nobody may: it holds a secret that is shown once."""
    secret = "no-store" in response.headers.get("Cache-Control", "")
    KeptAnswer.objects.filter(pk=answer.pk).update(
        status=response.status_code,
        headers={name: response[name] for name in KEPT_HEADERS if name in response},
        body=None if secret else response.content,
    )


def _replay(kept: KeptAnswer) -> HttpResponse:
    if kept.body is None:
        said = _("This was done when it was first sent. The answer held a secret and is not kept.")
        response = problem_response(problem(409, said, code="answer_not_kept"))
    else:
        response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response.headers[REPLAYED] = "true"
    return response


def _bad_key() -> HttpResponse:
    said = _("Give 1 to %(most)s printable ASCII characters.") % {"most": LONGEST_KEY}
    errors = [{"path": HEADER, "detail": said, "code": "invalid"}]
    return problem_response(problem(400, said, code="invalid", errors=errors))


def _reused_key() -> HttpResponse:
    said = _("This key was sent with another request. A new request takes a new key.")
    return problem_response(problem(422, said, code="idempotency_key_reused"))
