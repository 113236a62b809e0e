"""A step of a playbook: what is done, when, by whom, and what the customer gains."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Channel
from governance.choices import STAKEHOLDERS, STEP_KINDS
from playbooks.choices import ANCHORS, ROLLS, UNITS, IfPast, Priority, Tone
from playbooks.models.playbook import PlaybookVersion
from playbooks.schedule import Anchor
from playbooks.validators import validate_condition, validate_offset, validate_translations
from regions.choices import SIDES
from regions.offsets import Unit
from tenants.fields import TenantForeignKey
from tenants.models import VersionedTenantModel


class Step(VersionedTenantModel):
    """One step of one version. Its key stays the same from version to version."""

    playbook_version = TenantForeignKey(
        PlaybookVersion, models.CASCADE, related_name="steps", verbose_name=_("version")
    )
    key = models.SlugField(
        _("key"),
        max_length=60,
        help_text=_("Short and stable: localizations and other steps name it by this."),
    )
    position = models.PositiveIntegerField(
        _("position"),
        default=10,
        help_text=_("Steps stand in the order of these numbers; leave gaps, markets fill them."),
    )
    title = models.CharField(
        _("title"), max_length=200, help_text=_("What the CSM does; the task is called so.")
    )
    instructions = models.TextField(
        _("instructions"),
        blank=True,
        help_text=_("How it is done well, in Markdown: what to prepare, to ask and to send."),
    )
    outcome = models.TextField(
        _("outcome for the customer"),
        max_length=500,
        help_text=_(
            "What the customer has afterwards. It is owed in every market: no localization "
            "changes it."
        ),
    )
    kind = models.CharField(
        _("kind"),
        max_length=20,
        choices=STEP_KINDS,
        help_text=_("What is done; guardrails speak of kinds. Internal: nobody is contacted."),
    )
    owner_role = models.CharField(
        _("owner role"),
        max_length=60,
        blank=True,
        help_text=_("The code of the role that carries the step out, such as local_csm."),
    )
    channel = models.CharField(
        _("channel"),
        max_length=10,
        choices=Channel.choices,
        blank=True,
        help_text=_("How the customer is reached, unless contact or agreement say otherwise."),
    )
    anchor = models.CharField(
        _("counts from"),
        max_length=20,
        choices=ANCHORS,
        default=Anchor.RUN_START.value,
        help_text=_("The event from which the distance is counted."),
    )
    anchor_step = models.SlugField(
        _("the step it counts from"),
        max_length=60,
        blank=True,
        help_text=_("Only for steps that count from the end of another: its key."),
    )
    offset = models.SmallIntegerField(
        _("distance"),
        default=0,
        validators=[validate_offset],
        help_text=_("How many units after the event; negative numbers lie before it."),
    )
    unit = models.CharField(
        _("unit"),
        max_length=20,
        choices=UNITS,
        default=Unit.BUSINESS_DAYS.value,
        help_text=_("Working days are those of the market that carries it out."),
    )
    roll = models.CharField(
        _("where a day off moves it"),
        max_length=20,
        choices=ROLLS,
        blank=True,
        help_text=_("Empty: later for distances from zero, earlier for negative ones."),
    )
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration (minutes)"),
        default=30,
        validators=[MinValueValidator(5), MaxValueValidator(480)],
        help_text=_("How much of the owner's day it takes, preparation included."),
    )
    priority = models.CharField(
        _("priority"),
        max_length=10,
        choices=Priority.choices,
        default=Priority.NORMAL.value,
        help_text=_("How much it matters among other work of the same day."),
    )
    required = models.BooleanField(
        _("required"),
        default=False,
        help_text=_("No market may leave it out: it is part of what every customer is owed."),
    )
    depends_on = ArrayField(
        models.SlugField(max_length=60),
        default=list,
        blank=True,
        verbose_name=_("waits for"),
        help_text=_("The keys of steps that have to be closed before this one opens."),
    )
    condition = models.JSONField(
        _("only for"),
        default=dict,
        blank=True,
        validators=[validate_condition],
        help_text=_("The accounts it is for: tiers, stages, complexities, health, languages."),
    )
    checklist = ArrayField(
        models.CharField(max_length=200),
        default=list,
        blank=True,
        verbose_name=_("checklist"),
        help_text=_("What must not be forgotten, one short line each."),
    )
    message = models.TextField(
        _("message"),
        blank=True,
        help_text=_("What is sent, with placeholders such as {contact_name} and {csm_name}."),
    )
    tone = models.CharField(
        _("tone"),
        max_length=10,
        choices=Tone.choices,
        blank=True,
        help_text=_("How the words sound, where it differs from the brand's own voice."),
    )
    assumption = models.CharField(
        _("cultural assumption"),
        max_length=30,
        choices=SIDES,
        blank=True,
        help_text=_(
            "What the step takes for granted. Markets whose profile says otherwise are listed for "
            "a localization."
        ),
    )
    stakeholders = ArrayField(
        models.CharField(max_length=20, choices=STAKEHOLDERS),
        default=list,
        blank=True,
        verbose_name=_("reaches"),
        help_text=_("Whom on the customer's side it reaches; guardrails may ask for a sponsor."),
    )
    if_past = models.CharField(
        _("if its day is past at the start"),
        max_length=10,
        choices=IfPast.choices,
        default=IfPast.DUE_NOW.value,
        help_text=_("For steps counted backwards, when a run starts late."),
    )
    translations = models.JSONField(
        _("translations"),
        default=dict,
        blank=True,
        validators=[validate_translations],
        help_text=_("By language: title, instructions, outcome, checklist and message."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["position", "key"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "playbook_version", "key"],
                name="playbooks_step_key",
                violation_error_message=_("There is a step with this key."),
            ),
            models.CheckConstraint(
                condition=Q(anchor=Anchor.STEP_END.value) ^ Q(anchor_step=""),
                name="playbooks_step_anchor_step",
                violation_error_message=_(
                    "Name the step that this one counts from; only the end of a step needs one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def document(self) -> dict[str, Any]:
        """Its fields by name, with values as JSON knows them."""
        return {name: getattr(self, name) for name in STEP_FIELDS}


STEP_FIELDS = (
    *("position", "title", "instructions", "outcome", "kind", "owner_role", "channel"),
    *("anchor", "anchor_step", "offset", "unit", "roll", "duration_minutes", "priority"),
    *("required", "depends_on", "condition", "checklist", "message", "tone", "assumption"),
    *("stakeholders", "if_past", "translations"),
)
"""What a version says of a step beside its key, and what a localization may set."""
