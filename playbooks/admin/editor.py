"""What the editor of a localization shows: every step with what holds without it, beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.translation import gettext as _

from playbooks.admin.changes import (
    ChangeForm,
    Context,
    Place,
    Written,
    form_for,
    forms_of,
    key_for,
    new_form,
    unsealed,
    with_reasons,
    written,
)
from playbooks.admin.fields import FieldMaker
from playbooks.admin.steps import languages_of_markets
from playbooks.admin.words import TRANSLATED, Words, label, roles_by_code
from playbooks.changes import (
    HEADER_FIELDS,
    TRANSLATIONS,
    Action,
    Level,
    StepDocument,
)
from playbooks.documents import layer_of
from playbooks.fields import LOCKED_FIELDS
from playbooks.models import LocalChange, Localization
from playbooks.models.step import STEP_FIELDS
from playbooks.resolution import Resolved
from playbooks.services import latest_revision, resolve_version
from playbooks.services.drafts import POSITION_GAP
from regions.models import CulturalStatement

FIRST_FIELDS = ("title", "kind", "owner_role", "channel", "offset", "duration_minutes", "checklist")
"""What is changed most often stands first."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """What somebody else made of a change while this page was open."""

    title: str
    field: str
    said: str
    reason: str
    who: str
    is_taken: bool


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of a step: what holds without this localization, and the change, if there is one."""

    name: str
    label: str
    base: str
    is_of_region: bool
    is_locked: bool
    form: ChangeForm | None
    local: str
    """What holds here instead, in words."""


@dataclass(frozen=True, slots=True)
class StepBlock:
    """One step in the editor."""

    key: str
    title: str
    when: str
    state: str
    required: bool
    rows: tuple[FieldRow, ...]
    more: tuple[tuple[str, str], ...]
    """Fields that say nothing yet, and could."""
    whole: ChangeForm | None
    """Its being added, left out or brought back."""
    is_open: bool
    changed: int
    """How many changes are local."""

    @property
    def local(self) -> list[FieldRow]:
        """Return the fields that are changed here."""
        return [row for row in self.rows if row.form]

    @property
    def rest(self) -> list[FieldRow]:
        """Return the fields that follow the playbook."""
        return [row for row in self.rows if not row.form]

    @property
    def anchor(self) -> str:
        """Return the id of its place on the page."""
        return f"step-{self.key or 'playbook'}"


