"""The placeholders of message templates. Pure.

A template is text with names in braces: ``{contact_name}``; a brace itself is written twice.
"""

from functools import lru_cache
from string import Formatter

PLACEHOLDERS = (
    "contact_name",
    "account_name",
    "csm_name",
    "company_name",
    "market_name",
    "date",
    "step_outcome",
)


class BadTemplate(ValueError):
    """The braces of a template do not close, or hold more than a name."""


def placeholders_in(template: str) -> list[str]:
    """Return the names that a template asks for, in their order, each once.

    :raises BadTemplate: for braces that do not close, or that hold more than a name.
    """
    return list(_names_in(template))


@lru_cache(maxsize=1024)
def _names_in(template: str) -> tuple[str, ...]:
    """Return the same; many markets send the same words."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise BadTemplate(str(error)) from None
    names: dict[str, None] = {}
    for _text, name, spec, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise BadTemplate(name)
        names[name] = None
    return tuple(names)


def filled_in(template: str, values: dict[str, str]) -> str:
    """Return a template with its placeholders filled in; one without a value stays as it is.

    :raises BadTemplate: for a template that cannot be read.
    """
    placeholders_in(template)
    filled = []
    for text, name, _spec, _conversion in Formatter().parse(template):
        filled.append(text)
        if name is not None:
            filled.append(values.get(name, f"{{{name}}}"))
    return "".join(filled)
