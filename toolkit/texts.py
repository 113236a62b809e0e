"""Texts, made comparable in any script. Pure."""

import unicodedata


def search_form(text: str) -> str:
    """Return ``text`` as search compares it: no accents, no case, single spaces.

    Source: Unicode Standard Annex 15 (normalization), case folding of section 3.13.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", plain).split())
