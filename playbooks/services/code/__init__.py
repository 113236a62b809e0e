"""Playbooks as code: files read, checked, compared with what is there, written and imported."""

from playbooks.services.code.checking import PlacedFinding, check_file
from playbooks.services.code.differences import FileDifference, diff_file
from playbooks.services.code.exporting import Exported, export_file, export_playbooks
from playbooks.services.code.importing import (
    Imported,
    ImportReport,
    Outcome,
    What,
    import_file,
    read_file,
)

__all__ = [
    "Exported",
    "FileDifference",
    "ImportReport",
    "Imported",
    "Outcome",
    "PlacedFinding",
    "What",
    "check_file",
    "diff_file",
    "export_file",
    "export_playbooks",
    "import_file",
    "read_file",
]
