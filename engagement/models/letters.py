"""What members are written, and which of it they want."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from engagement.choices import NoticeKind
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel


class LetterPreference(VersionedTenantModel):
    """Which letters a member wants; who has said nothing wants them all."""

    membership = TenantForeignKey(
        Membership,
        models.CASCADE,
        related_name="letter_preferences",
        verbose_name=_("member"),
        help_text=_("Whose letters these are: what is said here holds for nobody else."),
    )
    digest = models.BooleanField(
        _("letter of the morning"),
        default=True,
        help_text=_("What is due today, overdue or moved, on each morning on which you work."),
    )
    digest_at = models.TimeField(
        _("in the morning at"),
        default=dt.time(7, 30),
        help_text=_("On the clock of where you work."),
    )
    hand_overs = models.BooleanField(
        _("letters about hand-overs"),
        default=True,
        help_text=_("When somebody gives you tasks; those of ten minutes come in one letter."),
    )
    mentions = models.BooleanField(
        _("letters about mentions"),
        default=True,
        help_text=_("When somebody writes @ and your name in the note of a task."),
    )

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("letter preference")
        verbose_name_plural = _("letter preferences")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership"],
                name="engagement_letterpreference_one",
                violation_error_message=_("This member has preferences already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.membership)


class DigestDay(TenantModel):
    """The last local day of which a member was told: whoever moves it on writes the letter."""

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="digest_days", verbose_name=_("member")
    )
    day = models.DateField(_("day"))
    told_at = models.DateTimeField(_("told"))

    class Meta(TenantModel.Meta):
        verbose_name = _("day of a digest")
        verbose_name_plural = _("days of digests")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership"], name="engagement_digestday_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.day}"


class Notice(TenantModel):
    """Something of which a member is still to be written; it goes when the letter is kept.

    The task is named, not pointed to: planning may take it back meanwhile.
    """

    membership = TenantForeignKey(
        Membership, models.CASCADE, related_name="notices", verbose_name=_("member")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=NoticeKind.choices)
    task = models.UUIDField(_("task"))
    by = TenantForeignKey(
        Membership, models.CASCADE, related_name="+", indexed=False, verbose_name=_("by")
    )
    noted_at = models.DateTimeField(_("noted"))

    class Meta(TenantModel.Meta):
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "membership", "kind", "task"],
                name="engagement_notice_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.membership}"
