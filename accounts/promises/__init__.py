"""Promises: what a customer was told, by when, and whether it was kept."""

from accounts.promises.services import (
    SETTLED_SHOWN,
    UNDO_WITHIN,
    AlreadySettled,
    NothingToReopen,
    break_promise,
    first_day_for,
    keep_promise,
    make_promise,
    renegotiate_promise,
    reopen_promise,
    save_promise,
)

__all__ = [
    "SETTLED_SHOWN",
    "UNDO_WITHIN",
    "AlreadySettled",
    "NothingToReopen",
    "break_promise",
    "first_day_for",
    "keep_promise",
    "make_promise",
    "renegotiate_promise",
    "reopen_promise",
    "save_promise",
]
