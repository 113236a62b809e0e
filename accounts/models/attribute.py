"""What an organization knows of its accounts beyond our own fields."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.choices import AttributeKind
from tenants.models import VersionedTenantModel


class AccountAttribute(VersionedTenantModel):
    """An attribute that accounts may have: its key, its name, and the kind of its values."""

    key = models.SlugField(
        _("key"),
        max_length=50,
        help_text=_(
            "Short, such as contract_type: programs and playbooks name the attribute by it, so it "
            "stays as it is."
        ),
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("As people say it; it stands beside the value.")
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=AttributeKind.choices,
        help_text=_("What its values are. It stays: another kind is another attribute."),
    )
    choices = ArrayField(
        models.CharField(max_length=200),
        size=100,
        default=list,
        blank=True,
        verbose_name=_("choices"),
        help_text=_(
            "For the kind “One of several”: what may be chosen. An account keeps a choice that "
            "is taken away until somebody changes it."
        ),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("attribute of accounts")
        verbose_name_plural = _("attributes of accounts")
        ordering = ["name", "id"]
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "key"],
                name="accounts_accountattribute_key",
                violation_error_message=_("There is an attribute with this key."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind=AttributeKind.CHOICE, choices__len__gt=0)
                | ~models.Q(kind=AttributeKind.CHOICE) & models.Q(choices=[]),
                name="accounts_accountattribute_choices",
                violation_error_message=_("Choices belong to the kind “One of several”."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
