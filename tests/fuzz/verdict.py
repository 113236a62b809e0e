"""What is wrong with an answer."""

import io
import json
import traceback
import zipfile
from collections.abc import Iterator
from typing import Any

import requests
import schemathesis
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.fuzz.stage import FOREIGN, Case, Stage
from tests.fuzz.weaving import ADDRESS, Sent
from toolkit.api.problems import MEDIA_TYPE

load_all_checks()

UUID_LENGTH = 36

CONFORMANCE = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def of_crash(error: BaseException) -> str:
    """Return the complaint about an exception that nobody turned into an answer."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    places = [
        f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in (*ours[-3:], frames[-1])
    ]
    return f"500: {type(error).__name__}: {str(error)[:300]}\n  " + "\n  ".join(places)


def of_answer(response: Any, sent: Sent, stage: Stage) -> Iterator[str]:
    """Yield the complaints about any answer under the API, whatever was sent."""
    if response.status_code >= 500:
        yield f"{response.status_code}"
    if response.status_code >= 400 and sent.method != "HEAD":
        yield from _of_problem(response)
    yield from _of_leak(response, sent, stage)


def of_conformance(case: Case, response: Any) -> Iterator[str]:
    """Yield where an answer is not what the document says of the operation."""
    answer = schemathesis.Response(
        status_code=response.status_code,
        headers={name: [value] for name, value in response.headers.items()},
        content=response.content,
        request=requests.Request(case.method, ADDRESS).prepare(),
        elapsed=0.0,
        verify=False,
    )
    try:
        case.validate_response(answer, checks=CONFORMANCE)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield f"{response.status_code}: {failure.title}: {failure.message[:400]}"


def _of_problem(response: Any) -> Iterator[str]:
    if response.headers.get("Content-Type") != MEDIA_TYPE:
        yield f"{response.status_code} is no problem but {response.headers.get('Content-Type')}"
        return
    body = json.loads(response.content)
    if body["status"] != response.status_code:
        yield f"{response.status_code} calls itself {body['status']}"


def _of_leak(response: Any, sent: Sent, stage: Stage) -> Iterator[str]:
    """Yield what an answer holds of the second organization, beyond what was sent."""
    text = "\n".join(
        [_readable(response.content), *(f"{name}: {value}" for name, value in response.items())]
    ).lower()
    asked = f"{sent.path} {sent.body!r}".lower()
    if stage.foreign_address in asked:
        text = text.replace(stage.foreign_address, "")
    if FOREIGN.lower() in text:
        place = text.index(FOREIGN.lower())
        yield f"{response.status_code} shows {text[max(place - 60, 0) : place + 60]!r}"
    for model, pk in stage.foreign.items():
        # The numbers of audit entries are too short to tell them from other numbers.
        if len(pk) == UUID_LENGTH and pk in text and pk not in asked:
            yield f"{response.status_code} shows the id of a {model.__name__} of another"


def _readable(content: bytes) -> str:
    """Return the text of an answer; of a workbook, what its files say."""
    if not content.startswith(b"PK"):
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as workbook:
        return "\n".join(workbook.read(name).decode() for name in workbook.namelist())
