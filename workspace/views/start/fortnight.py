"""The coming fortnight: as it would be after the start, or as it is."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from engagement.fortnight import Fortnight, Moved, read_fortnight
from engagement.services import foresee_start
from regions.models import Market
from toolkit.errors import DomainError
from workspace import explanations
from workspace.steps import Checklist
from workspace.views.start.base import StepView

MOST_MOVED = 30


@dataclass(frozen=True, slots=True)
class MovedSight:
    """Check-ins that move for the same reasons, in words."""

    moved: Moved
    why: list[str]


class FortnightView(StepView):
    """Shows who has how much to do on which day, and what moves."""

    step, template = "preview", "fortnight"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Plan for real, look, and take it back; where all is open, only look."""
        checklist = Checklist()
        waiting = [each for each in checklist.preparing if checklist.accounts_by_market[each.pk]]
        try:
            fortnight = self._read(checklist, waiting)
        except DomainError as error:
            return self.page(refused=str(error), status=409)
        return self.page(
            fortnight=fortnight,
            waiting=waiting,
            checklist=checklist,
            moved=[
                MovedSight(each, explanations.why_moved(each.moves))
                for each in fortnight.moved[:MOST_MOVED]
            ],
            more_moved=max(0, len(fortnight.moved) - MOST_MOVED),
        )

    def _read(self, checklist: Checklist, waiting: list[Market]) -> Fortnight:
        if waiting:
            return foresee_start(markets=waiting, now=self.now)
        return read_fortnight(now=self.now)
