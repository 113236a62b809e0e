"""Accounts from files and into files: one service behind the page, the API and the command."""

from accounts.imports.columns import COLUMNS, Column, Field
from accounts.imports.exports import accounts_file, problems_file, template_file
from accounts.imports.options import ImportOptions
from accounts.imports.progress import Progress, progress_of
from accounts.imports.proposal import Proposal
from accounts.imports.services import (
    ImportBusy,
    ImportNotChecked,
    ImportNotClean,
    ImportOver,
    apply,
    cancel,
    check,
    configure,
    options_of,
    propose,
    run_now,
    take_good_rows,
    upload,
)

__all__ = [
    "COLUMNS",
    "Column",
    "Field",
    "ImportBusy",
    "ImportNotChecked",
    "ImportNotClean",
    "ImportOptions",
    "ImportOver",
    "Progress",
    "Proposal",
    "accounts_file",
    "apply",
    "cancel",
    "check",
    "configure",
    "options_of",
    "progress_of",
    "propose",
    "problems_file",
    "run_now",
    "take_good_rows",
    "template_file",
    "upload",
]
