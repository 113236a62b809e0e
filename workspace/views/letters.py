"""The way out at the end of a letter to a member."""

from contextlib import AbstractContextManager
from typing import Any

from engagement import services
from engagement.choices import LetterKind
from tenants.context import acting_for
from tenants.models import Organization
from workspace.views.outside import WayOutView


class LettersWayOutView(WayOutView):
    """Lets a member say that she wants no more letters of a kind."""

    kind, template = "letters", "page"
    not_ours = services.NoSuchLetters
    way_out: services.WayOut

    def open(self, token: str) -> AbstractContextManager[None]:
        """Act as the member whom the letter was for."""
        self.way_out = services.WayOut.read(token)
        return acting_for(
            self.way_out.organization_id, membership_id=self.way_out.membership_id, door="page"
        )

    def switch(self, *, wanted: bool) -> None:
        """Keep what she wants."""
        services.switch_letters(self.way_out, wanted=wanted)

    def about(self) -> dict[str, Any]:
        """Return which letters, and of whom."""
        return {
            "kind": LetterKind(self.way_out.kind).label,
            "organization": Organization.objects.get(pk=self.way_out.organization_id),
        }
