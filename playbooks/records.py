"""Changes and origins as JSON, for rows that never change again. Pure."""

from collections.abc import Mapping
from typing import Any

from playbooks.changes import (
    Action,
    Change,
    Level,
    Origin,
    Reason,
    ReasonKind,
    StepDocument,
)

Record = dict[str, Any]


def reason_record(reason: Reason) -> Record:
    """Return a reason as JSON."""
    return {
        "kind": reason.kind.value,
        "text": reason.text,
        "evidence": reason.evidence,
        "statement": reason.statement,
    }


def reason_of(record: Mapping[str, Any]) -> Reason:
    """Return the reason that was written so."""
    return Reason(
        ReasonKind(record["kind"]), record["text"], record["evidence"], record["statement"]
    )


def change_record(change: Change) -> Record:
    """Return a change as JSON."""
    return {
        "action": change.action.value,
        "step": change.step,
        "field": change.field,
        "value": change.value,
        "reason": reason_record(change.reason),
        "author": change.author,
        "since": change.since,
    }


def change_of(record: Mapping[str, Any]) -> Change:
    """Return the change that was written so."""
    return Change(
        Action(record["action"]),
        record["step"],
        reason_of(record["reason"]),
        field=record["field"],
        value=record["value"],
        author=record["author"],
        since=record["since"],
    )


def origin_record(origin: Origin) -> Record:
    """Return the origin of a field that is not the global version's as JSON."""
    assert origin.reason is not None
    return {
        "level": origin.level.value,
        "reason": reason_record(origin.reason),
        "author": origin.author,
        "since": origin.since,
    }


def origin_of(record: Mapping[str, Any]) -> Origin:
    """Return the origin that was written so."""
    return Origin(
        Level(record["level"]), reason_of(record["reason"]), record["author"], record["since"]
    )


def origin_records(step: StepDocument) -> Record:
    """Return the origins of the fields that are not the global version's own."""
    return {
        name: origin_record(origin)
        for name, origin in step.origins.items()
        if origin.level is not Level.GLOBAL
    }


def step_of(key: str, fields: Mapping[str, Any], origins: Mapping[str, Any]) -> StepDocument:
    """Return a step of an edition as it was resolved."""
    known = {name: origin_of(record) for name, record in origins.items()}
    return StepDocument(key, fields, dict.fromkeys(fields, Origin()) | known)
