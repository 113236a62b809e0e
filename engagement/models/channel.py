"""Chats that hear of the work, and what they were told."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from outbox.choices import CHATS
from outbox.models import WebhookEndpoint
from regions.models import Region
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel, VersionedTenantModel


class ChatChannel(VersionedTenantModel):
    """A channel of Slack or Teams that is told of the work of a region, or of all of them.

    Its secret address is kept by its endpoint in the outbox and never shown again.
    """

    endpoint = TenantForeignKey(
        WebhookEndpoint,
        models.PROTECT,
        related_name="chat_channels",
        editable=False,
        verbose_name=_("endpoint"),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("As people call it, such as #cs-emea.")
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=CHATS,
        help_text=_("It decides how messages are written, and cannot be changed later."),
    )
    language = models.CharField(
        _("language"),
        max_length=20,
        default="en",
        choices=settings.LANGUAGES,
        help_text=_("What is posted there is written in this language."),
    )
    region = TenantForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="chat_channels",
        verbose_name=_("region"),
        help_text=_("Whose work it hears of; empty: that of all regions."),
    )
    summaries = models.BooleanField(
        _("the region's morning"),
        default=True,
        help_text=_("What was planned and moved, what is due and overdue, once each morning."),
    )
    summary_at = models.TimeField(
        _("in the morning at"),
        default=dt.time(8, 0),
        help_text=_("On the clock by which the region is planned."),
    )
    hand_overs = models.BooleanField(
        _("hand-overs"),
        default=False,
        help_text=_("Who gave which tasks to whom; those of ten minutes come in one message."),
    )
    run_starts = models.BooleanField(
        _("playbooks that start"),
        default=False,
        help_text=_("For which accounts a trigger started its playbook."),
    )
    is_active = models.BooleanField(
        _("is active"),
        default=True,
        help_text=_("What happens while it is not is not told later."),
    )

    url: str = ""
    """The secret address, while it is on its way to the outbox; empty: that of before."""

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("chat channel")
        verbose_name_plural = _("chat channels")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="engagement_chatchannel_name",
                violation_error_message=_("There is a channel with this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SummaryDay(TenantModel):
    """The last local day of a region of which a channel was told: whoever moves it on tells it."""

    channel = TenantForeignKey(
        ChatChannel,
        models.CASCADE,
        related_name="summary_days",
        verbose_name=_("channel"),
        indexed=False,
    )
    region = TenantForeignKey(
        Region, models.CASCADE, related_name="summary_days", verbose_name=_("region")
    )
    day = models.DateField(_("day"))
    told_at = models.DateTimeField(_("told"))

    class Meta(TenantModel.Meta):
        verbose_name = _("day of a summary")
        verbose_name_plural = _("days of summaries")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "channel", "region"], name="engagement_summaryday_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {self.region} {self.day}"
