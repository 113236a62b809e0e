"""Which of the two database roles does what."""

from typing import Any


class OwnerMigrates:
    """Migrations run as ``owner``; everything else as ``app``."""

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool:
        """Return whether ``db`` may change the schema."""
        return db == "owner"
