"""What people ask for before anybody knows who they are."""

from django.db import models
from django.db.models.functions import Now

from toolkit.uuid7 import uuid7


class PasswordRequest(models.Model):
    """An address for which a new password was asked, until a worker has looked whose it is.

    It belongs to no organization: whether anybody has the address is not looked up while the
    asker waits, so that the time of the answer cannot tell.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    asked_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return f"{self.email} {self.pk}"
