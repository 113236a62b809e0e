"""From the text of a file to what it says, or to everything that is wrong with it."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from playbooks.changes import TRANSLATIONS, Action, Change, Level, Reason, ReasonKind
from playbooks.code import schema
from playbooks.code.document import (
    FORMAT,
    CodeFile,
    Document,
    LocalizationCode,
    Place,
    PlaybookCode,
    RuleCode,
    StepCode,
)
from playbooks.code.nodes import START, parse
from playbooks.code.problems import CodeError
from playbooks.code.values import WRONG, Report

POSITION_GAP = 10

ThingT = TypeVar("ThingT")
Raw = Mapping[str, Any]


def read(text: str | bytes) -> CodeFile:
    """Return what a file says.

    :raises CodeError: for all that is wrong with it, each with line and column.
    """
    root = parse(text)
    report = Report(marks={"": root.mark})
    raw = schema.FILE.read(root, "", report)
    if raw is not WRONG and raw.get("format", FORMAT) != FORMAT:
        said = _("This reads format %(known)d only.") % {"known": FORMAT}
        report.refuse(report.marks["format"], "format", said)
    if report.problems:
        raise CodeError(report.problems)
    document = _Builder(report).document(raw)
    if report.problems:
        raise CodeError(report.problems)
    return CodeFile(document, report.marks)


class _Builder:
    """Builds the document from values that are each right by themselves."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def document(self, raw: Raw) -> Document:
        """Return the whole of it."""
        return Document(
            playbooks=self._section(raw, "playbooks", self._playbook, lambda each: each.key),
            cadences=self._section(raw, "cadences", self._cadence, lambda each: each.identity),
            contact_budgets=self._section(
                raw, "contact_budgets", self._budget, lambda each: each.identity
            ),
        )

    def _section(
        self,
        raw: Raw,
        name: str,
        build: Callable[[Raw, str], ThingT],
        identity: Callable[[ThingT], Hashable],
    ) -> tuple[ThingT, ...] | None:
        if name not in raw:
            return None
        return self._each(raw[name], name, build, identity)

    def _each(
        self,
        raws: Iterable[Raw],
        path: str,
        build: Callable[[Raw, str], ThingT],
        identity: Callable[[ThingT], Hashable],
    ) -> tuple[ThingT, ...]:
        """Return what a list says, each thing once."""
        built: dict[Hashable, ThingT] = {}
        for index, raw in enumerate(raws):
            place = f"{path}[{index}]"
            thing = build(raw, place)
            if identity(thing) in built:
                self._refuse(place, _("This stands in the file twice."))
            built[identity(thing)] = thing
        return tuple(built.values())

    def _playbook(self, raw: Raw, path: str) -> PlaybookCode:
        known = schema.PLAYBOOK.complete(raw)
        steps = self._each(
            known.pop("steps"),
            f"{path}.steps",
            self._step,
            lambda each: each.key,
        )
        localizations = self._each(
            known.pop("localizations"),
            f"{path}.localizations",
            self._localization,
            lambda each: each.place,
        )
        for name in ("tiers", "stages", "complexities"):
            known[name] = tuple(known[name])
        return PlaybookCode(
            **known,
            steps=steps,
            localizations=localizations,
        )

    def _step(self, raw: Raw, path: str) -> StepCode:
        fields = schema.STEP.complete(raw)
        if fields["position"] is None:
            index = int(path[path.rfind("[") + 1 : -1])
            fields["position"] = (index + 1) * POSITION_GAP
        return StepCode(fields.pop("key"), fields)

    def _localization(self, raw: Raw, path: str) -> LocalizationCode:
        place = self._place(raw, path)
        if place is None:
            self._refuse(path, _("Name a region or a market."))
            place = Place(Level.MARKET, path)
        changes: list[Change] = []
        for index, each in enumerate(raw.get("changes", ())):
            changes += self._changes(each, f"{path}.changes[{index}]", path, len(changes))
        return LocalizationCode(place, raw.get("note", ""), tuple(changes))

    def _changes(self, raw: Raw, path: str, owner: str, first: int) -> list[Change]:
        """Return what one entry changes, field by field."""
        action = Action(raw["action"])
        given = raw["reason"]
        reason = Reason(ReasonKind(given["kind"]), given["text"].strip(), given.get("evidence", ""))
        if action is not Action.SET:
            value = schema.ADDED_STEP.complete(raw["fields"]) if action is Action.ADD else None
            self._mark_row(f"{owner}.rows[{first}]", path, "")
            return [Change(action, raw["step"], reason, value=value)]
        fields = _flat(raw["fields"])
        for index, name in enumerate(fields):
            self._mark_row(f"{owner}.rows[{first + index}]", path, name)
        return [
            Change(action, raw["step"], reason, field=name, value=value)
            for name, value in fields.items()
        ]

    def _mark_row(self, row: str, path: str, field: str) -> None:
        """Note where a change stands, by its place among all changes of the localization."""
        marks = self._report.marks
        names = {"step": "step", "action": "action", "reason": "reason.text"}
        names |= {"reason_kind": "reason.kind", "evidence": "reason.evidence"}
        names |= {"value": f"fields.{field}" if field else "fields", "field": "fields"}
        marks[row] = marks[path]
        for name, written in names.items():
            nested = f"{TRANSLATIONS}." in written and f"{path}.{written}" not in marks
            place = f"{path}.{written}" if not nested else f"{path}.fields.{TRANSLATIONS}"
            marks[f"{row}.{name}"] = marks.get(place, marks[path])
        inside = f"{path}.fields."
        if not field:
            for key in schema.ADDED_STEP.keys:
                if inside + key.name in marks:
                    marks[f"{row}.value.{key.name}"] = marks[inside + key.name]

    def _cadence(self, raw: Raw, path: str) -> RuleCode:
        fields = schema.CADENCE.complete(raw)
        fields["weekdays"] = sorted({schema.WEEKDAYS[name] for name in fields["weekdays"]})
        return self._rule(fields, path)

    def _budget(self, raw: Raw, path: str) -> RuleCode:
        return self._rule(schema.CONTACT_BUDGET.complete(raw), path)

    def _rule(self, fields: dict[str, Any], path: str) -> RuleCode:
        place = self._place(fields, path)
        del fields["region"], fields["market"]
        return RuleCode(place, fields)

    def _place(self, raw: Raw, path: str) -> Place | None:
        region, market = raw.get("region", ""), raw.get("market", "")
        if region and market:
            self._refuse(f"{path}.market", _("Name a region or a market, not both."))
        if region:
            return Place(Level.REGION, region)
        return Place(Level.MARKET, market) if market else None

    def _refuse(self, path: str, message: str) -> None:
        self._report.refuse(self._report.marks.get(path, START), path, message)


def _flat(fields: Raw) -> dict[str, Any]:
    """Return what is set, each translation as a field of its own."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if name == TRANSLATIONS:
            flat |= {f"{TRANSLATIONS}.{language}": words for language, words in value.items()}
        else:
            flat[name] = value
    return flat
