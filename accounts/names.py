"""Names of accounts, made comparable for search. Pure."""

from toolkit.texts import search_form

__all__ = ["prefix_range", "search_form"]


def prefix_range(text: str) -> tuple[str, str]:
    """Return the half-open range of search forms that begin with ``text``.

    For a column in C collation, where an index finds a range but not a pattern.
    """
    start = search_form(text)
    return start, start + "\U0010ffff"
