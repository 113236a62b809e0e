"""What waits to be sent, and what became of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbox.choices import DeliveryStatus, EndpointKind
from outbox.querysets import LetterQuerySet, WebhookDeliveryQuerySet, WebhookEndpointQuerySet
from tenants.fields import TenantForeignKey
from tenants.models import TenantModel, VersionedTenantModel
from tenants.querysets import TenantManager

LetterManager = TenantManager.from_queryset(LetterQuerySet)
WebhookEndpointManager = TenantManager.from_queryset(WebhookEndpointQuerySet)
WebhookDeliveryManager = TenantManager.from_queryset(WebhookDeliveryQuerySet)


class Letter(TenantModel):
    """A mail to one person, written in the transaction of what caused it.

    It is sent at least once, each time with the same Message-ID. What holds a secret loses its
    body when nobody will send it any more.
    """

    to = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    language = models.CharField(_("language"), max_length=20)
    has_secret = models.BooleanField(_("holds a secret"), default=False)
    unsubscribe = models.URLField(
        _("where its reader says that she wants no more of them"), max_length=500, blank=True
    )
    reply_to = models.EmailField(
        _("answers go to"), blank=True, default="", db_default="", editable=False
    )
    created_at = models.DateTimeField(_("written"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("to be sent at"), db_default=Now(), editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    lease_token = models.BigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    parked_at = models.DateTimeField(_("given up"), null=True, editable=False)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)

    objects = LetterManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(TenantModel.Meta):
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        indexes = [
            # Read by the sweep and the readiness probe, for all organizations at once.
            models.Index(
                fields=["due_at"],
                name="outbox_letter_waiting",
                condition=models.Q(sent_at=None, parked_at=None),
            ),
            # What became of the letters to a person, the newest last.
            models.Index(fields=["organization", "to", "id"], name="outbox_letter_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"


class WebhookEndpoint(VersionedTenantModel):
    """An address of a program that is told what happens, in signed messages; or of a chat.

    The secrets are needed for each signature, so they are stored; they are shown once. Of a chat
    the address itself is the secret, and ``url`` only says whose it is: what is posted there is
    not signed.
    """

    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=EndpointKind.choices,
        default=EndpointKind.PROGRAM.value,
        editable=False,
    )
    url = models.URLField(
        _("address"),
        max_length=500,
        help_text=_("Where messages are posted: https, and on the public internet."),
    )
    description = models.CharField(
        _("description"), max_length=200, blank=True, help_text=_("Which program listens there.")
    )
    event_types = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("events"),
        default=list,
        blank=True,
        help_text=_("What it is told of; with nothing chosen, of everything."),
    )
    is_active = models.BooleanField(
        _("is active"),
        default=True,
        help_text=_("What happens while it is not is not told later."),
    )
    secret = models.CharField(max_length=500, editable=False)
    old_secret = models.CharField(max_length=60, blank=True, editable=False)
    old_secret_until = models.DateTimeField(
        _("the secret of before signs until"), null=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    disabled_at = models.DateTimeField(_("switched off by us"), null=True, editable=False)
    disabled_because = models.CharField(
        _("why we switched it off"), max_length=200, blank=True, editable=False
    )
    removed_at = models.DateTimeField(null=True, editable=False)
    # How often in a row it did not answer, and until when it is left alone for it.
    silences = models.PositiveIntegerField(default=0, editable=False)
    silent_until = models.DateTimeField(null=True, editable=False)

    objects = WebhookEndpointManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.description or self.url

    @property
    def is_chat(self) -> bool:
        """Whether people read there."""
        return self.kind != EndpointKind.PROGRAM

    @property
    def target(self) -> str:
        """Where messages are posted."""
        return self.secret if self.is_chat else self.url


class WebhookDelivery(VersionedTenantModel):
    """A message to one endpoint, written in the transaction of what it tells.

    It is sent at least once, each time with the same message id.
    """

    endpoint = TenantForeignKey(
        WebhookEndpoint,
        models.PROTECT,
        related_name="deliveries",
        editable=False,
        verbose_name=_("endpoint"),
    )
    message_id = models.CharField(
        _("message"),
        max_length=40,
        editable=False,
        help_text=_("The same for every attempt, and for every endpoint that is told."),
    )
    event_type = models.CharField(_("event"), max_length=50, editable=False)
    payload = models.JSONField(_("what it tells"), editable=False)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=DeliveryStatus.choices,
        default=DeliveryStatus.QUEUED,
        editable=False,
    )
    created_at = models.DateTimeField(_("happened"), db_default=Now(), editable=False)
    due_at = models.DateTimeField(_("next attempt"), db_default=Now(), editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    lease_token = models.BigIntegerField(default=0, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(_("delivered or given up"), null=True, editable=False)
    answer = models.PositiveSmallIntegerField(_("last status"), null=True, editable=False)
    failure = models.CharField(_("why it failed"), max_length=500, blank=True, editable=False)
    milliseconds = models.PositiveIntegerField(_("took (ms)"), null=True, editable=False)

    objects = WebhookDeliveryManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            # Read by the sweep, for all organizations at once.
            models.Index(
                fields=["due_at"],
                name="outbox_delivery_waiting",
                condition=models.Q(status=DeliveryStatus.QUEUED),
            ),
            # The next ones of an endpoint.
            models.Index(
                fields=["organization", "endpoint", "due_at"],
                name="outbox_delivery_next",
                condition=models.Q(status=DeliveryStatus.QUEUED),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} ({self.message_id})"
