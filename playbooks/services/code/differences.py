"""What an import of a file would add, change and remove."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from playbooks.changes import Change, global_step
from playbooks.code.document import Document, LocalizationCode, PlaybookCode, RuleCode
from playbooks.code.reading import read
from playbooks.code.rows import budget_code, cadence_code, newest_versions, playbook_code
from playbooks.comparison import Difference, FieldDifference, StepDifference, compare
from playbooks.models import Playbook
from playbooks.services.code.importing import (
    Outcome,
    What,
    budget_rows,
    cadence_rows,
    changes_by_place,
    rule_name,
)


@dataclass(frozen=True, slots=True)
class ChangeDifference:
    """A local change on both sides: as it is, and as the file has it."""

    left: Change | None
    right: Change | None


@dataclass(frozen=True, slots=True)
class FileDifference:
    """How one thing differs between what is there (left) and the file (right)."""

    what: What
    name: str
    outcome: Outcome
    fields: tuple[FieldDifference, ...] = ()
    steps: tuple[StepDifference, ...] = ()
    changes: tuple[ChangeDifference, ...] = ()


def diff_file(text: str | bytes, *, only: Collection[str] | None = None) -> list[FileDifference]:
    """Return what an import of a file would add and change, and what of it it would remove.

    What the file does not name is not spoken of: an import leaves it as it is. ``only`` takes the
    playbooks with these keys and nothing else.

    :raises CodeError: if the file cannot be read.
    """
    document = read(text).document
    codes = [each for each in document.playbooks or () if only is None or each.key in only]
    rows = Playbook.objects.filter(key__in=[code.key for code in codes])
    known = {each.playbook.key: playbook_code(each) for each in newest_versions(rows)}
    found: list[FileDifference] = []
    for code in codes:
        before = known.get(code.key)
        found.append(_playbook(before, code))
        places = {each.place: each for each in before.localizations} if before else {}
        for each in code.localizations:
            found.append(_localization(code.key, places.get(each.place), each))
    if only is None:
        found += _rules(document)
    return [each for each in found if each.outcome is not Outcome.UNCHANGED]


def _rules(document: Document) -> Iterator[FileDifference]:
    cadences = {code.identity: code for code in map(cadence_code, cadence_rows())}
    budgets = {code.identity: code for code in map(budget_code, budget_rows())}
    for rule in document.cadences or ():
        yield _rule(What.CADENCE, cadences.get(rule.identity), rule)
    for rule in document.contact_budgets or ():
        yield _rule(What.CONTACT_BUDGET, budgets.get(rule.identity), rule)


def _playbook(before: PlaybookCode | None, code: PlaybookCode) -> FileDifference:
    left = {**before.own, **before.header} if before else {}
    fields = _fields(left, {**code.own, **code.header})
    steps = tuple(
        each
        for each in compare(
            [global_step(step.key, step.fields) for step in (before.steps if before else ())],
            [global_step(step.key, step.fields) for step in code.steps],
        )
        if each.difference is not Difference.SAME
    )
    outcome = _outcome(before, fields or steps)
    return FileDifference(What.PLAYBOOK, code.key, outcome, fields, steps)


def _localization(
    playbook: str, before: LocalizationCode | None, code: LocalizationCode
) -> FileDifference:
    lefts = changes_by_place(before) if before else {}
    rights = changes_by_place(code)
    changes = tuple(
        ChangeDifference(lefts.get(place), rights.get(place))
        for place in sorted({*lefts, *rights})
        if lefts.get(place) != rights.get(place)
    )
    fields = _fields({"note": before.note if before else ""}, {"note": code.note})
    return FileDifference(
        What.LOCALIZATION,
        f"{playbook} {code.place.code}",
        _outcome(before, fields or changes),
        fields,
        changes=changes,
    )


def _rule(what: What, before: RuleCode | None, code: RuleCode) -> FileDifference:
    fields = _fields(before.fields if before else {}, code.fields)
    return FileDifference(what, rule_name(code), _outcome(before, fields), fields)


def _outcome(before: object, differences: object) -> Outcome:
    if before is None:
        return Outcome.ADDED
    return Outcome.CHANGED if differences else Outcome.UNCHANGED


def _fields(left: Mapping[str, Any], right: Mapping[str, Any]) -> tuple[FieldDifference, ...]:
    return tuple(
        FieldDifference(name, left.get(name), value)
        for name, value in right.items()
        if left.get(name) != value
    )


def said(found: FileDifference) -> Iterator[str]:
    """Yield a difference in lines, as a terminal shows it."""
    sign = "+" if found.outcome is Outcome.ADDED else "~"
    yield f"{sign} {found.what} {found.name}"
    for field in found.fields:
        yield f"    {_field_line(field)}"
    for step in found.steps:
        mark = {Difference.ONLY_RIGHT: "+", Difference.ONLY_LEFT: "-"}.get(step.difference, "~")
        yield f"  {mark} step {step.key}: {step.title}"
        for field in step.fields:
            yield f"      {_field_line(field)}"
    for change in found.changes:
        yield from _change_lines(change)


def _field_line(field: FieldDifference) -> str:
    return f"{field.name}: {field.left!r} → {field.right!r}"


def _change_lines(difference: ChangeDifference) -> Iterator[str]:
    left, right = difference.left, difference.right
    change = right or left
    assert change is not None
    mark = "~" if left and right else "+" if right else "-"
    name = " ".join(filter(None, (change.step or "the playbook itself", change.field)))
    yield f"  {mark} {change.action} {name}"
    if left and right:
        for label in ("value", "reason"):
            one, other = getattr(left, label), getattr(right, label)
            if one != other:
                yield f"      {label}: {one!r} → {other!r}"
