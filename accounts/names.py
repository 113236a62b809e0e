"""Names, made comparable for search in any script. Pure."""

import unicodedata


def search_form(name: str) -> str:
    """Return ``name`` as search compares it: no accents, no case, single spaces.

    Source: Unicode Standard Annex 15 (normalization), case folding of section 3.13.
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def prefix_range(text: str) -> tuple[str, str]:
    """Return the half-open range of search forms that begin with ``text``.

    For a column in C collation, where an index finds a range but not a pattern.
    """
    start = search_form(text)
    return start, start + "\U0010ffff"
