"""From what a file says to its text: the same content is always the same bytes.

What is as it is by default is left out; everything stands in an order that the content decides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from accounts.choices import Stage
from playbooks.changes import HEADER, HEADER_FIELDS, TRANSLATIONS, Action, Change, Level, Reason
from playbooks.code import schema
from playbooks.code.document import (
    FORMAT,
    Document,
    LocalizationCode,
    Place,
    PlaybookCode,
    RuleCode,
    StepCode,
)
from playbooks.code.reading import POSITION_GAP
from playbooks.code.scalars import is_short, items, plain, scalar, table
from playbooks.code.values import Key, Record
from playbooks.models.step import STEP_FIELDS
from playbooks.validators import TRANSLATED_HEADER

WIDTH = 92
"""Where lines are folded: at the next blank behind it."""

_WORDS = (*(key.name for key in schema.TRANSLATION.keys), *TRANSLATED_HEADER)
_CONDITIONS = tuple(key.name for key in schema.CONDITION.keys)
_WEEKDAYS = {number: name for name, number in schema.WEEKDAYS.items()}
_STAGES = ("", *Stage.values)

Entries = Iterator[tuple[str, yaml.Node]]


def write(document: Document) -> str:
    """Return a document as text."""
    written: str = yaml.serialize(
        table(_file(document)), Dumper=yaml.SafeDumper, allow_unicode=True, width=WIDTH
    )
    return written


def _file(document: Document) -> Entries:
    yield "format", scalar(FORMAT)
    if document.playbooks is not None:
        playbooks = sorted(document.playbooks, key=lambda each: each.key)
        yield "playbooks", items(table(_playbook(each)) for each in playbooks)
    if document.cadences is not None:
        yield "cadences", _rules(document.cadences, schema.CADENCE)
    if document.contact_budgets is not None:
        yield "contact_budgets", _rules(document.contact_budgets, schema.CONTACT_BUDGET)


def _playbook(code: PlaybookCode) -> Entries:
    said = {"key": code.key, **code.own, **code.header, "change_note": code.change_note}
    yield from _given(said, schema.PLAYBOOK.keys)
    steps = sorted(code.steps, key=lambda each: each.order)
    if steps:
        yield "steps", items(table(_step(each, index)) for index, each in enumerate(steps))
    if code.localizations:
        order = {step.key: index for index, step in enumerate(steps)}
        localizations = sorted(code.localizations, key=lambda each: each.place.order)
        yield "localizations", items(table(_localization(each, order)) for each in localizations)


def _step(code: StepCode, index: int) -> Entries:
    yield "key", scalar(code.key)
    fields = dict(code.fields)
    if fields["position"] == (index + 1) * POSITION_GAP:
        del fields["position"]
    else:
        yield "position", scalar(fields.pop("position"))
    yield from _given(fields, schema.STEP_KEYS)


def _given(fields: Mapping[str, Any], keys: Sequence[Key]) -> Entries:
    """Write what is not as it is by default."""
    for key in keys:
        if key.name in fields and fields[key.name] != key.default:
            yield key.name, _value(key.name, fields[key.name])


def _value(name: str, value: Any) -> yaml.Node:
    """Write the value of a field; what the database stores in any order, in one of its own."""
    if value and name == "condition":
        attributes = dict(sorted(value.get("attributes", {}).items()))
        return plain(_ordered({**value, "attributes": attributes}, _CONDITIONS, value))
    if value and name == TRANSLATIONS:
        return table((language, _value(f"{name}.", value[language])) for language in sorted(value))
    if value and name.startswith(TRANSLATIONS):
        words = _ordered(value, _WORDS, value)
        return table((name, plain(each)) for name, each in words.items())
    return plain(value)


def _ordered(
    value: Mapping[str, Any], order: Sequence[str], given: Mapping[str, Any]
) -> dict[str, Any]:
    return {name: value[name] for name in order if name in given}


def _localization(code: LocalizationCode, steps: Mapping[str, int]) -> Entries:
    yield _place(code.place)
    if code.note:
        yield "note", scalar(code.note)
    if code.changes:
        entries = _grouped(code.changes, steps)
        yield "changes", items(table(_change(each)) for each in entries)


def _place(place: Place) -> tuple[str, yaml.Node]:
    return place.level.value, scalar(place.code)


def _grouped(changes: Iterable[Change], steps: Mapping[str, int]) -> list[list[Change]]:
    """Return changes as a file writes them: fields of a step that differ for one reason together.

    The playbook itself comes first, then its steps in their order, then steps that it has not.
    """
    found: dict[tuple[str, bool, Reason], list[Change]] = {}
    for change in sorted(changes, key=_field_order):
        is_set = change.action is Action.SET
        group = (change.step, is_set, change.reason)
        found.setdefault(group, []).append(change)
    return sorted(found.values(), key=lambda group: _group_order(group[0], steps))


def _group_order(change: Change, steps: Mapping[str, int]) -> tuple[object, ...]:
    """Return where a group stands; a step is added or brought back before it is changed."""
    beyond = len(steps)
    place = -1 if change.step == HEADER else steps.get(change.step, beyond)
    return (place, change.step, change.action is Action.SET, _field_order(change))


def _field_order(change: Change) -> tuple[int, str]:
    known = (*HEADER_FIELDS, *STEP_FIELDS)
    return (known.index(change.field) if change.field in known else len(known)), change.field


def _change(group: Sequence[Change]) -> Entries:
    first = group[0]
    yield "step", scalar(first.step)
    yield "action", scalar(first.action.value)
    if first.action is Action.SET:
        yield "fields", _set_fields({each.field: each.value for each in group})
    elif first.action is Action.ADD:
        yield "fields", table(_given(first.value, schema.ADDED_STEP.keys))
    yield "reason", table(_reason(first.reason))


def _set_fields(fields: Mapping[str, Any]) -> yaml.Node:
    written = {name: _value(name, value) for name, value in fields.items()}
    return table(written.items(), flow=is_short(fields))


def _reason(reason: Reason) -> Entries:
    yield "kind", scalar(reason.kind.value)
    yield "text", scalar(reason.text)
    if reason.evidence:
        yield "evidence", scalar(reason.evidence)


def _rules(codes: Iterable[RuleCode], record: Record) -> yaml.Node:
    return items(table(_rule(code, record)) for code in sorted(codes, key=_rule_order))


def _rule_order(code: RuleCode) -> tuple[object, ...]:
    tier, stage, place = code.identity
    return (tier, _STAGES.index(stage), place is not None, place.order if place else ())


def _rule(code: RuleCode, record: Record) -> Entries:
    for key in record.keys:
        if key.name in (Level.REGION, Level.MARKET):
            if code.place and code.place.level == key.name:
                yield _place(code.place)
            continue
        value = code.fields[key.name]
        if key.name == "weekdays":
            value = [_WEEKDAYS[number] for number in value]
        if value != key.default and (value or key.default):
            yield key.name, plain(value)
