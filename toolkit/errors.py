"""What a service raises when it refuses."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A refused action. Its text is for people; its class name is the code in the API.

    ``extensions`` are members that its answer has beside them, such as a list of findings.
    """

    extensions: Mapping[str, object] = MappingProxyType({})

    @property
    def code(self) -> str:
        """Return the reason's name."""
        return type(self).__name__


class InvalidInput(DomainError):
    """Values that a service cannot take, each named by its field; answered like a bad form."""

    def __init__(self, errors: Mapping[str, object]) -> None:
        self.errors = {field: str(message) for field, message in errors.items()}
        super().__init__("; ".join(self.errors.values()))


def require_reason(reason: str) -> None:
    """Check that somebody said why.

    :raises InvalidInput: if nothing was said.
    """
    if not reason.strip():
        raise InvalidInput({"reason": _("Say why, so that others understand it.")})
