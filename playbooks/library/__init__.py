"""The playbooks that ship with the product, each a file in the format of ``playbooks.code``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from playbooks.code.document import PlaybookCode
from playbooks.code.reading import read

FOLDER = Path(__file__).parent


@cache
def shipped_playbooks() -> Mapping[str, PlaybookCode]:
    """Return the shipped playbooks by their key, in its order."""
    read_files = [read(path.read_bytes()).document for path in FOLDER.glob("*.yaml")]
    found = {code.key: code for document in read_files for code in document.playbooks or ()}
    return MappingProxyType(dict(sorted(found.items())))
