"""What a check found, with the way to where it is mended."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from governance.findings import Finding
from governance.vocabulary import Severity
from playbooks import services
from playbooks.models import PlaybookVersion
from playbooks.wording import say
from tenants.admin.forms import Refused
from toolkit import effects


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding in words; ``url`` leads to the step that it is about."""

    text: str
    protects: str
    is_error: bool
    market: str
    step: str
    url: str


def shown(findings: Iterable[Finding], urls: Mapping[str, str]) -> list[Shown]:
    """Return findings in words, what stops publishing first; ``urls`` are by the key of a step."""
    found = [
        Shown(
            say(finding),
            finding.protects,
            finding.severity is Severity.ERROR,
            finding.market,
            finding.step,
            urls.get(finding.step, ""),
        )
        for finding in findings
    ]
    return sorted(dict.fromkeys(found), key=lambda each: not each.is_error)


def version_findings(version: PlaybookVersion) -> list[Shown]:
    """Return what is wrong with a version, by itself and in the markets that follow it."""
    steps = version.steps.values_list("key", "pk")
    urls = {key: reverse("admin:playbooks_step_change", args=[pk]) for key, pk in steps}
    return shown(services.check_version(version, at=timezone.now()), urls)


def previewed(
    request: HttpRequest, save: Callable[[], Any], look: Callable[[], list[Shown]]
) -> HttpResponse:
    """Save, look for what is wrong, take it back, and tell."""
    answers: list[Any] = []
    found: list[Shown] = []

    def change() -> None:
        answers.append(save())
        context = getattr(answers[-1], "context_data", None)
        if context is None:
            # Only a form that was accepted leads elsewhere.
            found.extend(look())

    try:
        effects.preview(change)
    except Refused as refused:
        # Once more, so that the form words the refusal.
        request.refused = refused  # type: ignore[attr-defined]
        effects.preview(change)
    context = getattr(answers[-1], "context_data", None) or {}
    return TemplateResponse(
        request,
        "admin/playbooks/findings.html",
        {"errors": list(context.get("errors", ())), "findings": found, "live": True},
    )
