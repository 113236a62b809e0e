"""Forms that know of refusals and versions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenants.admin.history import HistoryLine, changes_since
from tenants.audit_trail import last_change
from toolkit.errors import DomainError, InvalidInput
from toolkit.forms import VersionField
from toolkit.storage import StaleVersion

ModelT = TypeVar("ModelT", bound=models.Model)

Errors = Mapping[str | None, list[str]]


class Refused(Exception):
    """A service said no to what the form with ``prefix`` holds."""

    def __init__(self, errors: Errors, prefix: str | None) -> None:
        self.errors = errors
        self.prefix = prefix
        super().__init__(errors)

    @property
    def text(self) -> str:
        """Return all of it, for people."""
        said = (message for messages in self.errors.values() for message in messages)
        return " ".join(said) or str(self.__cause__)


@contextmanager
def refusals(prefix: str | None = None) -> Iterator[None]:
    """Turn whatever a service may answer into ``Refused``."""
    try:
        yield
    except StaleVersion as error:
        # The form itself says who was faster: it looks again at what is stored.
        raise Refused({}, prefix) from error
    except InvalidInput as error:
        raise Refused({name: [said] for name, said in error.errors.items()}, prefix) from error
    except DomainError as error:
        raise Refused({None: [str(error)]}, prefix) from error
    except ValidationError as error:
        raise Refused(_by_field(error), prefix) from error
    except IntegrityError as error:
        raise Refused(
            {None: [_("Other data depends on this, or just changed.")]}, prefix
        ) from error


def _by_field(error: ValidationError) -> Errors:
    if hasattr(error, "error_dict"):
        return {name: messages for name, messages in error.message_dict.items()}
    return {None: error.messages}


class TenantForm(forms.ModelForm[ModelT]):
    """Shows what a service refused, beside the fields that it named."""

    refused: ClassVar[Refused | None] = None

    def clean(self) -> dict[str, Any] | None:
        """Add the refusal of the attempt to save."""
        cleaned = super().clean()
        if self.refused and self.refused.prefix == self.prefix:
            for name, messages in self.refused.errors.items():
                for message in messages:
                    self.add_error(name if name in self.fields else None, message)
        return cleaned


class VersionedForm(TenantForm[ModelT]):
    """Remembers the version it was opened with, and tells who saved another one since."""

    version = VersionField(required=False)
    meanwhile: Sequence[HistoryLine] = ()
    """What others changed after the form was opened."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = getattr(self.instance, "version", None)

    def clean(self) -> dict[str, Any] | None:
        """Compare what is stored with what was opened."""
        cleaned = super().clean()
        if self.is_stale():
            self.add_error(None, self.stale_message())
            self.meanwhile = changes_since(self.instance, self.cleaned_data["version"] or 0)
        return cleaned

    def is_stale(self) -> bool:
        """Return whether somebody saved what the form shows after it was opened."""
        seen = self.cleaned_data.get("version")
        return not self.instance._state.adding and seen != self.initial["version"]

    def stale_message(self) -> str:
        """Return who saved what the form shows after it was opened, and what one can do now."""
        change = last_change(self.instance)
        if change is None:
            return str(StaleVersion())
        who, at = change
        return _(
            "%(who)s changed this on %(when)s, after you opened it. What you typed is kept: "
            "compare, then save again to replace that change."
        ) % {"who": who, "when": date_format(at, "DATETIME_FORMAT")}
