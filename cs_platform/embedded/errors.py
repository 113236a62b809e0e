"""What people are told when the platform cannot start."""

import gettext
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Django's catalogue through the standard library: the settings have not been read yet.
_ = gettext.translation("django", ROOT / "locale", fallback=True).gettext


class StartError(Exception):
    """The platform cannot start; the message says why and what to do."""
