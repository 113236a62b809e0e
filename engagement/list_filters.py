"""What a list of tasks can be filtered and divided by, as it is kept under a name. Pure."""

from collections.abc import Mapping

FILTERS = ("show", "q", "market", "tier", "channel", "owner", "by")
"""The filters of Today, in the order of its address."""
NOBODY = "nobody"
"""The owner of what nobody owns."""


def kept_filters(given: Mapping[str, object]) -> dict[str, str]:
    """Return the filters that say something, as text, in one order.

    :raises KeyError: for the first that does not exist.
    """
    unknown = [name for name in given if name not in FILTERS]
    if unknown:
        raise KeyError(unknown[0])
    said = {name: str(given.get(name) or "").strip() for name in FILTERS}
    return {name: value for name, value in said.items() if value}
