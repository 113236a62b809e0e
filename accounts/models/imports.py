"""A file of accounts on its way in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.choices import RUNNING, ImportStatus
from tenants.fields import TenantForeignKey
from tenants.models import Membership, TenantModel, VersionedTenantModel


class AccountImport(VersionedTenantModel):
    """A file of accounts: checked whole, then written whole or not at all.

    The file itself is kept for a while, so that a check can be repeated and an interrupted
    import goes on; the audit trail does not carry it.
    """

    name = models.CharField(_("file"), max_length=255, editable=False)
    size = models.PositiveIntegerField(_("bytes"), editable=False)
    content = models.BinaryField(null=True, editable=False)
    """The file's bytes, packed; None once they are removed."""
    options = models.JSONField(
        _("options"),
        default=dict,
        blank=True,
        help_text=_("How the file is to be read, and what its values mean."),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ImportStatus.choices,
        default=ImportStatus.UPLOADED.value,
        editable=False,
    )
    created_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        editable=False,
        related_name="account_imports",
        verbose_name=_("uploaded by"),
    )
    created_at = models.DateTimeField(_("uploaded"), db_default=Now(), editable=False)
    asked_by = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    """In whose name a worker goes on, and so with whose rights."""
    day = models.DateField(_("day of the import"), null=True, editable=False)
    """Where whoever asked for it is; new accounts are customers since then unless told."""
    language = models.CharField(max_length=20, blank=True, editable=False)
    """Of whoever asked for it: problems are told in it."""
    rows = models.PositiveIntegerField(_("rows"), null=True, editable=False)
    new_rows = models.PositiveIntegerField(_("new accounts"), null=True, editable=False)
    changed_rows = models.PositiveIntegerField(_("changed accounts"), null=True, editable=False)
    unchanged_rows = models.PositiveIntegerField(_("unchanged accounts"), null=True, editable=False)
    left_out_rows = models.PositiveIntegerField(_("rows left out"), null=True, editable=False)
    bad_rows = models.PositiveIntegerField(_("bad rows"), null=True, editable=False)
    additions = models.JSONField(_("what comes with it"), default=dict, editable=False)
    """The codes of markets to adopt and the addresses of members to prepare."""
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)
    lease_token = models.BigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    """How often a worker began; a lease may run out in a queue before one does."""

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("import of accounts")
        verbose_name_plural = _("imports of accounts")
        indexes = [
            models.Index(
                fields=["organization", "created_at", "id"], name="accounts_import_latest"
            ),
            # Read by the sweep only, for all organizations at once.
            models.Index(
                fields=["leased_until"],
                name="accounts_import_running",
                condition=Q(status__in=[status.value for status in RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        """Whether a worker has it, or will."""
        return self.status in RUNNING

    @property
    def is_clean(self) -> bool:
        """Whether it was checked and no row is bad."""
        return self.bad_rows == 0

    @property
    def can_be_applied(self) -> bool:
        """Whether it was checked, and is clean or its good rows are enough."""
        good_rows_only = bool(self.options.get("good_rows_only"))
        return self.status == ImportStatus.CHECKED and (self.is_clean or good_rows_only)

    @property
    def written_rows(self) -> int:
        """How many accounts it adds or changes."""
        return (self.new_rows or 0) + (self.changed_rows or 0)


class ImportProblem(TenantModel):
    """A value that cannot be taken, with the row that a spreadsheet shows, and why."""

    account_import = TenantForeignKey(
        AccountImport,
        models.CASCADE,
        related_name="problems",
        indexed=False,
        verbose_name=_("import"),
    )
    number = models.PositiveIntegerField(_("number"))
    """Counts the problems of an import, by row and column."""
    row = models.PositiveIntegerField(_("row"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=500)

    class Meta(TenantModel.Meta):
        verbose_name = _("problem of an import")
        verbose_name_plural = _("problems of an import")
        ordering = ["number"]
        indexes = [
            models.Index(
                fields=["organization", "account_import", "number", "id"],
                name="accounts_problem_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.column}: {self.reason}"