class Editor:
    """The state of one editing page: forms for all changes, and the steps around them."""

    def __init__(self, localization: Localization, data: QueryDict | None = None) -> None:
        self.localization = localization
        self.stored = list(localization.changes.select_related("author"))
        self.theirs: list[Theirs] = []
        self._asked: str | None = None
        if data is None:
            self.forms = [form_for(written(row), self.context) for row in self.stored]
        else:
            self.forms = forms_of(data, self.context)
        self._order()

    @cached_property
    def context(self) -> Context:
        """What all forms need."""
        steps = [*self.base.steps, *(step for step, _origin in self.base.dropped.values())]
        titles = [(step.key, step.fields["title"]) for step in steps]
        titles += [
            (row.step, (row.value or {}).get("title", row.step))
            for row in self.stored
            if row.action == Action.ADD
        ]
        base = {step.key: step.fields for step in (self.base.header, *steps)}
        return Context(FieldMaker(tuple(self.roles.items()), titles), self.statements, base)

    @cached_property
    def roles(self) -> dict[str, str]:
        """The names of the roles, by code."""
        return roles_by_code()

    @cached_property
    def statements(self) -> Sequence[tuple[str, str]]:
        """The reports of the market's profile, or of all markets of the region."""
        place = self.localization.place
        known = CulturalStatement.objects.filter(withdrawn_at=None)
        if self.localization.market_id:
            known = known.filter(market=place.pk)
        else:
            known = known.filter(market__region=place.pk)
        rows = known.order_by("dimension", "pk").values_list("pk", "text")
        return [(str(pk), text if len(text) < 90 else f"{text[:89]}…") for pk, text in rows]

    @cached_property
    def base(self) -> Resolved:
        """What holds without this localization: the version, and what the region makes of it."""
        revision = None
        if self.localization.market:
            revision = latest_revision(self.localization.playbook, self.localization.market.region)
        return resolve_version(self.localization.base, layer_of(Level.REGION, revision))

    @cached_property
    def words(self) -> Words:
        """What values are called."""
        return Words(self.roles, dict(self.context.maker.steps))

    def is_valid(self) -> bool:
        """Return whether all that is typed can be read."""
        return all([form.is_valid() for form in self.forms])

    def changes(self) -> list[Written]:
        """Return all changes as services take them; only for valid forms."""
        return with_reasons([form.written() for form in self.forms])

    def refuse(self, errors: Mapping[str, str]) -> list[str]:
        """Say what the service refused beside each change; return what belongs to none."""
        rest: list[str] = []
        by_form: dict[int, dict[str, str]] = {}
        for path, said in errors.items():
            head, _dot, name = path.partition(".")
            number = head.removeprefix("changes[").removesuffix("]")
            if number.isdigit() and int(number) < len(self.forms):
                by_form.setdefault(int(number), {})[name] = said
            else:
                rest.append(said)
        for place, found in by_form.items():
            self.forms[place].add_errors(found)
        return rest

    def begin(self, action: str, step: str, name: str = "") -> None:
        """Open a change."""
        if any(form.place == (step, name) for form in self.forms):
            return
        if action == Action.DROP:
            self.forms = [form for form in self.forms if form.step != step]
        form = new_form(action, step, name, self.context)
        form.take_focus()
        self.forms.append(form)
        self._asked = step
        self._order()

    def close(self, step: str, name: str) -> None:
        """Let what holds without the localization hold again."""
        gone = next((form for form in self.forms if form.place == (step, name)), None)
        self.forms = [form for form in self.forms if form is not gone]
        if gone and gone.action in (Action.ADD, Action.RESTORE):
            self.forms = [form for form in self.forms if form.step != step]
        self._asked = step

    def add_step(self, title: str) -> str:
        """Begin a step of one's own, at the end; return its key."""
        known = {*self.context.base, *(form.step for form in self.forms)}
        key = key_for(title, known)
        last = max((step.fields["position"] for step in self.base.steps), default=0)
        change = {
            "action": Action.ADD.value,
            "step": key,
            "field": "",
            "value": {"title": title, "position": last + POSITION_GAP},
            **dict.fromkeys(("reason_kind", "reason", "evidence", "statement"), ""),
        }
        form = form_for(change, self.context)
        form.take_focus()
        self.forms.append(form)
        self._asked = key
        self._order()
        return key

    def show(self, step: str) -> None:
        """Open a step on the page."""
        self._asked = step or None

    def merge(self, opened: str) -> None:
        """Bring what somebody else saved meanwhile together with what is typed here.

        What only they changed is taken over; what both changed stays as it is typed, with
        theirs beside it.
        """
        before = unsealed(opened)
        now = {(row.step, row.field): row for row in self.stored}
        mine = {form.place: form for form in self.forms}
        for place in sorted({*before, *now}):
            row = now.get(place)
            if before.get(place) == (written(row) if row else None):
                continue
            form = mine.get(place)
            untouched = _says(form) == before.get(place)
            if untouched:
                self.forms = [each for each in self.forms if each.place != place]
                if row:
                    self.forms.append(form_for(written(row), self.context))
            self.theirs.append(self._theirs(place, row, is_taken=untouched))
        self._order()

    def blocks(self) -> list[StepBlock]:
        """Return all steps in their order, those left out and those added here included."""
        blocks = [self._header(), *(self._block(step) for step in self.base.steps)]
        blocks += [self._left_out(step) for step, _origin in self.base.dropped.values()]
        blocks += [self._added(form) for form in self.forms if form.action == Action.ADD]
        known = {block.key for block in blocks}
        blocks += [self._lost(key) for key in self._steps_of_forms() if key not in known]
        return blocks

    def _steps_of_forms(self) -> Iterable[str]:
        return dict.fromkeys(form.step for form in self.forms)

    def _order(self) -> None:
        order = {key: at for at, key in enumerate(self.context.base)}
        self.forms.sort(key=lambda form: (order.get(form.step, len(order)), form.step))

    def _forms(self, step: str) -> list[ChangeForm]:
        return [form for form in self.forms if form.step == step]

    def _whole(self, step: str) -> ChangeForm | None:
        return next((form for form in self._forms(step) if not form.name), None)

    def _header(self) -> StepBlock:
        names = [*HEADER_FIELDS, *self._translations(self.base.header)]
        return self._made(self.base.header, names, title=_("The playbook itself"), state="")

    def _block(self, step: StepDocument) -> StepBlock:
        names = sorted(
            (name for name in STEP_FIELDS if name != TRANSLATIONS),
            key=lambda name: (
                FIRST_FIELDS.index(name) if name in FIRST_FIELDS else len(FIRST_FIELDS)
            ),
        )
        whole = self._whole(step.key)
        state = "dropped" if whole and whole.action == Action.DROP else ""
        return self._made(step, [*names, *self._translations(step)], state=state)

    def _left_out(self, step: StepDocument) -> StepBlock:
        whole = self._whole(step.key)
        if whole is None:
            return self._made(step, (), state="left_out")
        return self._block(step)

    def _added(self, form: ChangeForm) -> StepBlock:
        title = form["value.title"].value() or form.step
        step = StepDocument(form.step, {"title": title})
        return self._made(step, (), state="added")

    def _lost(self, key: str) -> StepBlock:
        """Return what is changed of a step that is no longer there."""
        step = StepDocument(key, {"title": key})
        return self._made(step, [form.name for form in self._forms(key) if form.name], state="lost")

    def _translations(self, step: StepDocument) -> list[str]:
        own = {name for name in step.fields if name.startswith(f"{TRANSLATIONS}.")}
        own |= {form.name for form in self._forms(step.key) if form.name.startswith(TRANSLATIONS)}
        place = self.localization.market
        tags = place.languages if place else None
        known = sorted({tag.partition("-")[0] for tag in tags}) if tags else self._languages
        return sorted(own | {f"{TRANSLATIONS}.{language}" for language in known})

    @cached_property
    def _languages(self) -> list[str]:
        return languages_of_markets()

    def _made(
        self, step: StepDocument, names: Iterable[str], *, state: str, title: str = ""
    ) -> StepBlock:
        own = {form.name: form for form in self._forms(step.key) if form.name}
        whole = self._whole(step.key)
        rows: list[FieldRow] = []
        more: list[tuple[str, str]] = []
        for name in names:
            said = self.words.value(name, step.fields.get(name))
            form = own.get(name)
            if not said and form is None:
                more.append((name, label(name)))
                continue
            origin = step.origins.get(name)
            rows.append(
                FieldRow(
                    name,
                    label(name),
                    said or self._original(name, step),
                    bool(origin and origin.level is Level.REGION),
                    name in LOCKED_FIELDS,
                    form,
                    self.words.value(name, form.initial.get("value")) if form else "",
                )
            )
        changed = len(own) + (1 if whole else 0)
        wrong = any(form.is_bound and form.errors for form in self._forms(step.key))
        return StepBlock(
            key=step.key,
            title=title or step.fields.get("title", step.key),
            when=self.words.timing(step.fields) if "anchor" in step.fields else "",
            state=state,
            required=bool(step.fields.get("required")),
            rows=tuple(rows),
            more=tuple(more),
            whole=whole,
            is_open=wrong or step.key == self._asked,
            changed=changed,
        )

    def _original(self, name: str, step: StepDocument) -> str:
        """Return the words that a translation is of, in the playbook's own language."""
        if not name.startswith(f"{TRANSLATIONS}."):
            return ""
        words = {part: step.fields[part] for part in TRANSLATED if step.fields.get(part)}
        return self.words.value(name, words)

    def _theirs(self, place: Place, row: LocalChange | None, *, is_taken: bool) -> Theirs:
        step, name = place
        value = ""
        if row and row.action == Action.SET:
            value = self.words.value(name, row.value) or _("nothing")
        elif row:
            value = row.get_action_display()
        return Theirs(
            title=self.words.title(step) or _("The playbook itself"),
            field=label(name) if name else "",
            said=value if row else _("follows the playbook again"),
            reason=row.reason if row else "",
            who=str(row.author or "") if row else "",
            is_taken=is_taken,
        )


def _says(form: ChangeForm | None) -> Written | None:
    """Return what a form says, as it would be stored; something of its own for what is wrong."""
    if form is None:
        return None
    return form.written() if form.is_valid() else {"wrong": form.place}
