"""Organizations and the people in them."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tenants.choices import Role, Scope
from tenants.fields import TenantForeignKey
from tenants.models.base import VersionedTenantModel
from tenants.querysets import MembershipQuerySet, TenantManager
from toolkit.uuid7 import uuid7

MembershipManager = TenantManager.from_queryset(MembershipQuerySet)


class Organization(models.Model):
    """A company that uses the platform; invisible to every other."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with this address."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in, by e-mail; what she may do follows from her memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("There is a user with this address.")},
    )
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(
        _("language"), max_length=20, default="en", help_text=_("The language of the pages.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    session_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Sessions of an earlier epoch are over.")
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="tenants_user_email_in_lower_case",
                violation_error_message=_("Write the address in lower case."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """Return the name as the person writes it."""
        return self.name

    def get_short_name(self) -> str:
        """Return the name as the person writes it."""
        return self.name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Return what a session must know to last: it changes with password and epoch.

        Django asks for it here with today's secret and with retired ones.
        """
        known = f"{self.password}{self.session_epoch}"
        salt = "tenants.models.User.session"
        return salted_hmac(salt, known, secret=secret, algorithm="sha256").hexdigest()


class Membership(VersionedTenantModel):
    """A person in an organization, with a role. Everything that names a person points here.

    She has a name and an address of her own here: an organization learns nothing of what she is
    called elsewhere. Without a user she has not joined yet; she may own accounts all the same.
    """

    user = TenantForeignKey(
        User,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="memberships",
        verbose_name=_("user"),
    )
    email = models.EmailField(
        _("e-mail"),
        help_text=_("Where invitations go, and how she is named in imports; in lower case."),
    )
    name = models.CharField(_("name"), max_length=200, help_text=_("As the person writes it."))
    role = models.CharField(
        _("role"),
        max_length=20,
        choices=Role.choices,
        help_text=_(
            "What she may do: an admin all, a leader all but members and keys, a regional manager "
            "where she works, a CSM accounts and tasks, an analyst reads."
        ),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive member cannot sign in here.")
    )
    settled_in_at = models.DateTimeField(
        _("settled in"),
        null=True,
        editable=False,
        help_text=_("When she first acted on a task, or put the welcome away."),
    )

    objects = MembershipManager()  # type: ignore[misc]  # it narrows that of the base

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            *VersionedTenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "email"],
                name="tenants_membership_email",
                violation_error_message=_("There is a member with this address."),
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="tenants_membership_email_in_lower_case",
                violation_error_message=_("Write the address in lower case."),
            ),
            models.UniqueConstraint(
                fields=["organization", "user"],
                name="tenants_membership_once",
                violation_error_message=_("This person is a member already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_joined(self) -> bool:
        """Whether she has accepted an invitation, once."""
        return self.user_id is not None


class ApiKey(VersionedTenantModel):
    """A key with which a program acts as a member. Only its hash is stored."""

    membership = TenantForeignKey(
        Membership,
        models.CASCADE,
        related_name="api_keys",
        verbose_name=_("member"),
        help_text=_("The program may do what this member may do, and the history names her."),
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses this key."))
    scope = models.CharField(
        _("scope"),
        max_length=10,
        choices=Scope.choices,
        help_text=_("A reading key changes nothing, whatever the member may do."),
    )
    prefix = models.CharField(
        _("begins with"), max_length=12, editable=False, help_text=_("To recognize the key.")
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(
        _("expires"),
        null=True,
        blank=True,
        help_text=_(
            "From then on the key is refused; empty: it is valid until somebody revokes it."
        ),
    )
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta(VersionedTenantModel.Meta):
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
